"""Testbeds: worlds of a known shape, with hosts and wires by name."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tcplab.errors import BadValue, WorldDown
from tcplab.wire.record import Record, packed
from tcplab.wire.wire import Wire
from tcplab.world.channel import Channel
from tcplab.world.host import Host
from tcplab.world.world import World

Link = Literal["wire", "veth"]

# Bounded windows: what a host may have on the way at once fits the wire's rings.
_HOST_SYSCTLS = {"/proc/sys/net/ipv4/tcp_rmem": "4096 131072 1048576"}
_PATIENT = {
    "tcp_early_retrans": 0,  # no tail loss probe
    "tcp_no_metrics_save": 1,  # a long hold must not slow the next connection down
    "tcp_syn_retries": 20,
    "tcp_synack_retries": 20,
}
_PATIENT_RTO = "100s"


@dataclass(frozen=True, slots=True)
class Span:
    """One link: its name, and at both ends a host, its device and addresses."""

    name: str
    ends: tuple[tuple[str, str, tuple[str, ...]], tuple[str, str, tuple[str, ...]]]


_TWO_HOSTS = (
    Span(
        "wire",
        (
            ("client", "eth0", ("192.0.2.1/24", "2001:db8::1/64")),
            ("server", "eth0", ("192.0.2.2/24", "2001:db8::2/64")),
        ),
    ),
)
_PROXIED = (
    Span(
        "front",
        (
            ("client", "eth0", ("192.0.2.1/24", "2001:db8::1/64")),
            ("proxy", "eth0", ("192.0.2.2/24", "2001:db8::2/64")),
        ),
    ),
    Span(
        "back",
        (
            ("proxy", "eth1", ("198.51.100.1/24", "2001:db8:1::1/64")),
            ("backend", "eth0", ("198.51.100.2/24", "2001:db8:1::2/64")),
        ),
    ),
)
_PROXIED_ROUTES = {
    "client": ("route add 198.51.100.0/24 via 192.0.2.2",),
    "backend": ("route add 192.0.2.0/24 via 198.51.100.1",),
}

_named: "dict[str, Testbed]" = {}
_up: "list[Testbed]" = []
_registry = threading.Lock()


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
        self, spans: Sequence[Span], routes: Mapping[str, Sequence[str]], link: Link, mtu: int
    ) -> None:
        if link not in ("wire", "veth"):
            raise BadValue("link", link, '"wire" (programmable, recorded) or "veth" (at kernel speed)')
        if isinstance(mtu, bool) or not isinstance(mtu, int) or not 1280 <= mtu <= 9000:
            raise BadValue("mtu", mtu, "1280 (the least for IPv6) to 9000")
        self.link = link
        self.mtu = mtu
        self.spans = tuple(spans)
        self.hosts: dict[str, Host] = {}
        self.wires: dict[str, Wire] = {}
        self._routes = routes
        self._world: World | None = None

    @classmethod
    def two_hosts(cls, *, link: Link = "wire", mtu: int = 1500) -> Self:
        """Describe client (192.0.2.1) and server (192.0.2.2).

        Args:
            link: "wire" records every segment and takes rules; "veth" is for load tests and latency.
            mtu: Largest IP packet, bytes, 1280 to 9000.
        """
        return cls(_TWO_HOSTS, {}, link, mtu)

    @classmethod
    def proxied(cls, *, link: Link = "veth", mtu: int = 1500) -> Self:
        """Describe client — proxy — backend; with link="wire" the wires are `front` and `back`."""
        return cls(_PROXIED, _PROXIED_ROUTES, link, mtu)

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

    # ---- up and down

    def up(self, name: str | None = None) -> Self:
        """Make the world; with a name, replace the bed that is up under that name.

        A cell that begins with `bed = Testbed.two_hosts().up()` may be run again: what it made
        before under the same name ("bed" unless given) goes down first.
        """
        name = "bed" if name is None else name
        with _registry:
            before = _named.pop(name, None)
        if before is not None and before is not self:
            before.down()
        if not self.is_up:
            self._come_up()
        with _registry:
            _named[name] = self
        return self

    def _come_up(self) -> None:
        plan = _Plan(self.spans, self._routes, self.link, self.mtu)
        world = World(plan.parts, plan.hosts_file())
        self._world = world
        names = plan.names()
        self.hosts = {
            host: Host(host, interfaces, self._way(host), self.settle, names)
            for host, interfaces in plan.interfaces.items()
        }
        self.wires = {
            span.name: Wire(
                span.name,
                self._way(span.name),
                Record(world.records[span.name], packed(names)),
                [self.hosts[host] for host, _, _ in span.ends],
            )
            for span in self.spans
            if self.link == "wire"
        }
        with _registry:
            _up.append(self)

    def _way(self, name: str) -> "Any":
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
        if self._world is not None:
            for wire in self.wires.values():
                len(wire.segments)  # the last of the record
            self._world.down()
            self._world = None

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
    def commands(self) -> list[tuple[str, str]]:
        """Return the ip(8) commands that made the links and addresses, each with where it ran."""
        return [] if self._world is None else list(self._world.commands)

    # ---- time

    def settle(self) -> None:
        """Wait until what was sent so far has arrived, on all wires, for a second at most."""
        for wire in self.wires.values():
            wire.ask("settle")

    @contextlib.contextmanager
    def _patience(self) -> Iterator[None]:
        with contextlib.ExitStack() as undo:
            for host in self.hosts.values():
                _slow_down(host, undo)
            for wire in self.wires.values():
                wire.swallow_repeats(True)
                undo.callback(wire.swallow_repeats, False)
            yield

    def patient(self) -> contextlib.ExitStack:
        """Make stepping by hand calm, from now until the end of the `with` block, or of the bed.

        Retransmission timers of data and FIN begin at 100 s (`rto_min` of the route), there is no
        tail loss probe and no memory of earlier connections; SYNs, which obey no such setting, are
        repeated by the kernel and swallowed by the wire, and recorded as swallowed. The clocks of
        FIN_WAIT2 and TIME_WAIT cannot be stopped.
        """
        undo = contextlib.ExitStack()
        undo.enter_context(self._patience())
        return undo


def _slow_down(host: Host, undo: contextlib.ExitStack) -> None:
    from tcplab.world.sysctl import sysctls

    undo.enter_context(sysctls(host, **_PATIENT))
    for family in ("-4", "-6"):
        routes = host.run(["ip", family, "route", "show", "table", "main"], expect=None).stdout.splitlines()
        for route in routes:
            words = route.split()
            if words[0] in ("unreachable", "fe80::/64") or "rto_min" in words:
                continue
            host.run(["ip", family, "route", "change", *words, "rto_min", _PATIENT_RTO])
            undo.callback(host.run, ["ip", family, "route", "change", *words])


class _Plan:
    """What the world's first process is to make."""

    def __init__(self, spans: Sequence[Span], routes: Mapping[str, Sequence[str]], link: Link, mtu: int) -> None:
        self.parts: dict[str, dict[str, Any]] = {}
        self.interfaces: dict[str, list[IPv4Interface | IPv6Interface]] = {}
        self._six = Path("/proc/sys/net/ipv6").is_dir()
        for number, span in enumerate(spans, start=1):
            for host, _, addresses in span.ends:
                self.parts.setdefault(host, _part("host", ["link set lo up"], dict(_HOST_SYSCTLS)))
                self.interfaces.setdefault(host, []).extend(map(ip_interface, self._usable(addresses)))
            self._lay(number, span, link, mtu)
        for host, commands in routes.items():
            self.parts[host]["setup"] += commands

    def _usable(self, addresses: Sequence[str]) -> list[str]:
        return [address for address in addresses if self._six or ":" not in address]

    def _lay(self, number: int, span: Span, link: Link, mtu: int) -> None:
        macs = [f"02:00:00:00:{number:02x}:{end:02x}" for end in (1, 2)]
        (left, left_device, _), (right, right_device, _) = span.ends
        if link == "veth":
            self.parts[left]["links"].append(
                f"link add {left_device} address {macs[0]} mtu {mtu} type veth"
                f" peer name {right_device} address {macs[1]} mtu {mtu} netns {{{right}}}"
            )
        else:
            wire = self.parts[span.name] = _part("wire", [], {})
            wire.update(mtu=mtu, hosts=[left, right])
            for (host, device, _), mac in zip(span.ends, macs, strict=True):
                self.parts[host]["links"].append(
                    f"link add {device} address {mac} mtu {mtu} type veth peer name {host} mtu {mtu} netns {{{span.name}}}"
                )
                wire["setup"] += _quiet(host)
                wire["devices"].append(host)
        for (host, device, addresses), (_, _, others), mac in zip(
            span.ends, reversed(span.ends), reversed(macs), strict=True
        ):
            part = self.parts[host]
            part["devices"].append(device)
            part["setup"] += _quiet(device)
            part["setup"] += [
                f"address add {address} dev {device}{' nodad' if ':' in address else ''}"
                for address in self._usable(addresses)
            ]
            part["setup"] += [
                f"neighbour add {ip_interface(other).ip} lladdr {mac} dev {device} nud permanent"
                for other in self._usable(others)
            ]

    def names(self) -> dict[str, list[str]]:
        """Return what can be resolved in this world: host → its addresses."""
        return {host: [str(i.ip) for i in interfaces] for host, interfaces in self.interfaces.items()}

    def hosts_file(self) -> str:
        """Return the world's /etc/hosts."""
        lines = ["127.0.0.1 localhost", "::1 localhost"]
        return "\n".join(lines + [f"{a} {host}" for host, found in self.names().items() for a in found]) + "\n"


def _part(kind: str, setup: list[str], sysctls: dict[str, str]) -> dict[str, Any]:
    return {"kind": kind, "links": [], "setup": setup, "devices": [], "sysctls": sysctls}


def _quiet(device: str) -> list[str]:
    """Bring a device up without any chatter: no ARP, no neighbour discovery, no link-local address."""
    return [f"link set {device} arp off addrgenmode none", f"link set {device} up"]
