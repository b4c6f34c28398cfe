"""What the port map draws, looked at and packed inside the host, some forty times a second.

A program of its own: the notebook's kernel is left to compute, and forwards the frames unread. Its standard input are
notes (`note()`): ports that somebody has pointed at, and connect()s that were timed. Its standard output are frames,
each behind its length. It ends with its input.
"""

import errno
import os
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path
from struct import Struct
from typing import Any

from tcplab.model.ports import REMEMBERED, Ports, Timed, packed
from tcplab.observe import sock_diag
from tcplab.observe.ports import RANGE_FILE, Table, columns, port_range, seen, table
from tcplab.world import libc

BOOT = "import sys; sys.path[:0] = [sys.argv.pop()]; from tcplab.observe.port_sampler import main; main()"
PACKAGE_PARENT = str(Path(__file__).parents[2])

FRAME = Struct("=I")
_NOTE = Struct("=cH")
_RECORD = Struct("=HxxI")
CHOSEN, SEARCHED, LEFT_ONE = b"C", b"S", b"O"
_PORT = Struct("=H")

_PERIOD_S, _IDLE_PERIOD_S = 1 / 45, 0.1
_IDLE_AFTER_S = 0.5
_SHARE = 0.8 if len(os.sched_getaffinity(0)) > 1 else 0.5
"""Of a core, at most: a slow machine sees fewer frames, and not fewer connections."""
_OTHER_FAMILY_S = 0.5
_CHOSEN_FOR_S = 3.0
_SHOWN = 6
_DOTS = 4


def note(kind: bytes, data: bytes) -> bytes:
    """Write what the sampler is to know: a port (CHOSEN), or records of lockstep.py (SEARCHED, LEFT_ONE)."""
    return _NOTE.pack(kind, len(data)) + data


def port_note(port: int) -> bytes:
    """Write that somebody points at a port."""
    return note(CHOSEN, _PORT.pack(port))


class Times:
    """The connect()s that were timed, as far as the picture needs them."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=REMEMBERED)
        self._new: list[float] = []
        self._count = 0
        self._searching = True
        self._refused: str | None = None

    def hear(self, records: bytes, *, searching: bool) -> None:
        """Take records of a local port and nanoseconds; port 0 is a refusal, 0 ns a port that was in use already."""
        heard = [(port, number) for port, number in _RECORD.iter_unpack(records) if port == 0 or number]
        took = [number / 1000 for port, number in heard if port]
        self._refused = None
        if len(heard) > 1 and heard[-1][0] == 0:  # the errno, and the time that it took to refuse
            self._refused = errno.errorcode.get(heard[-2][1], str(heard[-2][1]))
        self._searching = searching
        self._count += len(took)
        self._last.extend(took)
        self._new.extend(took)

    def now(self) -> Timed:
        """What is known by now."""
        return Timed(tuple(self._last), self._count, self._searching, self._refused)

    def dots(self) -> list[float]:
        """A few of those since the last time, evenly."""
        new, self._new = self._new, []
        return new[:: max(1, ceil(len(new) / _DOTS))]


class Sampler:
    """Looks, packs and writes, as quickly as its share of a core allows."""

    def __init__(self, link: socket.socket, notes: int, frames: int) -> None:
        self._link, self._notes, self._frames = link, notes, frames
        self._times = Times()
        self._chosen: dict[int, float] = {}
        self._heard = b""
        self._unsent = b""
        self._told: tuple[Any, ...] = ()
        self._other: Table = {}
        self._other_at = 0.0
        self._moved_at = 0.0
        self._codes = b""

    def run(self) -> None:
        """Go on until the input ends."""
        due = time.monotonic()
        while self._listen(due):
            began, worked = time.monotonic(), time.thread_time()
            self._tell(*self._look(began))
            cost_s = time.thread_time() - worked
            idle = began - self._moved_at > _IDLE_AFTER_S
            due = began + max(_IDLE_PERIOD_S if idle else _PERIOD_S, cost_s / _SHARE)

    def _listen(self, until: float) -> bool:
        """Read notes until it is time for the next look; False at the end of the input."""
        while True:
            left_s = until - time.monotonic()
            if select.select([self._notes], [], [], max(0.0, left_s))[0]:
                if not (piece := os.read(self._notes, 1 << 16)):
                    return False
                self._heed(piece)
            elif left_s <= 0:
                return True

    def _heed(self, piece: bytes) -> None:
        self._heard += piece
        while len(self._heard) >= _NOTE.size:
            kind, size = _NOTE.unpack_from(self._heard)
            if len(self._heard) < _NOTE.size + size:
                break
            data, self._heard = self._heard[_NOTE.size :][:size], self._heard[_NOTE.size + size :]
            if kind == CHOSEN:
                self._chosen[_PORT.unpack(data)[0]] = time.monotonic() + _CHOSEN_FOR_S
            else:
                self._times.hear(data, searching=kind == SEARCHED)

    def _look(self, now: float) -> tuple[Ports, dict[int, list[dict[str, Any]]]]:
        if now - self._other_at > _OTHER_FAMILY_S:  # seldom: going through the table costs more than what is in it
            self._other, self._other_at = table(self._link, socket.AF_INET6), now
        tables = table(self._link, socket.AF_INET), self._other
        ports = seen(*port_range(Path(RANGE_FILE).read_text(encoding="ascii")), *tables)
        self._chosen = {port: until for port, until in self._chosen.items() if until > now}
        return ports, {port: list(_sockets(port, *tables)) for port in self._chosen}

    def _tell(self, ports: Ports, chosen: dict[int, list[dict[str, Any]]]) -> None:
        if self._codes != ports.codes:
            self._codes, self._moved_at = ports.codes, time.monotonic()
        timed = self._times.now()
        news = ports.lowest, ports.highest, ports.codes, ports.lead, timed, chosen
        if news != self._told and not self._unsent:
            self._told = news
            frame = packed(ports, timed, new_us=self._times.dots(), chosen=chosen)
            self._unsent = FRAME.pack(len(frame)) + frame
        if self._unsent:
            with suppress(BlockingIOError):  # the reader is busy; what is new by then will be packed then
                self._unsent = self._unsent[os.write(self._frames, self._unsent) :]


def _sockets(port: int, *tables: Table) -> Iterator[dict[str, Any]]:
    """The sockets that have a port, as the call-out shows them."""
    shown = 0
    for part in columns(*tables):
        for at in (part.port == port).nonzero()[0]:
            shown += 1
            if shown > _SHOWN:
                continue
            found = sock_diag.connection(part.rows[at * part.stride :][: sock_diag.ROW_BYTES])
            left = ceil(found.timer_s) if found.timer == "timewait" and found.timer_s is not None else None
            yield {"local": str(found.local), "peer": str(found.peer), "state": found.state.name, "left_s": left}
    if shown > _SHOWN:
        yield {"more": shown - _SHOWN}


def main() -> None:
    """Sample the host that this process stands in."""
    os.set_blocking(1, False)
    libc.short_slices()
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG)
    with link:
        try:
            Sampler(link, 0, 1).run()
        except BrokenPipeError:
            sys.exit(0)  # nobody watches any more
