"""Segments put together into connections, with numbers that count from each side's SYN."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.segment import Segment

SEQUENCE_SPACE = 1 << 32


def distance(start: int, end: int) -> int:
    """How far `end` lies behind `start` in the sequence space; negative when it lies before.

    Source: RFC 9293 §3.4. Limit: half the space, 2 GiB, either way.
    """
    return (end - start + SEQUENCE_SPACE // 2) % SEQUENCE_SPACE - SEQUENCE_SPACE // 2


@dataclass(frozen=True, slots=True, repr=False)
class Turn:
    """One segment in its conversation.

    `seq` and `ack` count from the SYN of the side they number: a SYN is 0, the first byte of data is 1. An old
    duplicate from before the SYN has a negative `seq`. `sent_again` is true when its sender had sent some of its
    sequence numbers before: a retransmission, whatever became of the first copy.
    """

    segment: Segment
    from_client: bool
    seq: int
    ack: int
    sent_again: bool

    def line(self, *, columns: tuple[int, int] = (2, 6)) -> str:
        """Say it in one line; `columns` as Segment.line() has them."""
        said = self.segment.line(self.seq, self.ack, 5, columns=columns)
        return said + (", sent again" if self.sent_again else "")

    def __repr__(self) -> str:
        return self.line()


@dataclass(frozen=True, slots=True, repr=False)
class Conversation:
    """One connection on the wire: its segments in the order in which they were sent.

    The client is the sender of the first SYN. Where the record begins later, it is the end with the higher port.
    """

    client: Endpoint
    server: Endpoint
    turns: tuple[Turn, ...]

    @property
    def four_tuple(self) -> FourTuple:
        """The connection, named from the client's side."""
        return FourTuple(self.client, self.server)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments alone, in the order in which they were sent."""
        return tuple(turn.segment for turn in self.turns)

    @property
    def client_host(self) -> str:
        """The name of the client's host, or its endpoint where the name is not known."""
        return self._host(from_client=True) or str(self.client)

    @property
    def server_host(self) -> str:
        """The name of the server's host, or its endpoint where the name is not known."""
        return self._host(from_client=False) or str(self.server)

    def _host(self, *, from_client: bool) -> str:
        for turn in self.turns:
            segment = turn.segment
            if name := segment.from_host if turn.from_client is from_client else segment.to_host:
                return name
        return ""

    def seen(self, segment: Segment) -> Turn:
        """A segment of another connection between the same ends, with the numbers that it has in this one.

        An old duplicate's `seq` and `ack` are negative where they lie before the SYNs of this connection.
        """
        seq = distance(_origin(self.segments, segment.source), segment.seq)
        ack = distance(_origin(self.segments, segment.destination), segment.ack) if "A" in segment.flags else 0
        return Turn(segment, segment.source == self.client, seq, ack, sent_again=False)

    def __len__(self) -> int:
        return len(self.turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(self.turns)

    def __getitem__(self, index: int) -> Turn:
        return self.turns[index]

    def show(self) -> None:
        """Print one line a segment, with relative numbers."""
        last = self.turns[-1].segment  # numbers and times only grow
        columns = (max(2, len(str(last.number))), len(f"{last.time_s:.4f}"))
        print("\n".join(turn.line(columns=columns) for turn in self.turns))

    def cover(self, asked: Mapping[int, str]) -> None:
        """Print one line a segment without its numbers, and beside some lines what is asked of them.

        Args:
            asked: for a line, counted from 1, what stands beside it: {5: "ack ?a"}
        """
        for line, turn in enumerate(self.turns, 1):
            segment = turn.segment
            said = f"{line:2}  {segment.from_host:6}  {segment.flags:2}  {segment.payload_bytes:3} bytes"
            print(f"{said}  {asked.get(line, '')}".rstrip())

    def __repr__(self) -> str:
        flags = " ".join(turn.segment.flags for turn in self.turns[:12])
        more = " …" if len(self.turns) > 12 else ""
        return f"{self.four_tuple}  {len(self.turns)} segments  {flags}{more}"


def conversations(segments: Iterable[Segment]) -> list[Conversation]:
    """Sort segments into connections.

    A SYN that counts from another number than the SYN before it begins a new connection, also between the same
    endpoints: a new incarnation.

    Returns: one per connection, in the order of their first segments; empty when there are none.
    """
    every: list[list[Segment]] = []
    current: dict[frozenset[Endpoint], list[Segment]] = {}
    for segment in segments:
        pair = frozenset((segment.source, segment.destination))
        known = current.get(pair)
        if known is None or _begins_anew(segment, known):
            known = current[pair] = []
            every.append(known)
        known.append(segment)
    return [_conversation(group) for group in every]


def _begins_anew(segment: Segment, known: list[Segment]) -> bool:
    if "S" not in segment.flags or "A" in segment.flags:
        return False
    isn = _isn(known, segment.source)
    if isn is not None:
        return isn != segment.seq
    return any("S" not in earlier.flags for earlier in known)  # else both ends open at once


def _isn(segments: Sequence[Segment], source: Endpoint) -> int | None:
    return next((segment.seq for segment in segments if "S" in segment.flags and segment.source == source), None)


def _conversation(segments: list[Segment]) -> Conversation:
    numbering = Numbering(segments)
    return Conversation(numbering.client, numbering.server, tuple(numbering.turn(segment) for segment in segments))


class Numbering:
    """Whose segments they are, and where their numbers begin; takes them one after the other.

    Args:
        segments: the first ones of a connection: the SYNs tell who is who
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.client, self.server = _client_and_server(segments)
        self._origin = {end: _origin(segments, end) for end in (self.client, self.server)}
        self._sent = {self.client: _Sent(), self.server: _Sent()}

    def __copy__(self) -> "Numbering":
        """One that goes on from here by itself."""
        other = object.__new__(Numbering)
        other.client, other.server, other._origin = self.client, self.server, self._origin
        other._sent = {end: copy(sent) for end, sent in self._sent.items()}  # spans are never changed in place
        return other

    def turn(self, segment: Segment) -> Turn:
        """Take the next segment."""
        seq = distance(self._origin[segment.source], segment.seq)
        ack = distance(self._origin[segment.destination], segment.ack) if "A" in segment.flags else 0
        again = self._sent[segment.source].add(seq, seq + segment.sequence_length)
        return Turn(segment, segment.source == self.client, seq, ack, again)


def _client_and_server(segments: Sequence[Segment]) -> tuple[Endpoint, Endpoint]:
    first = next((segment for segment in segments if "S" in segment.flags), None)
    if first is None:
        ends = (segments[0].source, segments[0].destination)
        return ends if ends[0].port >= ends[1].port else (ends[1], ends[0])
    if "A" in first.flags:
        return first.destination, first.source
    return first.source, first.destination


def _origin(segments: Sequence[Segment], end: Endpoint) -> int:
    isn = _isn(segments, end)
    if isn is not None:
        return isn
    for segment in segments:
        if segment.source == end:
            return segment.seq - 1
        if "A" in segment.flags:
            return segment.ack - 1
    return 0


class _Sent:
    """The sequence numbers that one side has sent, as spans that do not touch."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> bool:
        """Take in a span; returns whether some of it was there before."""
        if start >= end:
            return False
        first, last, again, apart = start, end, False, []
        for low, high in self._spans:
            again = again or (low < last and first < high)
            if high < start or end < low:
                apart.append((low, high))
            else:
                start, end = min(low, start), max(high, end)
        self._spans = [*apart, (start, end)]
        return again
