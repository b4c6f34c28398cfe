"""Which TIME_WAITs a host has got since an earlier look, among thousands that it had already."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from tcplab.model.state import TcpState
from tcplab.observe.place import Place
from tcplab.observe.sockets import sockets

_TICKS_MS = 25  # two ticks of the slowest kernel's clock, and a little


@dataclass(frozen=True, slots=True)
class TimeWaits:
    """The TIME_WAITs of a host at one moment: their clocks (ms left) by endpoints, and when that was (s)."""

    clocks_ms: Mapping[bytes, int]
    begun_s: float
    done_s: float

    def new_since(self, before: "TimeWaits") -> int:
        """Count those that were not there before, or whose clock has been started again since.

        >>> before = TimeWaits({b"a": 50_000, b"b": 40_000}, 0.0, 0.1)
        >>> TimeWaits({b"a": 48_950, b"b": 59_900, b"c": 59_000}, 1.1, 1.2).new_since(before)
        2
        """
        at_least_ms = (self.begun_s - before.done_s) * 1000 - _TICKS_MS
        return sum(
            endpoints not in before.clocks_ms or left_ms > before.clocks_ms[endpoints] - at_least_ms
            for endpoints, left_ms in self.clocks_ms.items()
        )


def time_waits(host: Place) -> TimeWaits:
    """Look at the clocks of a host's TIME_WAITs."""
    begun_s = time.monotonic()
    clocks_ms = sockets(host, state=TcpState.TIME_WAIT).clocks_ms()
    return TimeWaits(clocks_ms, begun_s, time.monotonic())
