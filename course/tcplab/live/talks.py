"""Which segments belong to which connection, told from their headers alone: a flood goes through here."""

from array import array
from collections.abc import Iterable

from tcplab.model.frame import Headers
from tcplab.model.segment import Segment

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
End = tuple[bytes, int]


class Talk:
    """One connection: the places of its segments in the record, and of those with SYN, FIN or RST."""

    def __init__(self, client: End, server: End) -> None:
        self.client, self.server = client, server
        self.places = array("L")
        self.marked = array("L")
        self._begun_at: dict[End, int] = {}
        self._has_more_than_syns = False

    @property
    def has_beginning(self) -> bool:
        """Tell whether its SYN is in the record."""
        return bool(self._begun_at)

    def begins_anew(self, source: End, seq: int) -> bool:
        """Tell whether a SYN without ACK is the first of another connection: see model.conversation."""
        if source in self._begun_at:
            return self._begun_at[source] != seq
        return self._has_more_than_syns  # else both ends open at once

    def add(self, place: int, source: End, seq: int, flags: int) -> None:
        """Take note of a segment."""
        self.places.append(place)
        if flags & (_FIN | _SYN | _RST):
            self.marked.append(place)
            if flags & _SYN:
                self._begun_at.setdefault(source, seq)
        self._has_more_than_syns = self._has_more_than_syns or not flags & _SYN


class Talks:
    """All connections of a record, in the order of their first segments."""

    def __init__(self) -> None:
        self.every: list[Talk] = []
        self.read = 0
        self._current: dict[tuple[bytes, int, bytes, int], Talk] = {}

    def read_on(self, headers: Iterable[Headers]) -> None:
        """Take note of the segments that follow those read so far."""
        for _, source, destination, source_port, destination_port, seq, _, flags, *_ in headers:
            way = (source, source_port, destination, destination_port)
            talk = self._current.get(way)
            opens = flags & (_SYN | _ACK) == _SYN
            if talk is None or (opens and talk.begins_anew(way[:2], seq)):
                talk = self._new(way, seq_known=bool(flags & _SYN), from_server=flags & (_SYN | _ACK) == _SYN | _ACK)
            talk.add(self.read, way[:2], seq, flags)
            self.read += 1

    def of(self, segment: Segment) -> Talk | None:
        """Return the newest connection between a segment's ends."""
        source, destination = segment.source, segment.destination
        return self._current.get((source.address.packed, source.port, destination.address.packed, destination.port))

    def is_newest(self, talk: Talk) -> bool:
        """Tell whether no other connection has come between the same ends."""
        return self._current.get((*talk.client, *talk.server)) is talk

    def _new(self, way: tuple[bytes, int, bytes, int], *, seq_known: bool, from_server: bool) -> Talk:
        here, there = way[:2], way[2:]
        from_server = from_server or (not seq_known and here[1] < there[1])
        talk = Talk(there, here) if from_server else Talk(here, there)
        self.every.append(talk)
        self._current[way] = self._current[*there, *here] = talk
        return talk
