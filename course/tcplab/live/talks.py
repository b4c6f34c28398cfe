"""The connections of a bed, oldest first: from its wires' records, or from its hosts' socket tables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcplab.model.conversation import Conversation, conversations
from tcplab.model.four_tuple import FourTuple
from tcplab.model.segment import Fate, Segment
from tcplab.model.state import TcpState
from tcplab.observe.sockets import sockets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tcplab.model.connection import Connection
    from tcplab.testbed import Testbed

LOOKED_BACK = 2000
"""So many of the newest segments of a wire are looked through; what is older is let go of."""

KERNEL_ALONE = "This bed has no wire: states are sock_diag's, looked at again and again. What is short is missed."
_MOST = 20  # connections to choose from
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
    talk: Conversation | None = None
    newest_of_its_ends: bool = True

    @property
    def label(self) -> str:
        """What stands in the list."""
        return str(self.four_tuple)


class WireTalks:
    """The connections that a bed's wires have seen, the newest last."""

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._known: dict[str, tuple[object, list[Segment]]] = {}  # by wire: the wire itself, and what it recorded
        self._talks: dict[str, list[Talk]] = {}

    def look(self) -> list[Talk]:
        """Take in what has crossed since the last look, and list the newest."""
        for name, wire in self._bed.wires.items():
            known = self._known.get(name)
            segments = known[1] if known is not None and known[0] is wire else []
            changed = _catch_up(segments, wire.peek())
            if changed or known is None or known[0] is not wire:
                self._known[name] = (wire, segments)
                self._talks[name] = _talks(name, tuple(host.name for host in wire.hosts), segments)
        every = [talk for talks in self._talks.values() for talk in talks]
        every.sort(key=lambda talk: talk.talk[0].segment.time_s if talk.talk else 0.0)
        return every[-_MOST:]


def _catch_up(segments: list[Segment], recorded: "Sequence[Segment]") -> bool:
    """Bring a list up to date: new segments, and those that have moved on since; returns whether it changed."""
    changed = False
    for place, segment in enumerate(segments):
        if segment.delivered_s is None and segment.fate in _ON_ITS_WAY:
            now = recorded[segment.number - 1]
            if (now.fate, now.delivered_s) != (segment.fate, segment.delivered_s):
                segments[place], changed = now, True
    last = segments[-1].number if segments else 0
    if len(recorded) > last:
        segments.extend(recorded[max(last, len(recorded) - LOOKED_BACK) : len(recorded)])
        del segments[:-LOOKED_BACK]
        changed = True
    return changed


def _talks(wire: str, hosts: tuple[str, ...], segments: list[Segment]) -> list[Talk]:
    talks = conversations(segments)
    begun = [talk for talk in talks if "S" in talk[0].segment.flags] or talks  # else cut off, or before the record
    newest = {talk.four_tuple: talk for talk in begun}
    return [
        Talk(f"{wire} {talk[0].segment.number}", talk.four_tuple, hosts, talk, newest[talk.four_tuple] is talk)
        for talk in begun[-_MOST:]
    ]


class TableTalks:
    """The connections in the socket tables of a bed without a wire, in the order in which they were first seen.

    After the first look TIME_WAIT is left out of the question: there may be thousands, and none of them is new.
    """

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._seen: dict[FourTuple, tuple[str, ...]] = {}
        self._hosts: object = None

    def look(self) -> list[Talk]:
        """Look at all hosts' tables, and list the newest."""
        first = self._hosts is not self._bed.hosts
        if first:
            self._hosts, self._seen = self._bed.hosts, {}
        wanted = [state for state in TcpState if first or state is not TcpState.TIME_WAIT]
        for host in self._bed.hosts.values():
            table = sockets(host, state=wanted)
            listening = {each.local.port for each in table if each.state is TcpState.LISTEN}
            for each in table[: LOOKED_BACK // 4]:
                if each.state is not TcpState.LISTEN:
                    self._seen.setdefault(_from_client(each, listening), tuple(self._bed.hosts))
        while len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]
        return [Talk(str(named), named, hosts) for named, hosts in self._seen.items()]


def _from_client(seen: "Connection", listening: set[int]) -> FourTuple:
    """Name a connection from its client's side: the other side has a listener's port, or the lower one."""
    served = seen.local.port in listening or seen.local.port < seen.peer.port
    return seen.four_tuple.reversed() if served else seen.four_tuple
