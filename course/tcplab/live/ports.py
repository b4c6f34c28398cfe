"""The port map: every ephemeral port of a host as one cell, while connections take the ports and TIME_WAIT keeps them.

The looking and the packing are done in the host, by a process of its own (observe/port_sampler.py), which runs while
a browser shows the map. The notebook's kernel passes its frames on unread.
"""

import contextlib
import os
import select
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

import traitlets

from tcplab.errors import BadValue, TcplabError, UnexpectedOutput, WorldDown
from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.model.ports import KINDS, REMEMBERED, TIME_WAITS, Timed, packed
from tcplab.observe.port_sampler import BOOT, FRAME, LEFT_ONE, PACKAGE_PARENT, SEARCHED, Times, note, port_note
from tcplab.observe.ports import ports
from tcplab.testbed import Testbed
from tcplab.traffic.connects import How, hear, unhear
from tcplab.traffic.lockstep import RECORD
from tcplab.world.host import Host
from tcplab.world.process import PIPE, Process

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAIT_S = 0.25  # between looks at whether anybody watches
_AT_ONCE = 4096 // RECORD.size * RECORD.size - 4 * RECORD.size  # with its head still one write to a pipe
_REST_S = 1.0
_KEPT = 2 * REMEMBERED * RECORD.size  # refusals are among them


class PortMap(View):
    """The ephemeral ports of one host; see `portmap`."""

    _esm = script("ports.js", "ports_strip.js", "ports_map.js")
    _css = style("ports.css")

    kinds = traitlets.List().tag(sync=True)
    host = traitlets.Unicode().tag(sync=True)
    bed = traitlets.Unicode().tag(sync=True)

    def __init__(self, bed: Testbed, host: str) -> None:
        self._bed = bed
        self._frame: bytes | None = None
        self._records = b""
        self._how: How = "searched"
        self._sampler: Process | None = None
        kinds = [
            {"name": kind.name, "state": kind.state and kind.state.name, "aboveS": kind.above_s}
            | ({"name": f"TIME_WAIT, {kind.name} left"} if code == max(TIME_WAITS) else {})
            for code, kind in enumerate(KINDS)
        ]
        super().__init__(kinds=kinds, host=host, bed=bed.name)
        hear(self._heard)

    def close(self) -> None:
        """Look no more, and listen no more."""
        unhear(self._heard)
        super().close()

    @property
    def _place(self) -> Host:
        return self._bed.hosts[self.host]

    def _again(self) -> None:
        self._bed.again()

    # ---- one look, by the notebook's kernel

    def twin(self) -> str:
        """Look once, and return the counts as text, the lead sentence first."""
        self.look()
        said: str = self.trouble.get("says", "")
        return f"{said}\n{self.words}".strip() if said else str(self.words)

    def _look(self) -> None:
        found, timed = ports(self._place), self._timed()
        self.trouble = {}
        self.lead, self.words = found.lead, found.words(timed)
        self._frame = packed(found, timed)

    def _timed(self) -> Timed:
        times = Times()
        times.hear(self._records, searching=self._how == "searched")
        return times.now()

    # ---- many looks, by the sampler

    def _watch(self) -> None:
        while self._watched_until > monotonic():
            try:
                self._forward()
            except WorldDown:
                self.look()
            except (TcplabError, OSError) as error:
                self.trouble = {"says": str(error)}
            if self._watched_until > monotonic():
                self._waker.wait(_REST_S)
                self._waker.clear()

    def _forward(self) -> None:
        """Pass frames on while somebody watches, the newest where several wait."""
        argv = [sys.executable, "-I", "-c", BOOT, PACKAGE_PARENT]
        with self._place.start(
            argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"OPENBLAS_NUM_THREADS": "1"}
        ) as process:
            assert process.stdin is not None
            os.set_blocking(process.stdin.fileno(), False)
            self.trouble = {}
            self._sampler = process
            try:
                self._heard(self._place, self._records, self._how, news=False)
                for frame in self._frames(process):
                    self._frame = frame
                    self.tell({"frame": True}, [frame])
            finally:
                self._sampler = None

    def _frames(self, process: Process) -> "Iterator[bytes]":
        assert process.stdout is not None
        assert process.stderr is not None
        waiting = b""
        while self._watched_until > monotonic():
            if not select.select([process.stdout], [], [], _WAIT_S)[0]:
                continue
            if not (piece := os.read(process.stdout.fileno(), 1 << 16)):
                last = process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
                self._place.read("/proc/uptime")  # a world that is down says so
                raise UnexpectedOutput("The port map's sampler", last or f"ended with {process.wait()}")
            waiting += piece
            newest = None
            while len(waiting) >= FRAME.size:
                end = FRAME.size + FRAME.unpack_from(waiting)[0]
                if len(waiting) < end:
                    break
                newest, waiting = waiting[FRAME.size : end], waiting[end:]
            if newest is not None:
                yield newest

    def _heard(self, client: Host, records: bytes, how: How, *, news: bool = True) -> None:
        if client is not self._bed.hosts.get(self.host):
            return
        if news:
            self._records = (self._records + records)[-_KEPT:]
            self._how = how
        for at in range(0, len(records), _AT_ONCE):
            self._tell_sampler(note(SEARCHED if how == "searched" else LEFT_ONE, records[at : at + _AT_ONCE]))

    def _tell_sampler(self, words: bytes) -> None:
        sampler = self._sampler
        if sampler is not None and sampler.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # it is busy, or has ended: the picture lacks a dot
                os.write(sampler.stdin.fileno(), words)

    # ---- asked

    def do_begin(self) -> dict[str, Any]:
        """Somebody else shows the map, and has seen nothing yet."""
        if self._frame is not None:
            self.tell({"frame": True}, [self._frame])
        return {}

    def do_chosen(self, port: int) -> dict[str, Any]:
        """Somebody points at a port: for the next seconds frames tell what is on it."""
        if type(port) is not int or not 0 < port <= 65535:
            raise BadValue("port", port, "a whole number from 1 to 65535")
        self._tell_sampler(port_note(port))
        return {}


def portmap(host: Host) -> PortMap:
    """Draw the ephemeral ports of a host, one cell each, coloured by state, and how long connect() takes.

    As the last line of a cell: a picture that lives while the browser shows it. Where no browser is, its text says the
    same: counts by state and seconds left, and when the next port is free.

    Args:
        host: whose ports; those of its ip_local_port_range

    Raises:
        BadValue: it is no host
        WorldDown: its bed is down

    >>> portmap(bed.client)                                # doctest: +SKIP
    18,701 of 28,232 ports are in TIME_WAIT. The next one is free in 12 s.

    Limit: connect() is timed where `open_and_close` or `leave_time_waits` make it, for the kernel keeps no such clock;
    a port that is bound only counts as free (see observe/ports.py).
    """
    if not isinstance(host, Host):
        raise BadValue("host", host, "a host of a bed that is up, such as bed.client")
    return PortMap(Testbed.of(host), host.name)
