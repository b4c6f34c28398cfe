"""What became of each segment at a host in the middle, told from the records of the wires on both sides of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from tcplab.model.conversation import SEQUENCE_SPACE
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Fate, Segment


class Treatment(StrEnum):
    """What the middle did with a segment."""

    PASSED = "passed on"
    STOPPED = "stopped"
    OWN = "its own"
    """The middle itself has sent it, in the name of an end."""
    NEVER_CAME = "never came"
    """The wire has not delivered it: a rule of yours."""


@dataclass(frozen=True, slots=True)
class Passing:
    """One segment as the wires on both sides saw it; None where one did not.

    `to_server` is its way; `at_s` when it was first seen, on the clock of the inner wire.
    """

    inside: Segment | None
    outside: Segment | None
    to_server: bool
    at_s: float

    @property
    def segment(self) -> Segment:
        """As it set out: before the middle had it, where it came from an end."""
        first, second = (self.inside, self.outside) if self.to_server else (self.outside, self.inside)
        found = first or second
        assert found is not None
        return found

    @property
    def treatment(self) -> Treatment:
        """What the middle did with it."""
        came, went = (self.inside, self.outside) if self.to_server else (self.outside, self.inside)
        if came is None:
            return Treatment.OWN
        if went is not None:
            return Treatment.PASSED
        arrived = came.delivered_s is not None and came.fate is not Fate.DROPPED
        return Treatment.STOPPED if arrived else Treatment.NEVER_CAME

    @property
    def names(self) -> tuple[Endpoint | None, Endpoint | None]:
        """The client's end as it is called inside, and outside; None where the segment was not seen."""
        return self._name(self.inside), self._name(self.outside)

    def _name(self, segment: Segment | None) -> Endpoint | None:
        if segment is None:
            return None
        return segment.source if self.to_server else segment.destination


def passings(inside: Iterable[Segment], outside: Iterable[Segment], *, port: int) -> list[Passing]:
    """Find each segment again on the other wire, by what a translation leaves as it is.

    That is all but addresses and ports: flags, numbers, options, payload.

    Args:
        inside: what the wire on the client's side recorded
        outside: what the wire on the server's side recorded
        port: the server's; others are left out

    Returns: one for each segment that either wire saw, in the order in which they set out.
    """
    near, far = _on_port(inside, port), _on_port(outside, port)
    pairs, left = _paired(near, far)
    apart_s = median([b.time_s - a.time_s for a, b in pairs if b is not None] or [0.0])
    found = [_passing(a, b, port, apart_s) for a, b in pairs] + [_passing(None, one, port, apart_s) for one in left]
    return sorted(found, key=lambda one: one.at_s)


def newest(found: Sequence[Passing]) -> list[Passing]:
    """Return what belongs to the connection that was opened last; an older one may be closing meanwhile.

    A SYN that is said again opens nothing new. Where none was seen, all of it.
    """
    last = next((one for one in reversed(found) if one.segment.flags == "S"), None)
    if last is None:
        return list(found)
    same = [at for at, one in enumerate(found) if one.segment.flags == "S" and _is_repeat(one, last)]
    inside = last.names[0]
    outside = next((found[at].names[1] for at in same if found[at].names[1]), None)
    return [
        one for one in found[same[0] :] if (inside and one.names[0] == inside) or (outside and one.names[1] == outside)
    ]


def _is_repeat(one: Passing, other: Passing) -> bool:
    return (one.names[0], one.segment.seq) == (other.names[0], other.segment.seq)


def probes(found: Sequence[Passing]) -> list[Passing]:
    """Return the probes among them: empty segments that count from one before the next number.

    Source: RFC 9293 §3.8.4.
    """
    following: dict[tuple[bool, Endpoint | None], int] = {}
    told = []
    for one in found:
        segment, end = one.segment, (one.to_server, one.names[0] or one.names[1])
        if (
            segment.flags == "A"
            and not segment.payload_bytes
            and following.get(end) == (segment.seq + 1) % SEQUENCE_SPACE
        ):
            told.append(one)
        else:
            following[end] = (segment.seq + segment.sequence_length) % SEQUENCE_SPACE
    return told


def _passing(inside: Segment | None, outside: Segment | None, port: int, apart_s: float) -> Passing:
    """Put the two halves together; `apart_s` is how much later the outer wire's clock began to count."""
    known = inside or outside
    assert known is not None
    to_server = known.destination.port == port
    if inside is not None and (to_server or outside is None):
        return Passing(inside, outside, to_server, inside.time_s)
    assert outside is not None
    return Passing(inside, outside, to_server, outside.time_s - apart_s)


def _on_port(segments: Iterable[Segment], port: int) -> list[Segment]:
    return [segment for segment in segments if port in (segment.source.port, segment.destination.port)]


def _paired(
    near: Sequence[Segment], far: Sequence[Segment]
) -> tuple[list[tuple[Segment, Segment | None]], list[Segment]]:
    """Pair each segment of one wire with the first that is left of its kind on the other; and what is left there."""
    waiting: dict[tuple[object, ...], list[Segment]] = {}
    for segment in far:
        waiting.setdefault(_kept(segment), []).append(segment)
    pairs: list[tuple[Segment, Segment | None]] = []
    for segment in near:
        same = waiting.get(_kept(segment))
        pairs.append((segment, same.pop(0) if same else None))
    return pairs, [segment for same in waiting.values() for segment in same]


def _kept(segment: Segment) -> tuple[object, ...]:
    """What a translation of addresses and ports leaves as it is; the way is told by the port that listens."""
    return (segment.flags, segment.seq, segment.ack, segment.payload_bytes, segment.payload, segment.options)
