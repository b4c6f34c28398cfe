"""One connection, told while it goes on: what happened, in order, and never all of it anew.

What lies some time back is settled and told for good. What is younger is told again with each look, for a segment that
is seen later may change its order: whether both ends closed at once shows a moment after the first FIN.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Final

from tcplab.model.conversation import Numbering, Turn
from tcplab.model.segment import Fate, Segment
from tcplab.model.state import TcpState
from tcplab.model.states import End, StateChange, first_end, moments
from tcplab.notebook.steps import told_cause

ON_THE_WAY: Final = (Fate.HELD, Fate.DELAYED)
_STOPPED: Final = (Fate.DROPPED, Fate.SWALLOWED)
_SETTLED_AFTER_S = 0.1
_MANY = 60

Event = tuple[str | int | float, ...]
"""("sent", number, ms), so "came" and "stopped"; ("gap", count); ("state", number, ms, side, state, cause, arrived)."""


class Telling:
    """The events of one connection: `settled` for good, and those that `recent()` tells."""

    def __init__(self, origin_s: float) -> None:
        self.settled: list[Event] = []
        self.fresh: dict[int, Turn] = {}
        """Segments that were looked at since somebody cleared this, in their conversation."""
        self.ends: dict[bool, End] = {}
        """Client (True) and server, as they are now."""
        self._origin_s = self._now_s = origin_s
        self._young: dict[int, Segment] = {}
        self._told: set[tuple[int, str]] = set()  # what of the young ones is settled already
        self._stopped_s: dict[int, float] = {}  # held first, and dropped then
        self._numbering: Numbering | None = None
        self._settled_ends: dict[bool, End] = {}
        self._first_fin = 0

    @property
    def on_the_way(self) -> list[int]:
        """The segments that have not arrived yet and still may."""
        return [number for number, segment in self._young.items() if segment.fate in ON_THE_WAY]

    def take(self, segments: Iterable[Segment]) -> None:
        """Take segments that are new, or whose fate has changed; one that waited stops when it is seen to."""
        for segment in segments:
            before = self._young.get(segment.number)
            if before is not None and before.fate in ON_THE_WAY and segment.fate in _STOPPED:
                self._stopped_s[segment.number] = self._now_s
            self._now_s = max(self._now_s, segment.time_s, segment.delivered_s or 0)
            self._young[segment.number] = segment
            if "F" in segment.flags:
                self._first_fin = self._first_fin or segment.number

    def skip(self, count: int) -> None:
        """Pass over segments that are too many to look at: what they carried is taken as come."""
        self._settle(float("inf"))
        for end in self._settled_ends.values():
            end.lose_sight()
        self.settled.append(("gap", count))

    def recent(self) -> list[Event]:
        """Tell what is not settled yet; of very many, the older ones are settled first."""
        if len(self._young) > _MANY:
            self._settle(self._now_s - _SETTLED_AFTER_S)
        turns = self._turns()
        told: list[Event] = []
        self.ends = {is_client: copy(end) for is_client, end in self._settled_ends.items()} or self._begin(turns, told)
        for _, turn, kind in self._moments(turns):
            told += self._happen(turn, kind)
        return told

    def outlook(self) -> dict[int, str]:
        """Tell in which state the receiver of each segment on the way would be, if it came now; "" if it would stay."""
        seen = {}
        for number in self.on_the_way:
            turn = self.fresh[number]
            end = copy(self.ends[not turn.from_client])
            before = end.state
            end.receive(turn, self._now_s)
            seen[number] = str(end.state) if end.state is not before else ""
        return seen

    # ---- settled, and young

    def _settle(self, until_s: float) -> None:
        """Tell for good what happened until then."""
        if not self._young:
            return
        turns = self._turns()
        self.ends = self._settled_ends or self._begin(turns, self.settled)
        for time_s, turn, kind in self._moments(turns):
            if time_s > until_s:
                break
            self.settled += self._happen(turn, kind)
            self._told.add((turn.segment.number, kind))
        self._settled_ends = self.ends
        self._numbering = self._numbering or Numbering(list(self._young.values()))
        for segment in list(self._young.values()):
            if (segment.number, "stopped" if segment.fate in _STOPPED else "came") in self._told:
                self._numbering.turn(segment)
                del self._young[segment.number]
                self._told -= {(segment.number, kind) for kind in ("sent", "came", "stopped")}

    def _turns(self) -> list[Turn]:
        if not self._young:
            return []
        numbering = Numbering(list(self._young.values())) if self._numbering is None else copy(self._numbering)
        turns = [numbering.turn(segment) for segment in self._young.values()]
        self.fresh |= {turn.segment.number: turn for turn in turns}
        return turns

    def _begin(self, turns: list[Turn], told: list[Event]) -> dict[bool, End]:
        ends = {is_client: first_end(turns, is_client=is_client) for is_client in (True, False)}
        for is_client, end in ends.items():
            if end.state is not TcpState.CLOSED:
                told.append(self._state_event(end.changes[0], 0, is_client=is_client, arrived=False))
        return ends

    # ---- moments and events

    def _moments(self, turns: list[Turn]) -> list[tuple[float, Turn, str]]:
        """What happened to the young ones and is not told for good, in the order of time."""
        found = [(time_s, turn, "came" if arrives else "sent") for time_s, turn, arrives in moments(turns)]
        for turn in turns:
            if turn.segment.fate in _STOPPED:
                time_s = self._stopped_s.get(turn.segment.number, turn.segment.time_s)
                found.append((time_s, turn, "stopped"))
        found.sort(key=lambda moment: moment[0])  # stable: what came at the same time stays in its order
        return [moment for moment in found if (moment[1].segment.number, moment[2]) not in self._told]

    def _happen(self, turn: Turn, kind: str) -> Iterator[Event]:
        """Let something happen to the ends, and tell it."""
        segment, arrived = turn.segment, kind == "came"
        end = self.ends[turn.from_client is not arrived]
        before = end.changes[-1]
        at_s = max(segment.time_s, segment.delivered_s or 0) if arrived else segment.time_s
        if kind == "stopped":
            at_s = self._stopped_s.get(segment.number, at_s)
        yield (kind, segment.number, self.ms(at_s))
        if arrived:
            end.receive(turn, at_s)
        elif kind == "sent":
            end.send(turn, at_s)
        is_client = turn.from_client is not arrived
        if end.changes[-1] is not before:
            yield self._state_event(end.changes[-1], segment.number, is_client=is_client, arrived=arrived)
        elif arrived and "F" in segment.flags and end.state is TcpState.TIME_WAIT:
            again = StateChange(segment.number, TcpState.TIME_WAIT, "FIN again: 60 s anew", at_s)
            yield self._state_event(again, segment.number, is_client=is_client, arrived=True)

    def _state_event(self, change: StateChange, number: int, *, is_client: bool, arrived: bool) -> Event:
        cause = change.cause if change.cause.endswith("anew") else told_cause(change, self._first_fin)
        side = "client" if is_client else "server"
        return ("state", number, self.ms(change.time_s) if number else 0.0, side, str(change.state), cause, arrived)

    def ms(self, time_s: float) -> float:
        """Return a time as the picture says it: in ms since the first segment."""
        return round((time_s - self._origin_s) * 1000, 3)
