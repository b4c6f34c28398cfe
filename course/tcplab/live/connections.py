"""The connections of a bed, oldest first: from its wires' records, or from its hosts' socket tables."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tcplab.live.follower import Follower
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.state import TcpState
from tcplab.observe.sockets import sockets

if TYPE_CHECKING:
    from tcplab.model.connection import Connection
    from tcplab.notebook.steps import Step
    from tcplab.testbed import Testbed
    from tcplab.wire.wire import Wire

KERNEL_ALONE = "This bed has no wire: states are sock_diag's, looked at again and again. What is short is missed."
_MOST = 20  # connections to choose from
_ROWS = 500  # of one host's table


@dataclass(frozen=True, slots=True)
class Found:
    """A connection that can be followed: named from the client's side.

    `hosts` are those whose kernels may know it; `place` counts the connections of its wire, -1 where there is none.
    """

    key: str
    four_tuple: FourTuple
    hosts: tuple[str, ...]
    wire: str = ""
    place: int = -1
    begun_s: float = 0.0

    @property
    def label(self) -> str:
        """What stands in the list."""
        return str(self.four_tuple)


class WireTalks:
    """The connections that a bed's wires have seen, the newest last; one of them can be followed."""

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._seen: dict[str, _OneWire] = {}

    def look(self, chosen: str = "") -> list[Found]:
        """List the newest, and the one that was chosen by its key; a record that goes on is read on."""
        for name, wire in self._bed.wires.items():
            if name not in self._seen or self._seen[name].wire is not wire:  # the bed came up again
                self._seen[name] = _OneWire(name, wire)
        found = sorted((each for one in self._seen.values() for each in one.look(chosen)), key=lambda one: one.begun_s)
        return [each for at, each in enumerate(found) if at >= len(found) - _MOST or each.key == chosen]

    def steps(self, found: Found) -> "list[Step]":
        """What both ends went through, as the segments tell it."""
        return self._seen[found.wire].steps(found.place)

    def is_newest(self, found: Found) -> bool:
        """Tell whether its four-tuple names it in a kernel's table: it may have been used again since."""
        talks = self._seen[found.wire].follower.talks
        return talks.is_newest(talks.every[found.place])


class _OneWire:
    """What one wire has recorded."""

    def __init__(self, name: str, wire: "Wire") -> None:
        self.wire = wire
        self.follower = Follower()
        self._name = name
        self._hosts = tuple(host.name for host in wire.hosts)
        self._found: dict[int, Found] = {}

    def look(self, chosen: str) -> list[Found]:
        """The newest, and one chosen; those whose beginning is not known only if all are so."""
        segments = self.wire.peek()
        self.follower.read(segments)
        every = self.follower.talks.every
        begun = [place for place, talk in enumerate(every) if talk.has_beginning] or range(len(every))
        wanted = [*(place for place in begun[:-_MOST] if chosen == self._key(place)), *begun[-_MOST:]]
        self._found = {
            place: self._found.get(place) or self._name_it(place, segments[every[place].places[0]].time_s)
            for place in wanted
        }
        return list(self._found.values())

    def _key(self, place: int) -> str:
        return f"{self._name} {place}"

    def _name_it(self, place: int, begun_s: float) -> Found:
        talk = self.follower.talks.every[place]
        client, server = (Endpoint(ip_address(address), port) for address, port in (talk.client, talk.server))
        return Found(self._key(place), FourTuple(client, server), self._hosts, self._name, place, begun_s)

    def steps(self, place: int) -> "list[Step]":
        """What both ends of one connection went through."""
        self.follower.which = place
        self.follower.look(self.wire.peek())
        return self.follower.steps()


class TableTalks:
    """The connections in the socket tables of a bed without a wire, in the order in which they were first seen.

    After the first look TIME_WAIT is left out of the question: there may be thousands, and none of them is new.
    """

    def __init__(self, bed: "Testbed") -> None:
        self._bed = bed
        self._seen: dict[FourTuple, tuple[str, ...]] = {}
        self._hosts: object = None

    def look(self) -> list[Found]:
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
        return [Found(str(named), named, hosts) for named, hosts in self._seen.items()]


def _from_client(seen: "Connection", listening: set[int]) -> FourTuple:
    """Name a connection from its client's side: the other side has a listener's port, or the lower one."""
    served = seen.local.port in listening or seen.local.port < seen.peer.port
    return seen.four_tuple.reversed() if served else seen.four_tuple
