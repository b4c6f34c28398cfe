"""Testbeds: worlds of a known shape, with hosts and wires by name."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from tcplab.errors import BadValue, NotReady, TcplabError, WorldDown
from tcplab.wire.record import Record, packed
from tcplab.wire.wire import Wire
from tcplab.world import patience
from tcplab.world.channel import Channel, if_up
from tcplab.world.host import Host
from tcplab.world.interrupt import interrupt_waits
from tcplab.world.plan import (
    PROXIED,
    PROXIED_ROUTES,
    TRANSLATED,
    TRANSLATED_ROUTES,
    TRANSLATED_SYSCTLS,
    TWO_HOSTS,
    Link,
    Plan,
    Span,
)
from tcplab.world.world import World

_named: "dict[str, Testbed]" = {}
_up: "list[Testbed]" = []
_registry = threading.Lock()
_MORE_LOOKS = 3  # a request, its answer and an ACK; who never stops talking is not waited for


class Testbed:
    """Hosts and the links between them, in a world of their own.

    >>> with Testbed.two_hosts() as bed:                 # doctest: +SKIP
    ...     listener = bed.server.listen(80)
    ...     mine = bed.client.connect(bed.server, 80)

    In a notebook `bed = Testbed.two_hosts().up()`, and `bed.down()` at the end. Nothing is made
    before `up()`.
    """

    __test__ = False  # pytest: not a test

    def __init__(
        self,
        spans: Sequence[Span],
        routes: Mapping[str, Sequence[str]],
        link: Link,
        mtu: int,
        sysctls: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        if link not in ("wire", "veth"):
            raise BadValue("link", link, '"wire" (programmable, recorded) or "veth" (at kernel speed)')
        if type(mtu) is not int or not 1280 <= mtu <= 9000:
            raise BadValue("mtu", mtu, "1280 (the least for IPv6) to 9000")
        self.link = link
        self.mtu = mtu
        self.spans = tuple(spans)
        self.hosts: dict[str, Host] = {}
        self.wires: dict[str, Wire] = {}
        self._routes = routes
        self._sysctls = sysctls
        self.lent = False  # to a stranger, who is looked on at: see World
        self._name = "bed"
        self._world: World | None = None
        self._kept: list[contextlib.ExitStack] = []  # what patient() will undo

    @classmethod
    def two_hosts(cls, *, link: Link = "wire", mtu: int = 1500) -> Self:
        """Describe client (192.0.2.1) and server (192.0.2.2).

        Args:
            link: "wire" records every segment and takes rules; "veth" is for load tests and latency.
            mtu: Largest IP packet, bytes, 1280 to 9000.
        """
        return cls(TWO_HOSTS, {}, link, mtu)

    @classmethod
    def proxied(cls, *, link: Link = "veth", mtu: int = 1500) -> Self:
        """Describe client — proxy — backend; with link="wire" the wires are `front` and `back`."""
        return cls(PROXIED, PROXIED_ROUTES, link, mtu)

    @classmethod
    def translated(cls, *, link: Link = "wire", mtu: int = 1500) -> Self:
        """Describe client — gateway — server, with the wires `inside` and `outside`.

        The gateway forwards, and that is all: translate with nft. The client has two addresses, 192.0.2.1 and
        192.0.2.11. The server (198.51.100.2) has no way back to either: it can answer the gateway alone.
        """
        return cls(TRANSLATED, TRANSLATED_ROUTES, link, mtu, TRANSLATED_SYSCTLS)

    @classmethod
    def newest(cls) -> "Testbed":
        """Return the bed that came up last and still is.

        Raises:
            WorldDown: None is up.
        """
        with _registry:
            for bed in reversed(_up):
                if bed.is_up:
                    return bed
        raise WorldDown("A bed", "none is up")

    @classmethod
    def of(cls, part: Host | Wire) -> "Testbed":
        """Return the bed that a host or a wire belongs to.

        Raises:
            WorldDown: It is down, or was: it has other hosts now.
        """
        with _registry:
            for bed in _up:
                if any(part is one for one in (*bed.hosts.values(), *bed.wires.values())) and bed.is_up:
                    return bed
        raise WorldDown(f"bed.{part.name}", "its bed is not up")

    # ---- up and down

    def up(self, name: str = "bed") -> Self:
        """Make the world, and replace the bed that is up under the same name.

        So a cell that begins with `bed = Testbed.two_hosts().up()` may be run again: what it made
        before goes down first. Give a second bed a name of its own.
        """
        with _registry:
            before = _named.pop(name, None)
        if before is not None and before is not self:
            before.down()
        if not self.is_up:
            self._come_up()
        with _registry:
            self._name, _named[name] = name, self
        return self

    def again(self) -> Self:
        """Come up once more, with fresh hosts, under the name that it had: what a picture's button does.

        Raises:
            TcplabError: Another bed has taken its place, and stays.
        """
        with _registry:
            heir = _named.get(self._name)
        if heir is not None and heir is not self and heir.is_up:
            raise TcplabError("Another bed has taken this one's place. Run the cell again that made this picture.")
        return self.up(self._name)

    def _come_up(self) -> None:
        self.down()  # a world that has died of itself
        self.hosts, self.wires = {}, {}
        plan = Plan(self.spans, self._routes, self.link, self.mtu, self._sysctls)
        self._world = World(plan.parts, plan.hosts_file(), lent=self.lent)
        try:
            self._world.come_up()
            self._name_parts(plan, self._world)
        except BaseException:
            self.down()
            raise
        with _registry:
            _up.append(self)

    def _name_parts(self, plan: Plan, world: World) -> None:
        names = plan.names()
        self.hosts = {
            host: Host(host, interfaces, self._way(host), self.settle, names)
            for host, interfaces in plan.interfaces.items()
        }
        self.wires = {
            span.name: Wire(
                span.name,
                self._way(span.name),
                Record(world.records.pop(span.name), packed(names)),
                [self.hosts[host] for host, _, _ in span.ends],
                self.mtu,
            )
            for span in self.spans
            if self.link == "wire"
        }

    def _way(self, name: str) -> Callable[[], Channel]:
        def channel() -> Channel:
            if self._world is None:
                raise WorldDown(name)
            return self._world.channel(name)

        return channel

    def down(self) -> None:
        """End the world and all that runs in it; what its wires recorded stays readable."""
        with _registry:
            if self in _up:
                _up.remove(self)
            for name in [name for name, bed in _named.items() if bed is self]:
                del _named[name]
        if self._world is None:
            return
        try:
            for wire in self.wires.values():
                with contextlib.suppress(NotReady):  # one that hangs must not keep the world
                    len(wire.segments)  # until all that was sent is recorded
        finally:
            with interrupt_waits():
                self._end()

    def _end(self) -> None:
        if self._world is not None:
            self._world.down()
        self._world = None
        for wire in self.wires.values():
            wire.close()
        while self._kept:
            self._kept.pop().close()

    @property
    def name(self) -> str:
        """Return the name under which it came up last."""
        return self._name

    @property
    def is_up(self) -> bool:
        """Tell whether the world is there."""
        return self._world is not None and self._world.is_up

    def __enter__(self) -> Self:
        if not self.is_up:
            self._come_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def __repr__(self) -> str:
        state = "up" if self.is_up else "down"
        return f"{' — '.join(dict.fromkeys(end[0] for span in self.spans for end in span.ends))} ({self.link}, {state})"

    # ---- parts by name

    def _host(self, name: str) -> Host:
        if name in self.hosts:
            return self.hosts[name]
        known = {end[0] for span in self.spans for end in span.ends}
        if name in known:
            raise WorldDown(f"bed.{name}", "its bed is not up")
        raise BadValue("host", name, f"the hosts of this bed: {', '.join(sorted(known))}")

    def _wire(self, name: str) -> Wire:
        if name in self.wires:
            return self.wires[name]
        if name not in {span.name for span in self.spans}:
            raise BadValue("wire", name, f"the links of this bed: {', '.join(span.name for span in self.spans)}")
        if self.link == "veth":
            raise BadValue("link", "veth", 'link="wire" for a bed whose segments are recorded and ruled')
        raise WorldDown(f"bed.{name}", "its bed is not up")

    @property
    def client(self) -> Host:
        """Return the host that opens connections."""
        return self._host("client")

    @property
    def server(self) -> Host:
        """Return the host that listens."""
        return self._host("server")

    @property
    def proxy(self) -> Host:
        """Return the host in the middle."""
        return self._host("proxy")

    @property
    def backend(self) -> Host:
        """Return the host behind the proxy."""
        return self._host("backend")

    @property
    def gateway(self) -> Host:
        """Return the host between inside and outside."""
        return self._host("gateway")

    @property
    def wire(self) -> Wire:
        """Return the wire between client and server."""
        return self._wire("wire")

    @property
    def front(self) -> Wire:
        """Return the wire between client and proxy."""
        return self._wire("front")

    @property
    def back(self) -> Wire:
        """Return the wire between proxy and backend."""
        return self._wire("back")

    @property
    def inside(self) -> Wire:
        """Return the wire between client and gateway."""
        return self._wire("inside")

    @property
    def outside(self) -> Wire:
        """Return the wire between gateway and server."""
        return self._wire("outside")

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Return the ip(8) commands that made the links and addresses, each with where it ran."""
        return [] if self._world is None else list(self._world.commands)

    # ---- time

    def settle(self) -> None:
        """Wait until what was sent so far has arrived, on all wires, for a second at most on each.

        A host between two wires passes on, or answers on the other: so until neither record grows, three times at most.
        """
        before, now = None, self._crossed()
        for _ in range(_MORE_LOOKS if len(self.wires) > 1 else 0):
            if now == before:
                break
            before, now = now, self._crossed()

    def _crossed(self) -> list[int]:
        """Let each wire settle, and return how much each has written into its record."""
        return [wire.settled_at() for wire in self.wires.values()]

    @contextlib.contextmanager
    def _patience(self) -> Iterator[None]:
        with contextlib.ExitStack() as undo:
            for host in self.hosts.values():
                patience.begin(host, undo)
            for wire in self.wires.values():
                wire.swallow_repeats(wanted=True)
                undo.callback(if_up, wire.swallow_repeats, wanted=False)
            yield

    def patient(self) -> contextlib.ExitStack:
        """Make stepping by hand calm, from now until the end of the `with` block, or of the bed.

        Retransmission timers of data and FIN begin at 100 s (`rto_min` of the route), there is no
        tail loss probe and no memory of earlier connections; SYNs, which obey no such setting, are
        repeated by the kernel and swallowed by the wire, and recorded as swallowed. The clock of
        TIME_WAIT cannot be stopped.
        """
        undo = contextlib.ExitStack()
        undo.enter_context(self._patience())
        self._kept.append(undo)  # else it would end when a learner drops it
        return undo
