"""The world, live: hosts, what lies between them, sockets by state, programs, rules in force; and what is outside."""

from dataclasses import asdict
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Any, Final

import traitlets

from tcplab.errors import BadValue, WorldDown
from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.model.connection import Connection
from tcplab.model.state import TcpState
from tcplab.notebook.world import HostSeen, LinkSeen, WorldSeen, devices, tree
from tcplab.observe.processes import holders, programs
from tcplab.observe.sockets import SocketTable, glance
from tcplab.testbed import Testbed

if TYPE_CHECKING:
    from tcplab.world.host import Host

SOCKETS_SHOWN = 20
_PERIOD_S: Final = 0.2
_LONGEST_S: Final = 2.0
_REST = 20
"""A look at 28,000 sockets takes its time: the next one waits so many times as long."""
_PROGRAMS_EVERY_S = 1.0
_TIME_WAIT_S = 60


def live_world(bed: Testbed | None = None) -> "WorldView":
    """A bed's world, live: its hosts with sockets and programs, what crosses its wires, and your machine outside.

    Args:
        bed: the newest that is up by default

    Raises:
        BadValue: it is no bed.
        WorldDown: none was given, and none is up.

    >>> live_world(bed)                                  # doctest: +SKIP
    client and server: 2 sockets, 3 segments so far.
    """
    if bed is not None and not isinstance(bed, Testbed):
        raise BadValue("bed", bed, "a bed, such as bed = Testbed.two_hosts().up()")
    return WorldView(bed or Testbed.newest())


class WorldView(View):
    """What a bed's world is made of, looked at five times a second at most; a click on a host shows its sockets."""

    _esm = script("copy.js", "code.js", "world_parts.js", "world.js")
    _css = style("world.css")

    seen = traitlets.Dict().tag(sync=True)
    period_s = _PERIOD_S

    def __init__(self, bed: Testbed) -> None:
        self._bed = bed
        self._programs: dict[str, tuple[tuple[str, int], ...]] = {}
        self._programs_at = 0.0
        super().__init__()
        self.look()

    def twin(self) -> str:
        """Return the world as a tree, once all that was sent has arrived."""
        if self._bed.is_up:
            self._bed.settle()
            self._programs_at = 0.0
            self.look()
        return self.words or "This world is down."

    def _again(self) -> None:
        self._bed.again()
        self.look()

    def _look(self) -> None:
        if not self._bed.is_up:
            raise WorldDown("A world")
        begun_s = thread_time()
        hosts = tuple(self._host(host, monotonic()) for host in self._bed.hosts.values())
        world = WorldSeen(hosts, tuple(self._link(span.name) for span in self._bed.spans))
        self.seen = _sent(world)
        self.lead = lead(world)
        self.words = f"{self.lead}\n{tree(world)}"
        self.period_s = min(max(_PERIOD_S, _REST * (thread_time() - begun_s)), _LONGEST_S)

    def _host(self, host: "Host", now: float) -> HostSeen:
        if now - self._programs_at >= _PROGRAMS_EVERY_S:
            self._programs_at = now
            found = programs({each.namespace: name for name, each in self._bed.hosts.items()})
            self._programs = {name: tuple(sorted(counted.items())) for name, counted in found.items()}
        sockets = tuple(glance(host).by_state().items())
        return HostSeen(host.name, devices(host.name, self._bed.spans), sockets, self._programs.get(host.name, ()))

    def _link(self, name: str) -> LinkSeen:
        wire = self._bed.wires.get(name)
        if wire is None:
            return LinkSeen(name, programmable=False)
        tally = wire.tally()
        rules = tuple(rule.call for rule in wire.rules)
        return LinkSeen(
            name,
            programmable=True,
            segments=tally.segments,
            fates=tuple(tally.fates.items()),
            rules=rules,
            sent_by=tally.sent_by,
            behind=tally.behind,
        )

    def do_sockets(self, host: str = "") -> dict[str, Any]:
        """Show a host's first sockets, and what shows the same elsewhere."""
        if host not in self._bed.hosts:
            raise BadValue("host", host, f"a host of this world: {', '.join(self._bed.hosts)}")
        table = glance(self._bed.hosts[host])
        first: SocketTable = table[:SOCKETS_SHOWN]
        held_by = holders(first.inodes())
        return {
            "host": host,
            "count": len(table),
            "rows": [_row(connection, held_by.get(connection.inode, "")) for connection in first],
            "code": f"%on {host} ss -tano\nshow(sockets(bed.{host}))",
        }


def lead(world: WorldSeen) -> str:
    """Say a world in one sentence, with its numbers."""
    *others, last = (host.name for host in world.hosts)
    said = [_counted(sum(count for host in world.hosts for _, count in host.sockets), "socket")]
    if any(link.programmable for link in world.links):
        over = "over " if any(link.behind for link in world.links) else ""
        said.append(over + _counted(sum(link.segments for link in world.links), "segment") + " so far")
    return f"{', '.join(others)} and {last}: {', '.join(said)}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _sent(world: WorldSeen) -> dict[str, Any]:
    """Return what the picture draws, as JSON has it: states and fates by name."""
    return {
        "hosts": [
            asdict(host) | {"sockets": [[str(state), count] for state, count in host.sockets]} for host in world.hosts
        ],
        "links": [asdict(link) | {"fates": [[str(fate), count] for fate, count in link.fates]} for link in world.links],
    }


def _row(connection: Connection, held_by: str) -> dict[str, Any]:
    left_s = connection.timer_s
    clock = f"{connection.timer} {int(left_s)} s" if connection.timer and left_s is not None else ""
    return {
        "state": str(connection.state),
        "local": str(connection.local),
        "peer": "" if connection.state is TcpState.LISTEN else str(connection.peer),
        "timer": clock,
        "left": left_s / _TIME_WAIT_S if connection.state is TcpState.TIME_WAIT and left_s is not None else 1,
        "held_by": held_by.replace("this process", "this notebook") or "nobody",
    }
