"""When is everything that was sent so far received? Counted, not guessed.

A frame that a host has sent may still lie in a CPU's backlog when close() has returned, and one that
the wire has sent may not have been seen by the host's TCP: on a loaded machine softirqs are put off.
So the kernel's own counters are compared with ours: what the hosts sent (rx_packets of the wire's
devices) with what came out of the ring, and what we sent with each host's InReceives.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcplab.wire.ring import End

_CALM = 2  # agreements in a row: a segment just counted may still be in work on the other CPU


class Quiet:
    """Compares the kernel's counters of devices and hosts with the wire's own."""

    def __init__(self, ends: list[End], pids: list[int]) -> None:
        self._ends = ends
        self._devices = os.open("/proc/net/dev", os.O_RDONLY)
        self._snmp = [os.open(f"/proc/{pid}/net/snmp", os.O_RDONLY) for pid in pids]
        self._snmp6 = [_opened(f"/proc/{pid}/net/snmp6") for pid in pids]
        self._calm = 0
        self.give_up()

    def start(self) -> None:
        """Begin to look anew, for a new question."""
        self._calm = 0

    def is_so(self, moved: int) -> bool:
        """Tell whether all has arrived; moved counts what the wire itself saw or still delays."""
        self._calm = 0 if moved or self._behind() else self._calm + 1
        return self._calm >= _CALM

    def give_up(self) -> None:
        """Take things as they stand: a host's device is down, or frames were lost."""
        self._offsets = [kernels - ours for kernels, ours in self._pairs()]

    def _behind(self) -> bool:
        """Tell whether the hosts have sent more than we saw, or have seen less than we sent."""
        gaps = [kernels - ours - offset for (kernels, ours), offset in zip(self._pairs(), self._offsets, strict=True)]
        came, seen = gaps[: len(self._ends)], gaps[len(self._ends) :]
        return any(gap > 0 for gap in came) or any(gap < 0 for gap in seen)

    def _pairs(self) -> list[tuple[int, int]]:
        """Return (the kernel's count, ours): frames that came by each end, then packets each host has seen."""
        text = os.pread(self._devices, 8192, 0)
        came = [
            (int(text.split(b"%s:" % end.device.encode(), 1)[1].split(None, 2)[1]), end.received) for end in self._ends
        ]
        four = [(_received4(file), end.sent4) for file, end in zip(self._snmp, self._ends, strict=True)]
        six = [(_received6(file), end.sent6) for file, end in zip(self._snmp6, self._ends, strict=True)]
        return came + four + six


def _received4(file: int) -> int:
    return int(os.pread(file, 4096, 0).split(b"\n", 2)[1].split(None, 4)[3])  # Ip: Forwarding DefaultTTL InReceives


def _received6(file: int) -> int:
    return int(os.pread(file, 64, 0).split(None, 2)[1]) if file >= 0 else 0


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return -1  # a machine without IPv6
