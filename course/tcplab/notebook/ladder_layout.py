"""Where everything of a ladder stands, before anything is drawn: pixels of a picture 880 wide, y running down.

The vertical axis is order, not time. A segment takes a row: sent at its top, it arrives one slope lower. One that
arrives late takes a second row, where it arrives. A row moves down where a label would touch the one above it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tcplab.model.conversation import Conversation, Turn
from tcplab.model.segment import Fate
from tcplab.model.states import StateChange
from tcplab.notebook.ladder_twin import kept_rows, late

Side = Literal["client", "server"]
Wrap = Callable[[str], tuple[str, ...]]

WIDTH, CLIENT_X, SERVER_X = 880.0, 252.0, 692.0
WIRE_X = (CLIENT_X + SERVER_X) / 2
TOP, FIRST_ROW, ROW, SLOPE, BOTTOM = 58.0, 26.0, 38.0, 16.0, 18.0
KNEE, ARRIVAL_ROW, FORK, LANE = 18.0, 32.0, 10.0, 12.0
PAUSE, SPOKEN_PAUSE, CUT_ROW = 14.0, 32.0, 40.0
LABEL_LINE, LABEL_GAP = 14.0, 6.0
_PAUSE_S, _SPOKEN_PAUSE_S = 0.010, 0.1


@dataclass(slots=True)
class Rung:
    """One segment's line; `arrives_y` is None while it has not, `lane` keeps late ones apart at the wire."""

    turn: Turn
    sent_y: float
    leaves_wire_y: float
    arrives_y: float | None
    lane: int = 0

    @property
    def meets_wire_y(self) -> float:
        """Where it comes to the wire: half a slope down."""
        return self.sent_y + SLOPE / 2


@dataclass(frozen=True, slots=True)
class Label:
    """A state beside a rail: what changed, where the state begins, and its cause in lines that fit.

    `anew` is true where the state is the one before: TIME_WAIT whose 60 s begin again.
    """

    change: StateChange
    y: float
    cause_lines: tuple[str, ...]
    anew: bool = False

    @property
    def bottom(self) -> float:
        """The first y that the next label may take."""
        return self.y + LABEL_LINE * (len(self.cause_lines) + (not self.anew)) + LABEL_GAP


@dataclass(slots=True)
class Layout:
    """A whole ladder. `pauses` are (y, words): the rails break there, and words say why where they are not empty."""

    rungs: list[Rung] = field(default_factory=list)
    labels: dict[Side, list[Label]] = field(default_factory=lambda: {"client": [], "server": []})
    pauses: list[tuple[float, str]] = field(default_factory=list)
    cut_y: float | None = None
    end_y: float = TOP


def lay_out(conversation: Conversation, changes: Sequence[StateChange], wrap: Wrap) -> Layout:
    """Give everything its place.

    Args:
        conversation: at least one segment
        changes: the states of both ends
        wrap: splits a cause into lines that fit beside a rail
    """
    return _Builder(conversation, changes, wrap).build()


@dataclass(frozen=True, slots=True)
class _Event:
    time_s: float
    at: int
    arrival: bool


class _Builder:
    def __init__(self, conversation: Conversation, changes: Sequence[StateChange], wrap: Wrap) -> None:
        self.talk, self.changes, self.wrap = conversation, changes, wrap
        head, tail = kept_rows(len(conversation))
        self.shown, self.cut_at = {*head, *tail}, head.stop if tail else None
        self.made = Layout()
        self.rungs: dict[int, Rung] = {}
        self.y = TOP + FIRST_ROW
        self.before_s: float | None = None

    def build(self) -> Layout:
        for change in self.changes:
            if change.segment == 0:
                self._label(change, TOP)
        events = list(self._events())
        for event, following in zip(events, [*events[1:], None], strict=True):
            if event.at == self.cut_at and not event.arrival:
                self._cut()
            if event.at in self.shown:
                self._pause(event)
                self._row(event, following)
        self._separate_lanes()
        self.made.rungs = [self.rungs[at] for at in sorted(self.rungs)]
        labelled = [label.bottom for labels in self.made.labels.values() for label in labels]
        self.made.end_y = max([self.y - ROW + SLOPE + BOTTOM, *labelled])
        return self.made

    def _events(self) -> Iterator[_Event]:
        every = [_Event(turn.segment.time_s, at, False) for at, turn in enumerate(self.talk)]
        for at, turn in enumerate(self.talk):
            if turn.segment.delivered_s is not None and late(turn):
                every.append(_Event(turn.segment.delivered_s, at, True))
        yield from sorted(every, key=lambda event: (event.time_s, event.at, event.arrival))

    def _row(self, event: _Event, following: _Event | None) -> None:
        turn = self.talk[event.at]
        segment = turn.segment
        if event.arrival:
            rung = self.rungs[event.at]
            if rung.arrives_y is not None:
                return  # its knee was drawn in the row where it was sent
            self._make_room([(change, SLOPE / 2) for change in self._changes(turn, arrived=True)])
            rung.leaves_wire_y, rung.arrives_y = self.y, self.y + SLOPE / 2
            height = ARRIVAL_ROW
        else:
            knee = following is not None and following.arrival and following.at == event.at
            reach = SLOPE + KNEE if knee else SLOPE
            arrives = segment.delivered_s is not None and (knee or not late(turn))
            self._make_room(
                [(change, 0.0) for change in self._changes(turn, arrived=False)]
                + [(change, reach) for change in self._changes(turn, arrived=True) if arrives]
            )
            y = self.y
            self.rungs[event.at] = rung = Rung(turn, y, y + reach - SLOPE / 2, y + reach if arrives else None)
            height = ROW + reach - SLOPE + (FORK if segment.fate is Fate.DUPLICATED else 0)
            for change in self._changes(turn, arrived=False):
                self._label(change, y)
        if rung.arrives_y is not None:
            for change in self._changes(turn, arrived=True):
                self._label(change, rung.arrives_y)
        self.y += height

    def _changes(self, turn: Turn, *, arrived: bool) -> list[StateChange]:
        number = turn.segment.number
        return [change for change in self.changes if change.segment == number and change.arrived is arrived]

    def _make_room(self, coming: Sequence[tuple[StateChange, float]]) -> None:
        for change, offset in coming:
            labels = self.made.labels[change.side]
            if labels:
                self.y = max(self.y, labels[-1].bottom - offset)

    def _label(self, change: StateChange, y: float) -> None:
        labels = self.made.labels[change.side]
        lowest = labels[-1].bottom if labels else y
        anew = bool(labels) and labels[-1].change.state is change.state
        labels.append(Label(change, max(y, lowest), self.wrap(change.cause), anew))

    def _pause(self, event: _Event) -> None:
        before_s, self.before_s = self.before_s, event.time_s
        if before_s is None or event.time_s - before_s < _PAUSE_S:
            return
        pause_s, turn = event.time_s - before_s, self.talk[event.at]
        spoken = turn.sent_again and not event.arrival and pause_s >= _SPOKEN_PAUSE_S
        host = self.talk.client_host if turn.from_client else self.talk.server_host
        words = f"nothing for {_duration(pause_s)}: the {host}’s retransmission timer" if spoken else ""
        extra = SPOKEN_PAUSE if spoken else PAUSE
        self.made.pauses.append((self.y - ROW + SLOPE + extra / 2 + 3, words))
        self.y += extra

    def _cut(self) -> None:
        numbers = {turn.segment.number for at, turn in enumerate(self.talk) if at not in self.shown}
        for side in ("client", "server"):
            hidden = [change for change in self.changes if change.side == side and change.segment in numbers]
            if hidden:
                self._make_room([(hidden[-1], 0.0)])
                self._label(hidden[-1], self.y)
        self.made.cut_y = self.y
        self.y += CUT_ROW
        self.before_s = None

    def _separate_lanes(self) -> None:
        waiting: list[Rung] = []
        for rung in (self.rungs[at] for at in sorted(self.rungs)):
            if rung.leaves_wire_y <= rung.meets_wire_y:
                continue
            waiting = [other for other in waiting if other.leaves_wire_y > rung.meets_wire_y]
            taken = {other.lane for other in waiting if other.turn.from_client is rung.turn.from_client}
            rung.lane = next(lane for lane in range(len(taken) + 1) if lane not in taken)
            waiting.append(rung)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"
