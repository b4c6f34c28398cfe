"""Where everything of a ladder stands, before anything is drawn.

The vertical axis is order, not time. A segment takes a row: sent at its top, it arrives one slope lower. One that
arrives late takes a second row, where it arrives. A row moves down where a label would touch the one above it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tcplab.model.conversation import Conversation, Turn
from tcplab.model.segment import Fate
from tcplab.notebook.ladder_parts import (
    ARRIVAL_ROW,
    BOTTOM,
    CUT_ROW,
    FIRST_ROW,
    FORK,
    KNEE,
    PAUSE,
    ROW,
    SLOPE,
    SPOKEN_PAUSE,
    TOP,
    Label,
    Layout,
    Rung,
)
from tcplab.notebook.ladder_twin import kept_rows, late
from tcplab.notebook.steps import Step

Wrap = Callable[[str], tuple[str, ...]]
_PAUSE_S, _SPOKEN_PAUSE_S = 0.010, 0.1


def lay_out(conversation: Conversation, steps: Sequence[Step], wrap: Wrap) -> Layout:
    """Give everything its place.

    Args:
        conversation: at least one segment
        steps: the states of both ends
        wrap: splits a cause into lines that fit beside a rail
    """
    builder = _Builder(conversation, steps, wrap)
    builder.build()
    return builder.made


@dataclass(frozen=True, slots=True)
class _Event:
    time_s: float
    arrival: bool
    at: int


class _Builder:
    def __init__(self, conversation: Conversation, steps: Sequence[Step], wrap: Wrap) -> None:
        self.talk, self.steps, self.wrap = conversation, steps, wrap
        head, tail = kept_rows(len(conversation))
        self.shown, self.cut_at = {*head, *tail}, head.stop if tail else None
        self.made = Layout()
        self.rungs: dict[int, Rung] = {}
        self.y = TOP + FIRST_ROW
        self.before_s: float | None = None
        self.skipped = False  # a repeat, since then: time has passed
        self.swallowed: dict[tuple[bool, str, int], int] = {}

    def build(self) -> None:
        for step in self.steps:
            if step.segment == 0:
                self._label(step, TOP)
        events = sorted(self._events(), key=lambda event: (event.time_s, event.arrival, event.at))
        for event, following in zip(events, [*events[1:], None], strict=True):
            if event.at == self.cut_at and not event.arrival:
                self._cut()
            if event.at not in self.shown:
                continue
            if event.arrival and self.rungs[event.at].arrives_y is not None:
                self.before_s = event.time_s  # it stands in the row where it was sent
                continue
            if self._repeats(event):
                continue
            self._pause(event)
            if event.arrival:
                self._arrive(event.at)
            else:
                self._send(event.at, knee=following is not None and following.arrival and following.at == event.at)
        self._separate_lanes()
        self.made.rungs = [self.rungs[at] for at in sorted(self.rungs)]
        bottoms = [label.bottom for labels in self.made.labels.values() for label in labels]
        self.made.end_y = max([self.y - ROW + SLOPE + BOTTOM, *bottoms])

    def _repeats(self, event: _Event) -> bool:
        """Tell whether it is one more repeat that the wire swallowed, and count it at the line of the first."""
        turn = self.talk[event.at]
        if turn.segment.fate is not Fate.SWALLOWED:
            return False
        first = self.swallowed.setdefault((turn.from_client, turn.segment.flags, turn.seq), event.at)
        if first == event.at:
            return False
        self.rungs[first].times += 1
        self.before_s, self.skipped = event.time_s, True
        return True

    def _events(self) -> Iterator[_Event]:
        for at, turn in enumerate(self.talk):
            yield _Event(turn.segment.time_s, arrival=False, at=at)
            if (arrives_s := self._arrives_s(turn)) is not None and arrives_s > turn.segment.time_s:
                yield _Event(arrives_s, arrival=True, at=at)

    def _arrives_s(self, turn: Turn) -> float | None:
        """When it arrived: what its receiver did meanwhile, unknowing, may tell that it was later than it seems."""
        if turn.segment.delivered_s is None:
            return None
        return max([turn.segment.delivered_s, *(step.time_s for step in self._steps(turn, arrived=True))])

    def _send(self, at: int, *, knee: bool) -> None:
        """Give a segment its row, and its arrival too unless other things happen before that."""
        turn = self.talk[at]
        arrives_s = self._arrives_s(turn)
        reach = SLOPE + KNEE if knee else SLOPE
        arrives = arrives_s is not None and (knee or arrives_s <= turn.segment.time_s)
        sent, arrived = self._steps(turn, arrived=False), self._steps(turn, arrived=True) if arrives else []
        self._make_room([(step, 0.0) for step in sent] + [(step, reach) for step in arrived])
        y = self.y
        self.rungs[at] = Rung(turn, y, y + reach - SLOPE / 2, y + reach if arrives else None)
        for step in sent:
            self._label(step, y)
        for step in arrived:
            self._label(step, y + reach)
        self.y += ROW + reach - SLOPE + (FORK if turn.segment.fate is Fate.DUPLICATED else 0)

    def _arrive(self, at: int) -> None:
        """Give a late arrival a row of its own."""
        rung = self.rungs[at]
        arrived = self._steps(rung.turn, arrived=True)
        self._make_room([(step, SLOPE / 2) for step in arrived])
        rung.leaves_wire_y, rung.arrives_y = self.y, self.y + SLOPE / 2
        rung.crossed = not late(rung.turn)
        for step in arrived:
            self._label(step, rung.arrives_y)
        self.y += ARRIVAL_ROW

    def _steps(self, turn: Turn, *, arrived: bool) -> list[Step]:
        return [step for step in self.steps if step.segment == turn.segment.number and step.arrived is arrived]

    def _make_room(self, coming: Sequence[tuple[Step, float]]) -> None:
        for step, offset in coming:
            if labels := self.made.labels[step.side]:
                self.y = max(self.y, labels[-1].bottom - offset)

    def _label(self, step: Step, y: float) -> None:
        labels = self.made.labels[step.side]
        lowest = labels[-1].bottom if labels else y
        anew = bool(labels) and labels[-1].step.state is step.state
        labels.append(Label(step, max(y, lowest), self.wrap(step.cause), anew))

    def _pause(self, event: _Event) -> None:
        before_s, self.before_s = self.before_s, event.time_s
        skipped, self.skipped = self.skipped, False
        if before_s is None or (event.time_s - before_s < _PAUSE_S and not skipped):
            return
        pause_s, turn = event.time_s - before_s, self.talk[event.at]
        spoken = turn.sent_again and not event.arrival and pause_s >= _SPOKEN_PAUSE_S
        host = self.talk.client_host if turn.from_client else self.talk.server_host
        words = f"nothing for {_duration(pause_s)}, and the {host} says it again" if spoken else ""
        extra = SPOKEN_PAUSE if spoken else PAUSE
        self.made.pauses.append((self.y - ROW + SLOPE + extra / 2 + 3, words))
        self.y += extra

    def _cut(self) -> None:
        """Leave a gap for the segments that are not drawn, and name the states that they led to."""
        numbers = {turn.segment.number for at, turn in enumerate(self.talk) if at not in self.shown}
        for side in self.made.labels:
            hidden = [step for step in self.steps if step.side == side and step.segment in numbers]
            if hidden:
                self._make_room([(hidden[-1], 0.0)])
                self._label(hidden[-1], self.y)
        self.made.cut_y = self.y
        self.y += CUT_ROW
        self.before_s = None

    def _separate_lanes(self) -> None:
        waiting: list[Rung] = []
        for rung in (self.rungs[at] for at in sorted(self.rungs)):
            if not rung.knee:
                continue
            waiting = [other for other in waiting if other.leaves_wire_y > rung.meets_wire_y]
            taken = {other.lane for other in waiting if other.turn.from_client is rung.turn.from_client}
            rung.lane = next(lane for lane in range(len(taken) + 1) if lane not in taken)
            waiting.append(rung)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"
