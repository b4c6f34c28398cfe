"""When is everything that was sent so far received? Counted, not guessed.

A frame that a host has sent may still lie in a CPU's backlog when close() has returned, and one that
the wire has sent may not have been seen by the host's TCP: on a loaded machine softirqs are put off.
So the kernel's own counters are compared with ours: what the hosts sent (rx_packets of the wire's
devices) with what came out of the ring, and what each host's devices were given (rx_packets of all
of them: what another wire, or the host itself, has sent counts on both sides) with its InReceives.

Where the two differ for good (a host's device is down, a frame was no IP) the difference is learnt,
once it has stood still for a while.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcplab.wire.ring import End, Ring

_CALM = 2  # agreements in a row: a segment just counted may still be in work on the other CPU
_STILL_NS = 20_000_000


class Quiet:
    """Compares the kernel's counters of devices and hosts with the wire's own."""

    def __init__(self, ring: Ring, ends: list[End], pids: list[int]) -> None:
        self._ring = ring
        self._ends = ends
        self._devices = os.open("/proc/net/dev", os.O_RDONLY)
        self._hosts = [(_opened(pid, "snmp"), _opened(pid, "snmp6"), _opened(pid, "dev")) for pid in pids]
        _, *seen = self._gaps()
        self._expected = [0, *seen]  # the ring was there before any frame
        self._last = self._expected
        self._calm = 0
        self._since_ns = 0

    def start(self) -> None:
        """Begin to look anew, for a new question."""
        self._calm = 0
        self._since_ns = time.monotonic_ns()

    def is_so(self, moved: int) -> bool:
        """Tell whether all has arrived; moved counts what the wire itself saw or still delays."""
        if moved:
            self.start()
            return False
        gaps = self._gaps()
        if gaps != self._last:
            self._last = gaps
            self.start()
        self._calm += 1
        if gaps == self._expected:
            return self._calm >= _CALM
        if time.monotonic_ns() - self._since_ns < _STILL_NS:
            return False
        self._expected = gaps
        return True

    def _gaps(self) -> list[int]:
        """Return the kernel's count less ours: of frames that came, then of packets that each host has seen."""
        came = sum(_device(self._devices, end.device.encode()) - end.received for end in self._ends)
        if came > self._ring.lost:
            self._ring.count_lost()
        seen = [_received4(four) + _received6(six) - _given(devices) for four, six, devices in self._hosts]
        return [came - self._ring.lost, *seen]


def _device(file: int, name: bytes) -> int:
    return int(os.pread(file, 8192, 0).split(b"%s:" % name, 1)[1].split(None, 2)[1])  # bytes, packets


def _given(file: int) -> int:
    """Return how many packets all devices of a host were given: a veth counts them when its peer sends."""
    return sum(int(line.split(b":", 1)[1].split(None, 2)[1]) for line in os.pread(file, 8192, 0).splitlines()[2:])


def _received4(file: int) -> int:
    return int(os.pread(file, 4096, 0).split(b"\n", 2)[1].split(None, 4)[3])  # Ip: Forwarding DefaultTTL InReceives


def _received6(file: int) -> int:
    return int(os.pread(file, 64, 0).split(None, 2)[1]) if file >= 0 else 0


def _opened(pid: int, name: str) -> int:
    try:
        return os.open(f"/proc/{pid}/net/{name}", os.O_RDONLY)
    except FileNotFoundError:
        return -1  # a machine without IPv6
