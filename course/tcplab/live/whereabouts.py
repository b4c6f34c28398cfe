"""One connection of a bed followed from look to look: by the wire's segments and by the kernel's socket tables."""

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.live.connections import KERNEL_ALONE, Found, TableTalks, WireTalks
from tcplab.model.standing import BEFORE, Entered, Standing, sampled, stand, with_beginning
from tcplab.model.state import TcpState
from tcplab.notebook.state_machine import SIDES, way
from tcplab.notebook.steps import Side
from tcplab.observe.end import end_of, listener_on

if TYPE_CHECKING:
    from tcplab.model.connection import Connection
    from tcplab.testbed import Testbed

_REPLACED = "A newer connection has its four-tuple: what is told is the wire's word."
_DOWN = "This world is down: what is told is the wire's word."
_LOOKS = 5  # on a busy wire something crosses during each
NOTHING = "No connection yet. Run the next cell, or open one yourself."


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found: the connection (None before the first), where both ends stand, and what can be chosen."""

    talk: Found | None
    ends: dict[Side, Standing]
    choices: tuple[tuple[str, str], ...]

    @property
    def lead(self) -> str:
        """Where both are, in one sentence."""
        if self.talk is None:
            return NOTHING
        return f"Client in {self.ends['client'].state}, server in {self.ends['server'].state}."


class Whereabouts:
    """Looks at a bed's connections, and remembers of the one it follows what no single look shows.

    Args:
        bed: whose connections; its hosts and wires are looked up anew each time, for it may come up again
        which: which connection at first, in the order of their first segments; -1 is the newest, and follows the newest
    """

    def __init__(self, bed: "Testbed", which: int = -1) -> None:
        self._bed = bed
        self._on_wires = WireTalks(bed) if bed.link == "wire" else None
        self._in_tables = TableTalks(bed)
        self._which = which
        self.chosen = ""  # the key of a talk; empty follows `which`
        self._followed = ""
        self._before: dict[Side, tuple[object, ...]] = {}
        self._clocks: dict[Side, tuple[float, float]] = {}  # what a clock showed, and when
        self._sampled: dict[Side, Standing] = {}

    def look(self, *, settled: bool = False) -> Seen:
        """Look once; settled waits for what is on its way, and looks again where a segment crossed meanwhile."""
        if settled and self._bed.is_up:
            for _ in range(_LOOKS):
                before = self._crossed()
                seen = self._look(certain=True)
                if self._crossed() == before:
                    return seen
        return self._look(certain=False)

    def _crossed(self) -> int:
        """Count what the wires have recorded once all that was sent has arrived, for a second at most."""
        self._bed.settle()
        return sum(len(wire.peek()) for wire in self._bed.wires.values())

    def _look(self, *, certain: bool) -> Seen:
        talks = self._in_tables.look() if self._on_wires is None else self._on_wires.look(self.chosen)
        choices = tuple((talk.key, talk.label) for talk in talks)
        talk = self._choose(talks)
        if talk is None:
            return Seen(None, self._listening(), choices)
        if talk.key != self._followed:
            self._followed = talk.key
            self._before, self._clocks, self._sampled = {}, {}, {}
        ends = self._stand_both(talk, certain=certain)
        return Seen(talk, ends, choices)

    def _choose(self, talks: list[Found]) -> Found | None:
        named = next((talk for talk in talks if talk.key == self.chosen), None)
        if named is not None or not talks:
            return named
        if not -len(talks) <= self._which < len(talks):
            raise BadValue("which", self._which, f"0 to {len(talks) - 1}, or negative to count from the newest (-1)")
        return talks[self._which]

    def _listening(self) -> dict[Side, Standing]:
        """Nothing has been opened; a server that listens stands in LISTEN."""
        server = self._bed.hosts.get("server")
        if server is None or not self._bed.is_up or listener_on(server) is None:
            return {"client": BEFORE, "server": BEFORE}
        way = (*BEFORE.way, Entered(TcpState.LISTEN, "listen()", "kernel"))
        return {"client": BEFORE, "server": Standing(way)}

    def _stand_both(self, talk: Found, *, certain: bool) -> dict[Side, Standing]:
        if self._on_wires is None:
            self._sampled = {side: sampled(self._sampled.get(side), self._kernel(talk, side)) for side in SIDES}
            return dict(self._sampled)
        walked = self._on_wires.steps(talk)
        ways = {side: with_beginning(way(walked, side)) for side in SIDES}
        if not self._bed.is_up:
            return {side: Standing(ways[side], None, _DOWN) for side in SIDES}
        if not self._on_wires.is_newest(talk):
            return {side: Standing(ways[side], None, _REPLACED) for side in SIDES}
        return {side: self._stand(talk, side, ways[side], certain=certain) for side in SIDES}

    def _stand(self, talk: Found, side: Side, way: tuple[Entered, ...], *, certain: bool) -> Standing:
        kernel = self._kernel(talk, side)
        if self._host(talk, side) is None:
            return Standing(way, None, "This end is not on this wire, so its kernel is not asked.")
        said = (way[-1].state, None if kernel is None else kernel.state)
        twice = self._before.get(side) == said
        self._before[side] = said
        return stand(way, kernel, certain=certain or twice, clock_s=self._clock_s(side, kernel))

    def _clock_s(self, side: Side, kernel: "Connection | None") -> float | None:
        """Tell what the clock of an end shows, or showed last and would show by now."""
        if kernel is not None and kernel.timer == "timewait" and kernel.timer_s is not None:
            self._clocks[side] = (kernel.timer_s, monotonic())
        if side not in self._clocks:
            return None
        shown_s, at_s = self._clocks[side]
        return max(0.0, shown_s - (monotonic() - at_s))

    def _host(self, talk: Found, side: Side) -> str | None:
        end = talk.four_tuple.local if side == "client" else talk.four_tuple.peer
        return next((name for name in talk.hosts if end.address in self._bed.hosts[name].addresses), None)

    def _kernel(self, talk: Found, side: Side) -> "Connection | None":
        name = self._host(talk, side)
        if name is None:
            return None
        named = talk.four_tuple if side == "client" else talk.four_tuple.reversed()
        return end_of(self._bed.hosts[name], named)


def source(bed: "Testbed") -> str:
    """Say where the states come from."""
    return "" if bed.link == "wire" else KERNEL_ALONE
