"""What a picture of a wire has to be told: the newest part of one connection, and what has changed since last time."""

from typing import Any, Final

from tcplab.live.talks import Talk, Talks
from tcplab.live.telling import ON_THE_WAY, Event, Telling
from tcplab.model.conversation import Conversation, Numbering, Turn
from tcplab.model.state import TcpState
from tcplab.notebook.ladder_twin import twin
from tcplab.notebook.steps import Side, Step
from tcplab.wire.record import Segments

KEPT: Final = 1_000
"""How many segments a picture holds, at most; the rest is counted."""

_OF_A_BEGINNING = 8
_OF_A_FLOOD = 250  # where more than that come between two looks, so many of the newest are looked at


class Follower:
    """Reads on where it was, whatever has come meanwhile, and says what is new.

    Args:
        which: the connection to follow, from 0; -1 is always the newest
    """

    def __init__(self, which: int = -1) -> None:
        self.which = which
        self.talks = Talks()
        self.place = -1
        self.turns: dict[int, Turn] = {}
        self._version = -1
        self._begin_with(0.0)

    def _begin_with(self, origin_s: float) -> None:
        self.telling = Telling(origin_s)
        self.turns = {}
        self._taken = 0  # of the places of the connection
        self._first = 0  # the number of the oldest event that is kept
        self._last: tuple[int, list[Event]] = (0, [])  # what may have changed since: from which number on, and what
        self._before: dict[str, Event] = {}  # the state of each side before the oldest event
        self._states: list[Event] = []  # all those before

    @property
    def talk(self) -> Talk | None:
        """Return the connection that is followed; None while nothing has crossed."""
        return self.talks.every[self.place] if 0 <= self.place < len(self.talks.every) else None

    @property
    def total(self) -> int:
        """Return how many segments the connection has so far."""
        return 0 if self.talk is None else self._taken

    # ---- looking

    def look(self, segments: Segments) -> dict[str, Any] | None:
        """Return what is new since the last look; None where nothing is."""
        last = len(self.talks.every) - 1
        wanted = last if self.which < 0 else self.which
        if segments.version == self._version and wanted == self.place:
            return None
        self._version = segments.version
        self.read(segments)
        self._choose(segments)
        if self.talk is None:
            return None
        changed = [segments[number - 1] for number in self.telling.on_the_way]
        self.telling.take(
            each for each in changed if each.fate not in ON_THE_WAY or each.fate != self._fate(each.number)
        )
        self._take_new(self.talk, segments)
        return self._news()

    def read(self, segments: Segments) -> None:
        """Take note of which connections there are, and look at none."""
        self.talks.read_on(segments.headers(self.talks.read))

    def _fate(self, number: int) -> object:
        return self.turns[number].segment.fate

    def _choose(self, segments: Segments) -> None:
        last = len(self.talks.every) - 1
        wanted = last if self.which < 0 else min(self.which, last)
        if wanted != self.place and wanted >= 0:
            self.place = wanted
            self._begin_with(segments[self.talks.every[wanted].places[0]].time_s)

    def _take_new(self, talk: Talk, segments: Segments) -> None:
        new = talk.places[self._taken :]
        self._taken += len(new)
        if len(new) > KEPT:
            skipped_before = new[-_OF_A_FLOOD]
            marked = [place for place in talk.marked if new[0] <= place < skipped_before]
            self.telling.take(segments[place] for place in marked[:_OF_A_FLOOD])
            self.telling.skip(len(new) - _OF_A_FLOOD - len(marked[:_OF_A_FLOOD]))
            new = new[-_OF_A_FLOOD:]
        self.telling.take(segments[place] for place in new)

    def turn(self, segments: Segments, number: int) -> Turn | None:
        """Return a segment of any connection with its numbers relative; None for one that is not known."""
        if number in self.turns:
            return self.turns[number]
        if not 1 <= number <= min(len(segments), self.talks.read):
            return None
        segment = segments[number - 1]
        talk = self.talks.of(segment)
        if talk is None:
            return None
        begun = talk.marked[:_OF_A_BEGINNING] or talk.places[:_OF_A_BEGINNING]
        return Numbering([segments[place] for place in begun]).turn(segment)

    # ---- telling

    def _news(self) -> dict[str, Any]:
        recent = self.telling.recent()
        changed = [turn for number, turn in self.telling.fresh.items() if self.turns.get(number) != turn]
        self.turns |= self.telling.fresh
        self.telling.fresh = {number: self.turns[number] for number in self.telling.on_the_way}
        self._trim()

        since, before = self._last
        settled_to = self._first + len(self.telling.settled)
        since = max(since, self._first)
        now = [*self.telling.settled[since - self._first :], *recent]
        same = 0
        if since == self._last[0]:
            while same < min(len(before), len(now)) and before[same] == now[same]:
                same += 1
        self._last = (settled_to, recent)
        return self._message(since + same, now[same:], changed)

    def _trim(self) -> None:
        """Keep the newest segments only, and those that are on their way still."""
        if len(self.turns) <= KEPT:
            return
        settled, too_many, at = self.telling.settled, len(self.turns) - KEPT, 0
        on_the_way = set(self.telling.on_the_way)
        while too_many > 0 and at < len(settled):
            event = settled[at]
            if event[0] == "state":
                self._before[str(event[3])] = event
                self._states.append(event)
            elif event[0] != "gap" and event[1] not in on_the_way:
                too_many -= self.turns.pop(int(event[1]), None) is not None
            at += 1
        del settled[:at]
        self._first += at

    def everything(self) -> dict[str, Any]:
        """Return all that is kept, for a browser that has seen nothing yet."""
        return self._message(self._first, [*self.telling.settled, *self._last[1]], list(self.turns.values()))

    def _message(self, since: int, events: list[Event], turns: list[Turn]) -> dict[str, Any]:
        return {
            "record": id(self),
            "talk": self.place,
            "first": self._first,
            "from": since,
            "events": events,
            "rows": [_row(turn, self.telling.ms(turn.segment.time_s)) for turn in turns],
            "before": list(self._before.values()),
            "total": self.total,
            "hidden": max(0, self.total - len(self.turns)),
        }

    # ---- as text

    def conversation(self) -> Conversation | None:
        """Return what is kept of the connection."""
        if not self.turns:
            return None
        turns = tuple(self.turns[number] for number in sorted(self.turns))
        first = turns[0].segment
        client, server = first.source, first.destination
        if not turns[0].from_client:
            client, server = server, client
        return Conversation(client, server, turns)

    def words(self) -> str:
        """Return it as the ladder's twin says it; empty while nothing has crossed."""
        talk = self.conversation()
        if talk is None:
            return ""
        return twin(talk, self._steps(self.telling.settled, self._last[1]))

    def steps(self) -> list[Step]:
        """Return what both ends went through since the first segment, also where segments are not kept."""
        return self._steps(self._states, self.telling.settled, self._last[1])

    def _steps(self, *events: list[Event]) -> list[Step]:
        return [_step(event) for some in events for event in some if event[0] == "state"]


def _row(turn: Turn, ms: float) -> tuple[object, ...]:
    segment = turn.segment
    fate, numbers = str(segment.fate), (turn.seq, turn.ack, segment.payload_bytes)
    return (segment.number, ms, turn.from_client, segment.flags, *numbers, turn.sent_again, fate)


def _step(event: Event) -> Step:
    _, number, ms, side, state, cause, arrived = event
    where: Side = "client" if side == "client" else "server"
    return Step(where, TcpState[str(state)], str(cause), int(number), bool(arrived), float(ms) / 1000)
