"""When is everything that was sent so far received? Counted, not guessed.

A frame that a host has sent may still lie in a CPU's backlog when close() has returned, and one that
the wire has sent may not have been seen by the host's TCP: on a loaded machine softirqs are put off.
So the kernel's own counters are compared with ours: what the hosts sent (the wire's devices'
rx_packets) with what came out of the rings, and what we sent with each host's InReceives.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tcplab.wire.ring import Ring

_CALM = 2  # agreements in a row: a segment just counted may be in work on the other CPU


class Quiet:
    """Compares the kernel's counters of the hosts and devices with the wire's own."""

    def __init__(self, rings: "list[Ring]", pids: list[int]) -> None:
        self.rings = rings
        self._devices = os.open("/proc/net/dev", os.O_RDONLY)
        self._snmp = [os.open(f"/proc/{pid}/net/snmp", os.O_RDONLY) for pid in pids]
        self._snmp6 = [_opened(f"/proc/{pid}/net/snmp6") for pid in pids]
        self._sent = [[0, 0] for _ in rings]  # by end: IPv4, IPv6
        self._calm = 0
        self._before = [0] * len(rings)
        self._taken = [0] * len(rings)
        self.give_up()

    def sent(self, out: "Ring", frame: bytes) -> None:
        """Count a frame that has gone out by an end."""
        self._sent[out is self.rings[1]][frame[12] == 0x86] += 1

    def start(self) -> None:
        """Begin to look anew, for a new question."""
        self._calm = 0

    def is_so(self, moved: bool) -> bool:
        """Tell whether all has arrived; moved says that the wire itself saw or keeps something."""
        self._calm = 0 if moved or not self._agrees() else self._calm + 1
        return self._calm >= _CALM

    def give_up(self) -> None:
        """Take things as they stand: a host's device was set down, or frames were lost."""
        self._before = [
            came - ring.received for came, ring in zip(self._come(), self.rings, strict=True)
        ]
        self._taken_base = [
            [seen - sent for seen, sent in zip(self._seen(end), self._sent[end], strict=True)]
            for end in range(len(self.rings))
        ]

    def _agrees(self) -> bool:
        for came, before, ring in zip(self._come(), self._before, self.rings, strict=True):
            if came - before > ring.received:
                return False
        for end, sent in enumerate(self._sent):
            if any(s - base < count for s, base, count in zip(self._seen(end), self._taken_base[end], sent, strict=True)):
                return False
        return True

    def _come(self) -> list[int]:
        """Return for each end how many frames its host has sent, by the device's counters."""
        text = os.pread(self._devices, 8192, 0)
        return [int(text.split(ring.device.encode() + b":", 1)[1].split(None, 2)[1]) for ring in self.rings]

    def _seen(self, end: int) -> list[int]:
        """Return how many IPv4 and IPv6 packets a host's stack has received."""
        four = int(os.pread(self._snmp[end], 4096, 0).split(b"\n", 2)[1].split(None, 4)[3])
        if self._snmp6[end] < 0 or not self._sent[end][1]:
            return [four, 0]
        return [four, int(os.pread(self._snmp6[end], 64, 0).split(None, 2)[1])]


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return -1  # a machine without IPv6
