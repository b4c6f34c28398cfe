"""A testbed: a world of a known shape, its coming up and going down, and its time."""

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tcplab.errors import BadValue, NotReady, TcplabError, WorldDown
from tcplab.testbed import registry
from tcplab.testbed.parts import Part, host_named, made, wire_named
from tcplab.wire.wire import Wire
from tcplab.world import patience
from tcplab.world.channel import Channel, if_up
from tcplab.world.host import Host
from tcplab.world.interrupt import interrupt_waits
from tcplab.world.plan import Plan
from tcplab.world.shape import PROXIED, TRANSLATED, TWO_HOSTS, Link, Shape
from tcplab.world.world import World

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

    def __init__(self, shape: Shape, link: Link, mtu: int) -> None:
        if link not in ("wire", "veth"):
            raise BadValue("link", link, '"wire" (programmable, recorded) or "veth" (at kernel speed)')
        if type(mtu) is not int or not 1280 <= mtu <= 9000:
            raise BadValue("mtu", mtu, "1280 (the least for IPv6) to 9000")
        self.link = link
        self.mtu = mtu
        self.spans = shape.spans
        self.hosts: dict[str, Host] = {}
        self.wires: dict[str, Wire] = {}
        self._shape = shape
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
        return cls(TWO_HOSTS, link, mtu)

    @classmethod
    def proxied(cls, *, link: Link = "veth", mtu: int = 1500) -> Self:
        """Describe client — proxy — backend; with link="wire" the wires are `front` and `back`."""
        return cls(PROXIED, link, mtu)

    @classmethod
    def translated(cls, *, link: Link = "wire", mtu: int = 1500) -> Self:
        """Describe client — gateway — server, with the wires `inside` and `outside`.

        The gateway forwards, and that is all: translate with nft. The client has two addresses, 192.0.2.1 and
        192.0.2.11. The server (198.51.100.2) has no way back to either: it can answer the gateway alone.
        """
        return cls(TRANSLATED, link, mtu)

    @classmethod
    def newest(cls) -> "Testbed":
        """Return the bed that came up last and still is.

        Raises:
            WorldDown: None is up.
        """
        return registry.newest()

    @classmethod
    def of(cls, part: Host | Wire) -> "Testbed":
        """Return the bed that a host or a wire belongs to.

        Raises:
            WorldDown: It is down, or was: it has other hosts now.
        """
        return registry.of(part)

    # ---- up and down

    def up(self, name: str = "bed") -> Self:
        """Make the world, and replace the bed that is up under the same name.

        So a cell that begins with `bed = Testbed.two_hosts().up()` may be run again: what it made
        before goes down first. Give a second bed a name of its own.
        """
        before = registry.free(name)
        if before is not None and before is not self:
            before.down()
        if not self.is_up:
            self._come_up()
        self._name = name
        registry.call(self, name)
        return self

    def again(self) -> Self:
        """Come up once more, with fresh hosts, under the name that it had: what a picture's button does.

        Raises:
            TcplabError: Another bed has taken its place, and stays.
        """
        heir = registry.called(self._name)
        if heir is not None and heir is not self and heir.is_up:
            raise TcplabError("Another bed has taken this one's place. Run the cell again that made this picture.")
        return self.up(self._name)

    def _come_up(self) -> None:
        self.down()  # a world that has died of itself
        self.hosts, self.wires = {}, {}
        plan = Plan(self._shape, self.link, self.mtu)
        self._world = World(plan.parts, plan.hosts_file(), lent=self.lent)
        try:
            self._world.come_up()
            self.hosts, self.wires = made(plan, self._world.records, self._way, self.settle)
        except BaseException:
            self.down()
            raise
        registry.add(self)

    def _way(self, name: str) -> Callable[[], Channel]:
        def channel() -> Channel:
            if self._world is None:
                raise WorldDown(name)
            return self._world.channel(name)

        return channel

    def down(self) -> None:
        """End the world and all that runs in it; what its wires recorded stays readable."""
        registry.remove(self)
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

    client: Part[Host] = Part(host_named, "The host that opens connections.")
    server: Part[Host] = Part(host_named, "The host that listens.")
    proxy: Part[Host] = Part(host_named, "The host in the middle.")
    backend: Part[Host] = Part(host_named, "The host behind the proxy.")
    gateway: Part[Host] = Part(host_named, "The host between inside and outside.")
    wire: Part[Wire] = Part(wire_named, "The wire between client and server.")
    front: Part[Wire] = Part(wire_named, "The wire between client and proxy.")
    back: Part[Wire] = Part(wire_named, "The wire between proxy and backend.")
    inside: Part[Wire] = Part(wire_named, "The wire between client and gateway.")
    outside: Part[Wire] = Part(wire_named, "The wire between gateway and server.")

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

    def patient(self) -> contextlib.ExitStack:
        """Make stepping by hand calm, from now until the end of the `with` block, or of the bed.

        Retransmission timers of data and FIN begin at 100 s (`rto_min` of the route), there is no
        tail loss probe and no memory of earlier connections; SYNs, which obey no such setting, are
        repeated by the kernel and swallowed by the wire, and recorded as swallowed. The clock of
        TIME_WAIT cannot be stopped.

        Limit: a connection that is open already keeps its RTO (seen on 6.18): open it inside the block.
        """
        with contextlib.ExitStack() as undo:
            for host in self.hosts.values():
                patience.begin(host, undo)
            for wire in self.wires.values():
                wire.swallow_repeats(wanted=True)
                undo.callback(if_up, wire.swallow_repeats, wanted=False)
            kept = undo.pop_all()
        self._kept.append(kept)  # else it would end when a learner drops it
        return kept
