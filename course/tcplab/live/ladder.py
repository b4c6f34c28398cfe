"""The live ladder: what crosses a wire, drawn while it does."""

import contextlib
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Any

import traitlets

from tcplab.errors import BadValue, WorldDown
from tcplab.live.follower import Follower
from tcplab.live.header import header
from tcplab.live.source import script, style
from tcplab.live.talks import End
from tcplab.live.view import View
from tcplab.model.four_tuple import Endpoint
from tcplab.notebook.ladder import NOTHING
from tcplab.testbed import Testbed
from tcplab.wire.record import Segments
from tcplab.wire.wire import Wire

if TYPE_CHECKING:
    from tcplab.live.telling import Event

FILES = (
    "ladder_tale.js",
    "ladder_layout.js",
    "ladder_rung.js",
    "ladder_rails.js",
    "ladder_picture.js",
    "ladder_table.js",
    "copy.js",
    "lines.js",
)
_SHARE = 5  # of the time between two looks, so much less is spent with looking
_SELDOM_S = 0.5
_MOST_NAMED = 50
_MOST_SAID = 3
_WORDS_EVERY_S = 1.0


class Ladder(View):
    """See live_ladder()."""

    _esm = script(*FILES, "ladder.js")
    _css = style("ladder.css")

    hosts = traitlets.Dict().tag(sync=True)
    ends = traitlets.Dict().tag(sync=True)
    which = traitlets.Int(-1).tag(sync=True)
    talks = traitlets.List().tag(sync=True)
    wire = traitlets.Unicode().tag(sync=True)
    said = traitlets.List([0, ""]).tag(sync=True)  # counted: the same sentence may be said again

    def __init__(self, wire: Wire, bed: Testbed | None, which: int = -1) -> None:
        self._wire, self._bed = wire, bed
        self._follower = Follower(which)
        self._named_at = 0.0
        self._lately: list[Event] = []  # what is young is told again
        client, server = (host.name for host in wire.hosts)
        super().__init__(wire=wire.name, which=which, hosts={"client": client, "server": server}, ends=_NOBODY)

    # ---- looking

    def _look(self) -> None:
        begun = monotonic()
        self._find_wire()
        self._look_quietly()
        if monotonic() - self._named_at > _WORDS_EVERY_S:
            self._name()
        self.period_s = min(_SELDOM_S, max(View.period_s, _SHARE * (monotonic() - begun)))
        if self._bed is not None and not self._bed.is_up:
            raise WorldDown(self._wire.name)

    def _show(self, news: dict[str, Any]) -> None:
        talk = self._follower.talk
        assert talk is not None
        self.ends = {"client": _address(talk.client), "server": _address(talk.server)}
        self.tell({"ladder": news})
        states = [event for event in news["events"] if event[0] == "state"]
        new = [event for event in states if event[5] and event not in self._lately]
        if new:
            sentences = [f"{side.capitalize()} entered {state}: {cause}." for *_, side, state, cause, _ in new]
            self.said = [self.said[0] + 1, " ".join(sentences[-_MOST_SAID:])]
        self._lately = states
        if not self.talks:
            self._name()

    def _name(self) -> None:
        """Say in words what is shown, and which connections there are: now and then."""
        self._named_at = monotonic()
        every = self._follower.talks.every
        newest = range(max(0, len(every) - _MOST_NAMED), len(every))
        self.talks = [[place, self._called(place)] for place in reversed(newest)]
        words = self._follower.words()
        self.lead, self.words = words.partition("\n")[0], words

    def _called(self, place: int) -> str:
        talk = self._follower.talks.every[place]
        return f"{place}: {self._end(talk.client)} → {self._end(talk.server)}"

    def _end(self, end: End) -> str:
        address, port = end
        names = {each.packed: host.name for host in self._wire.hosts for each in host.addresses}
        return f"{names.get(address, '?')}:{port}"

    def twin(self) -> str:
        """Return the text twin of what has crossed by now."""
        follower = Follower(self.which)
        follower.look(self._wire.segments)
        return follower.words() or NOTHING

    # ---- asked

    def do_all(self) -> dict[str, Any]:
        """Return everything that is kept."""
        self._look_quietly()
        return self._clocked(self._follower.everything()) if self._follower.talk else {}

    def _look_quietly(self) -> Segments:
        segments = self._wire.peek()
        if news := self._follower.look(segments):
            self._show(self._clocked(news))
        return segments

    def _clocked(self, news: dict[str, Any]) -> dict[str, Any]:
        now_s, goes = self._wire.clock
        return news | {"now": self._follower.telling.ms(now_s), "over": not goes}

    def _find_wire(self) -> None:
        """Whoever brought the bed up again, it has fresh wires: what is shown is theirs."""
        if self._bed is None or not self._bed.is_up or self._bed.wires.get(self._wire.name) in (None, self._wire):
            return
        self._wire = self._bed.wires[self._wire.name]
        self._follower = Follower(-1)
        self.which, self.talks, self.ends = -1, [], _NOBODY
        self._name()

    def do_choose(self, which: int) -> dict[str, Any]:
        """Follow another connection; -1 is always the newest."""
        self._look_quietly()
        count = len(self._follower.talks.every)
        if type(which) is not int or not -1 <= which < max(count, 1):
            raise BadValue("which", which, f"a connection from 0 to {count - 1}, or -1 for the newest")
        self._follower.which = self.which = which
        self._look_quietly()
        self._name()
        return {}

    def do_header(self, number: int) -> dict[str, Any]:
        """Return the header of one segment, field by field."""
        segments = self._wire.peek()
        self._follower.read(segments)
        return header(segments, number, self._follower.turn(segments, number) if type(number) is int else None)

    def _again(self) -> None:
        if self._bed is None:
            raise WorldDown(self._wire.name)
        self._bed.again()
        self._find_wire()


_NOBODY = {"client": "", "server": ""}


def _address(end: End) -> str:
    return str(Endpoint(ip_address(end[0]), end[1]))


def live_ladder(wire: Wire, *, which: int = -1) -> Ladder:
    """Show one connection of a wire as it goes on: two rails of states, each segment in the shape of its fate.

    Args:
        wire: what is looked at; nothing is slowed by it
        which: which connection, in the order of their first segments; -1 is always the newest

    Raises:
        BadValue: which is no such number

    >>> live_ladder(bed.wire)                            # doctest: +SKIP
    """
    if type(which) is not int or which < -1:
        raise BadValue("which", which, "a connection, from 0, or -1 for the newest")
    bed = None
    with contextlib.suppress(WorldDown):  # what a wire has recorded stays readable
        bed = Testbed.of(wire)
    return Ladder(wire, bed, which)
