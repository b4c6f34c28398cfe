"""A connect() in slow motion: everything it goes by is looked at first, and then it is called."""

import contextlib
import errno
import time
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import AddressValueError, IPv4Address
from socket import IPPROTO_ICMP, SO_LINGER, SO_REUSEADDR, SOCK_RAW, SOL_SOCKET
from struct import pack

from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.reuse import Port, Search, Walk
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState
from tcplab.observe.reuse import entered_s, reuse_delay_s
from tcplab.observe.sockets import sockets
from tcplab.world.host import Host
from tcplab.world.sysctl import sysctls

MOST_PORTS = 64
_NOBODY = ("127.0.0.1", 1)
_AT_ONCE = pack("ii", 1, 0)


def walk(
    host: Host,
    destination: Host | str | IPv4Address,
    port: int,
    *,
    bind: int | None = None,
    segments: Iterable[Segment] = (),
) -> Walk:
    """Look at all that decides where a connect() will end, then call it.

    Args:
        host: from where
        destination, port: to where; IPv4
        bind: a local port that is bound first, with SO_REUSEADDR, as a program does that insists on one
        segments: what the wire has recorded: whether a connection of the past carried timestamps stands there. Of
            one that crossed no wire it is taken from the host's setting as it is now.

    Returns: what was seen, and what the kernel did; a refusal is no error here. The socket is the caller's to close.

    Raises:
        BadValue: the destination is no IPv4 address, or the range holds more than 64 ports
        OSError: what the kernel said to bind(), or to the connection itself (ECONNREFUSED)

    Limit: whether bind() holds a port is in no table. The host is asked: it connects from that port to port 1 of its
    loopback, where nobody listens, and EADDRNOTAVAIL says that the port is refused to everybody.
    """
    address = _address(host, destination)
    with host.socket() as connecting:
        if bind is not None:
            connecting.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            connecting.bind(("", bind))
        seen = _search(host, address, port, bind, list(segments))
        before_s = time.monotonic()
        try:
            connecting.connect((str(address), port))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            return Walk(seen, before_s, time.monotonic(), None, "EADDRNOTAVAIL")
        after_s = time.monotonic()
        taken = connecting.getsockname()[1]
        return Walk(seen, before_s, after_s, taken, socket=connecting.dup())


def _address(host: Host, destination: Host | str | IPv4Address) -> IPv4Address:
    if isinstance(destination, Host):
        return destination.address
    try:
        return IPv4Address(destination)
    except (AddressValueError, TypeError):
        raise BadValue("destination", destination, f"a host, or an IPv4 address; you are on {host.name}") from None


def _search(host: Host, address: IPv4Address, port: int, bind: int | None, segments: list[Segment]) -> Search:
    low, high = (bind, bind) if bind is not None else map(int, host.sysctl("ip_local_port_range").split())
    if high - low >= MOST_PORTS:
        raise BadValue("ip_local_port_range", (low, high), f"at most {MOST_PORTS} ports, all of which are looked at")
    source = _source(host, address)
    reserved = _numbers(host.sysctl("ip_local_reserved_ports"))
    numbers = range(low, high + 1)
    bound = {n for n in numbers if bind is None and n not in reserved and _refused_to_all(host, n)}

    table = [entry for entry in sockets(host) if entry.local.port in numbers]
    now_s = time.monotonic()
    in_use = {entry.local.port for entry in table} | bound
    same = {
        entry.local.port: entry
        for entry in table
        if entry.local.address == source and entry.peer == Endpoint(address, port)
    }
    free = [Port(n, reserved=n in reserved, in_use=n in in_use, bound=n in bound) for n in numbers]
    ports = tuple(_met(host, same[p.number], p, segments, now_s) if p.number in same else p for p in free)
    mode = int(host.sysctl("tcp_tw_reuse"))
    return Search(source, address, port, ports, mode, reuse_delay_s(host), bind is not None)


def _met(host: Host, entry: Connection, port: Port, segments: list[Segment], now_s: float) -> Port:
    """What a connect() meets on a port whose four-tuple the host holds already."""
    return replace(
        port,
        state=entry.state,
        remnant=entry.state is TcpState.TIME_WAIT or entry.timer == "timewait",
        timestamps=_carried_timestamps(host, entry, segments),
        entered_s=entered_s(entry, now_s),
    )


def _carried_timestamps(host: Host, entry: Connection, segments: list[Segment]) -> bool:
    """Whether both sides had agreed on timestamps: the SYN and ACK of that connection has them then."""
    for segment in reversed(segments):
        if "S" in segment.flags and "A" in segment.flags and segment.four_tuple == entry.four_tuple.reversed():
            return segment.options.timestamps is not None
    return host.sysctl("tcp_timestamps") != "0"


def _source(host: Host, address: IPv4Address) -> IPv4Address:
    """The address that the host would use, from its routes; a raw socket needs no port for that, and sends nothing."""
    with host.socket(kind=SOCK_RAW, protocol=IPPROTO_ICMP) as asking:
        asking.connect((str(address), 0))
        return IPv4Address(asking.getsockname()[0])


def _refused_to_all(host: Host, number: int) -> bool:
    """Whether a port is refused to every connect() that leaves the choice to the kernel."""
    with sysctls(host, ip_local_port_range=(number, number)), host.socket() as asking:
        asking.setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
        with contextlib.suppress(ConnectionRefusedError):
            try:
                asking.connect(_NOBODY)
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                return True
    return False


def _numbers(listed: str) -> set[int]:
    """Read what a list of the kernel holds: "40000,40002-40004"."""
    spans = [span.split("-") for span in listed.split(",") if span]
    return {number for span in spans for number in range(int(span[0]), int(span[-1]) + 1)}
