"""The connections of a bed, oldest first: from its wires' records, or from its hosts' socket tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.model.conversation import Conversation, conversations
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.segment import Fate, Segment
from tcplab.model.state import TcpState
from tcplab.observe.sockets import sockets

if TYPE_CHECKING:
    from tcplab.model.connection import Connection
    from tcplab.testbed import Testbed

AT_ONCE = 200
"""So many new segments are taken in by one look: in a burst the rest is passed over, with the connections in it."""

_KEPT = 3000  # segments of one connection: of a longer one the beginning is let go of

KERNEL_ALONE = "This bed has no wire: states are sock_diag's, looked at again and again. What is short is missed."
_MOST = 20  # connections to choose from
_ROWS = 500  # of one host's table
_ON_ITS_WAY = (Fate.HELD, Fate.DELAYED)


@dataclass(frozen=True, slots=True)
class Talk:
    """A connection that can be followed: named from the client's side, with its segments where a wire has them.

    `hosts` are those whose kernels may know it. A four-tuple may be used again: only its newest connection can be asked
    for by it.
    """

    key: str
    four_tuple: FourTuple
    hosts: tuple[str, ...]
    segments: Sequence[Segment] = ()
    newest_of_its_ends: bool = True

    @property
    def label(self) -> str:
        """What stands in the list."""
        return str(self.four_tuple)

    def conversation(self) -> Conversation | None:
        """Its segments put together; None where there is no wire."""
        return conversations(self.segments)[0] if self.segments else None


class WireTalks:
    """The connections that a bed's wires have seen, the newest last."""

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._wires: dict[str, tuple[object, _OneWire]] = {}  # by name: the wire itself, for a bed may come up again

    def look(self, *, all_of_them: bool = False) -> list[Talk]:
        """Take in what has crossed since the last look, and list the newest; most of a burst is passed over."""
        for name, wire in self._bed.wires.items():
            if name not in self._wires or self._wires[name][0] is not wire:
                self._wires[name] = (wire, _OneWire(name, tuple(host.name for host in wire.hosts)))
            self._wires[name][1].take(wire.peek(), all_of_them=all_of_them)
        talks = [talk for _, known in self._wires.values() for talk in known.talks()]
        return [talk for _, talk in sorted(talks, key=lambda begun: begun[0])][-_MOST:]


class _OneWire:
    """What one wire has recorded, connection by connection."""

    def __init__(self, name: str, hosts: tuple[str, ...]) -> None:
        self._name, self._hosts = name, hosts
        self._taken = 0
        self._every: list[list[Segment]] = []
        self._newest: dict[frozenset[Endpoint], list[Segment]] = {}
        self._on_their_way: list[tuple[list[Segment], int]] = []

    def take(self, recorded: Sequence[Segment], *, all_of_them: bool) -> None:
        """Take in new segments, and what became of those that were on their way."""
        waiting, self._on_their_way = self._on_their_way, []
        for known, place in waiting:
            known[place] = recorded[known[place].number - 1]
            self._note(known, place)
        begin = self._taken
        if len(recorded) - begin > AT_ONCE and not all_of_them:
            begin = len(recorded) - AT_ONCE
            self._every, self._newest, self._on_their_way = [], {}, []
        self._taken = len(recorded)
        for segment in recorded[begin : self._taken]:
            self._sort(segment)
        del self._every[: -2 * _MOST]

    def _sort(self, segment: Segment) -> None:
        pair = frozenset((segment.source, segment.destination))
        known = self._newest.get(pair)
        if known is None or (segment.flags == "S" and len(conversations([*known, segment])) > 1):
            known = self._newest[pair] = []
            self._every.append(known)
        known.append(segment)
        self._note(known, len(known) - 1)
        if len(known) > _KEPT:
            del known[: _KEPT // 2]
            self._on_their_way = [(talk, place) for talk, place in self._on_their_way if talk is not known]

    def _note(self, known: list[Segment], place: int) -> None:
        if known[place].delivered_s is None and known[place].fate in _ON_ITS_WAY:
            self._on_their_way.append((known, place))

    def talks(self) -> list[tuple[float, Talk]]:
        """The newest connections, each with when it began; those whose beginning is not known only if all are so."""
        begun = [known for known in self._every if "S" in known[0].flags] or self._every
        return [(known[0].time_s, self._talk(known)) for known in begun[-_MOST:]]

    def _talk(self, known: list[Segment]) -> Talk:
        first = known[0]
        ends = FourTuple(first.source, first.destination)
        served = first.flags != "S" and (first.flags == "SA" or ends.local.port < ends.peer.port)
        newest = self._newest.get(frozenset((ends.local, ends.peer))) is known
        four_tuple = ends.reversed() if served else ends
        return Talk(f"{self._name} {first.number}", four_tuple, self._hosts, known, newest_of_its_ends=newest)


class TableTalks:
    """The connections in the socket tables of a bed without a wire, in the order in which they were first seen.

    After the first look TIME_WAIT is left out of the question: there may be thousands, and none of them is new.
    """

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._seen: dict[FourTuple, tuple[str, ...]] = {}
        self._hosts: object = None

    def look(self, *, all_of_them: bool = False) -> list[Talk]:  # noqa: ARG002 (nothing is passed over here)
        """Look at all hosts' tables, and list the newest."""
        first = self._hosts is not self._bed.hosts
        if first:
            self._hosts, self._seen = self._bed.hosts, {}
        wanted = [state for state in TcpState if first or state is not TcpState.TIME_WAIT]
        for host in self._bed.hosts.values():
            table = sockets(host, state=wanted)
            listening = {each.local.port for each in table if each.state is TcpState.LISTEN}
            for each in table[:_ROWS]:
                if each.state is not TcpState.LISTEN:
                    self._seen.setdefault(_from_client(each, listening), tuple(self._bed.hosts))
        while len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]
        return [Talk(str(named), named, hosts) for named, hosts in self._seen.items()]


def _from_client(seen: "Connection", listening: set[int]) -> FourTuple:
    """Name a connection from its client's side: the other side has a listener's port, or the lower one."""
    served = seen.local.port in listening or seen.local.port < seen.peer.port
    return seen.four_tuple.reversed() if served else seen.four_tuple
