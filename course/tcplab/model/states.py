"""Which state each end of a conversation is in, told from its segments alone.

Source: RFC 9293 §3.3.2 (the diagram), §3.10.7 (what an arriving segment does).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tcplab.model.conversation import Conversation, Turn
from tcplab.model.segment import Fate, Segment
from tcplab.model.state import TcpState

_LOST = (Fate.DROPPED, Fate.SWALLOWED)
_RACE_S = 0.01  # how long a segment may take from its sender to the wire
_STILL_ON_THE_WAY = (Fate.HELD, Fate.DELAYED)


@dataclass(frozen=True, slots=True, repr=False)
class StateChange:
    """One end enters a state: after sending or receiving segment number `after`; 0 is before the first.

    `cause` is what brought it there: "close()", "FIN came". Where a single segment leads through two states, as an ACK
    with a FIN does in FIN_WAIT1, only the last is told.
    """

    after: int
    state: TcpState
    cause: str
    time_s: float

    def __repr__(self) -> str:
        return f"{self.state} ({self.cause})" if self.cause else str(self.state)


@dataclass(frozen=True, slots=True, repr=False)
class States:
    """What both ends went through, oldest first."""

    client: tuple[StateChange, ...]
    server: tuple[StateChange, ...]

    def __repr__(self) -> str:
        sides = (("client", self.client), ("server", self.server))
        return "\n".join(f"{name}: {' → '.join(map(repr, changes))}" for name, changes in sides)


def states(conversation: Conversation) -> States:
    """Tell the states of both ends from what was sent and what arrived.

    A segment that was dropped, swallowed or is still held moves its sender, not its receiver; one that arrives late
    moves it when it arrives.

    Limit: the record shows segments, not clocks and calls. That TIME_WAIT ends, that FIN_WAIT2 is given up, and who
    called shutdown() instead of close() cannot be seen in it; nor whether an RST ended TIME_WAIT, which it does unless
    tcp_rfc1337 is 1. `sockets()` asks the kernel.
    """
    ends = {True: first_end(conversation.turns, is_client=True), False: first_end(conversation.turns, is_client=False)}
    for time_s, turn, arrives in moments(conversation.turns):
        end = ends[turn.from_client is not arrives]
        if arrives:
            end.receive(turn, time_s)
        else:
            end.send(turn, time_s)
    return States(tuple(ends[True].changes), tuple(ends[False].changes))


def moments(turns: Sequence[Turn]) -> Iterator[tuple[float, Turn, bool]]:
    """Every sending and every arrival (True), in the order of time."""
    found = []
    for place, turn in enumerate(turns):
        found.append((turn.segment.time_s, place, False, turn))
        if (arrived_s := _arrived_s(turn.segment)) is not None:
            found.append((*_not_before(turns, place, arrived_s), True, turn))
    for time_s, _, arrives, turn in sorted(found, key=lambda moment: moment[:3]):
        yield time_s, turn, arrives


def _not_before(turns: Sequence[Turn], place: int, arrived_s: float) -> tuple[float, int]:
    """When the receiver of a SYN or FIN really had it.

    What it sent meanwhile may reach the wire a moment later. It acknowledges the SYN or FIN if the receiver had it, so
    what does not was sent before: thus a simultaneous open or close is told from one after the other.
    """
    turn = turns[place]
    end = turn.seq + turn.segment.sequence_length
    then = (arrived_s, place)
    if "S" not in turn.segment.flags and "F" not in turn.segment.flags:
        return then
    for later_place in range(place + 1, len(turns)):
        later = turns[later_place]
        if later.segment.time_s > arrived_s + _RACE_S:
            break
        answers = later.from_client is not turn.from_client and "R" not in later.segment.flags
        if answers and later.ack < end and not later.sent_again:
            then = (max(arrived_s, later.segment.time_s), later_place)
    return then


def _arrived_s(segment: Segment) -> float | None:
    if segment.fate in _LOST or (segment.fate in _STILL_ON_THE_WAY and segment.delivered_s is None):
        return None
    return max(segment.time_s, segment.time_s if segment.delivered_s is None else segment.delivered_s)


def first_end(turns: Sequence[Turn], *, is_client: bool) -> "End":
    """One end before anything was sent: closed, listening, or open since before the record."""
    mine = [turn for turn in turns if turn.from_client is is_client]
    opens = any("S" in turn.segment.flags and "A" not in turn.segment.flags for turn in mine)
    seen_opening = any("S" in turn.segment.flags for turn in turns)
    if not seen_opening:
        return End(TcpState.ESTABLISHED, "before the record")
    refuses = bool(mine) and "R" in mine[0].segment.flags
    return End(TcpState.CLOSED, "") if is_client or opens or refuses else End(TcpState.LISTEN, "listen()")


class End:
    """One end: its state, and what it has sent and received, in relative numbers."""

    def __init__(self, state: TcpState, cause: str) -> None:
        self.state = state
        self.changes = [StateChange(0, state, cause, 0.0)]
        self.sent_end = 0  # one after the last sequence number sent
        self.fin_end: int | None = None  # one after my FIN
        self.expected: int | None = None  # the next sequence number that I wait for
        self.waiting: dict[int, tuple[int, bool]] = {}  # arrived too early: start → (end, has a FIN)

    def __copy__(self) -> "End":
        """One that goes on from here by itself."""
        other = End(self.state, "")
        other.changes, other.waiting = self.changes.copy(), self.waiting.copy()
        other.sent_end, other.fin_end, other.expected = self.sent_end, self.fin_end, self.expected
        return other

    def lose_sight(self) -> None:
        """Some of what came was not seen: what comes next is taken as what was waited for."""
        self.expected = None
        self.waiting = {}

    def send(self, turn: Turn, time_s: float) -> None:
        """Move as the sending of a segment shows that this end moved."""
        flags = turn.segment.flags
        self.sent_end = max(self.sent_end, turn.seq + turn.segment.sequence_length)
        if "R" in flags:
            if self.state not in (TcpState.LISTEN, TcpState.SYN_SENT):
                self._enter(TcpState.CLOSED, "RST sent", turn, time_s)
        elif "S" in flags and "A" not in flags and self.state is TcpState.CLOSED:
            self._enter(TcpState.SYN_SENT, "connect()", turn, time_s)
        elif "F" in flags:
            self.fin_end = turn.seq + turn.segment.sequence_length
            if self.state in (TcpState.ESTABLISHED, TcpState.SYN_RECV):
                self._enter(TcpState.FIN_WAIT1, "close()", turn, time_s)
            elif self.state is TcpState.CLOSE_WAIT:
                self._enter(TcpState.LAST_ACK, "close()", turn, time_s)

    def receive(self, turn: Turn, time_s: float) -> None:
        """Move as the arrival of a segment moves this end (RFC 9293 §3.10.7)."""
        flags = turn.segment.flags
        if "R" in flags:
            self._reset(turn, time_s)
        elif "S" in flags:
            self._synchronize(turn, time_s)
        else:
            acknowledged = "A" in flags and self._acknowledge(turn, time_s)
            if self._take(turn, turn.seq, turn.seq + turn.segment.sequence_length):
                self._finish(turn, time_s, acknowledged=acknowledged)

    def _reset(self, turn: Turn, time_s: float) -> None:
        if self.state is TcpState.SYN_SENT:
            accepted = "A" in turn.segment.flags and turn.ack == self.sent_end
        else:
            accepted = self.expected is None or turn.seq == self.expected
        if accepted and self.state not in (TcpState.CLOSED, TcpState.LISTEN):
            back = TcpState.LISTEN if self._was_passive() else TcpState.CLOSED
            self._enter(back, "RST came", turn, time_s)

    def _was_passive(self) -> bool:
        return self.state is TcpState.SYN_RECV and self.changes[0].state is TcpState.LISTEN

    def _synchronize(self, turn: Turn, time_s: float) -> None:
        answers = "A" in turn.segment.flags and turn.ack >= 1
        if self.state is TcpState.LISTEN and not answers:
            self._enter(TcpState.SYN_RECV, "SYN came", turn, time_s)
        elif self.state is TcpState.SYN_SENT:
            cause = "SYN and ACK came" if answers else "SYN came"
            self._enter(TcpState.ESTABLISHED if answers else TcpState.SYN_RECV, cause, turn, time_s)
        elif self.state is TcpState.SYN_RECV and answers:
            self._enter(TcpState.ESTABLISHED, "ACK came", turn, time_s)
        else:
            return
        self.expected = turn.seq + 1

    def _acknowledge(self, turn: Turn, time_s: float) -> bool:
        """Take an ACK; returns whether it acknowledges my FIN for the first time."""
        if self.state is TcpState.SYN_RECV and 1 <= turn.ack <= self.sent_end:
            self._enter(TcpState.ESTABLISHED, "ACK came", turn, time_s)
        if self.fin_end is None or turn.ack != self.fin_end:
            return False
        if self.state is TcpState.FIN_WAIT1:
            self._enter(TcpState.FIN_WAIT2, "ACK came", turn, time_s)
            return True
        if self.state is TcpState.CLOSING:
            self._enter(TcpState.TIME_WAIT, "ACK came", turn, time_s)
        elif self.state is TcpState.LAST_ACK:
            self._enter(TcpState.CLOSED, "ACK came", turn, time_s)
        return False

    def _take(self, turn: Turn, start: int, end: int) -> bool:
        """Take what a segment carries, in order; returns whether the peer's FIN is now among what was taken."""
        if end == start:
            return False
        if self.expected is None:
            self.expected = start  # the record began later
        self.waiting[start] = (end, "F" in turn.segment.flags)
        finished = False
        while ready := [first for first in self.waiting if first <= self.expected]:
            last, has_fin = self.waiting.pop(ready[0])
            if last > self.expected:
                self.expected = last
                finished = finished or has_fin
        return finished

    def _finish(self, turn: Turn, time_s: float, *, acknowledged: bool) -> None:
        if self.state in (TcpState.SYN_RECV, TcpState.ESTABLISHED):
            self._enter(TcpState.CLOSE_WAIT, "FIN came", turn, time_s)
        elif self.state is TcpState.FIN_WAIT1:
            self._enter(TcpState.CLOSING, "FIN came", turn, time_s)
        elif self.state is TcpState.FIN_WAIT2:
            if acknowledged:
                self.changes.pop()  # FIN_WAIT2, for no time at all
            self._enter(TcpState.TIME_WAIT, "FIN and ACK came" if acknowledged else "FIN came", turn, time_s)

    def _enter(self, state: TcpState, cause: str, turn: Turn, time_s: float) -> None:
        if state is not self.state:
            self.state = state
            self.changes.append(StateChange(turn.segment.number, state, cause, time_s))
