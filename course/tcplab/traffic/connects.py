"""Many short connections from one host to another: to measure connect(), and to leave TIME_WAITs behind."""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from struct import pack
from typing import Literal

from tcplab.errors import BadValue, NotReady, UnexpectedOutput
from tcplab.model.connects import Connects, first_of, in_kernels_order
from tcplab.model.state import TcpState
from tcplab.observe.counters import counters
from tcplab.observe.sockets import sockets
from tcplab.traffic.lockstep import IP_LOCAL_PORT_RANGE, RECORD
from tcplab.world.host import Host
from tcplab.world.interrupt import interrupt_waits
from tcplab.world.process import PIPE, Process
from tcplab.world.sysctl import sysctls

Progress = Callable[[int, int], object]
"""Called with how many are done, and how many there will be."""

How = Literal["searched", "left one"]
Hearer = Callable[[Host, bytes, How], object]
"""Called with the client, records of lockstep.py, and whether connect() searched for a port or was left one to pick."""

_PROGRAM = str(Path(__file__).with_name("lockstep.py"))
_PATIENCE_S = 30.0
_ROUNDS = 3
_hearers: list[Hearer] = []


def hear(hearer: Hearer) -> None:
    """Let somebody follow all rows of connects while they are made; what it raises ends the row."""
    _hearers.append(hearer)


def unhear(hearer: Hearer) -> None:
    """Let it follow them no more."""
    if hearer in _hearers:
        _hearers.remove(hearer)


def has_local_port_range(host: Host) -> bool:
    """Tell whether a socket can narrow the range that connect() picks its port from (IP_LOCAL_PORT_RANGE).

    Source: ip(7). Limit: Linux 6.3, and 6.1 from 6.1.32 on; so it is tried, not deduced from a version.
    """
    with host.socket() as probe:
        try:
            probe.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, pack("=I", 0))
        except OSError:
            return False
    return True


def open_and_close(
    client: Host,
    server: Host,
    port: int = 0,
    *,
    count: int,
    closer: Host | None = None,
    progress: Progress | None = None,
) -> Connects:
    """Open connections one after the other, close each before the next, and time every connect().

    The kernel picks the ports, as for any program. The row ends early when it refuses. Meanwhile the closer's
    tcp_rfc1337 is 1: each TIME_WAIT stays its time, and a port is given once.

    Args:
        client, server: who connects, and who listens; a wire would be most of the time, so measure on link="veth"
        port: the server's; 0 lets the kernel choose a free one
        count: at most how many, 1 or more
        closer: who closes first, and so holds TIME_WAIT; the client by default
        progress: called as they are made

    Raises:
        BadValue: no such port, count or closer
        OSError: the server's port is listened on already (EADDRINUSE)

    >>> open_and_close(bed.client, bed.server, count=1000)     # doctest: +SKIP
    1,000 connects, median 31 µs
    """
    if type(count) is not int or count < 1:
        raise BadValue("count", count, "a whole number from 1")
    side = _side("closer", closer, client, server)
    with sysctls(server if side == "server" else client, tcp_rfc1337=1), server.listen(port) as listener:
        return _row(client, server, listener, side, count, (), progress)


def leave_time_waits(
    client: Host,
    server: Host,
    port: int,
    *,
    count: int | None = None,
    holder: Host | None = None,
    progress: Progress | None = None,
) -> int:
    """Fill the client's ports towards one port of the server with TIME_WAITs, and return how many there are.

    Each is left by a real connection, which has one port to pick (IP_LOCAL_PORT_RANGE, or the sysctl where there is
    no such option): so none pays for a search through those before it. They are taken as connect() would take them,
    those of the lowest port's parity first. What is there already counts.

    Args:
        client, server: who connects, and who listens; 28,232 take about 4 s on link="veth"
        port: the server's, 1 to 65535
        count: how many, 1 to the size of the client's ip_local_port_range; all of it by default
        holder: who closes first, and so holds them; the client by default
        progress: called as they are made

    Raises:
        BadValue: no such port, count or holder; or more than the holder's tcp_max_tw_buckets has room for, beyond
            which the kernel drops TIME_WAITs in silence, and ports never run out
        OSError: the port is listened on already (EADDRINUSE), or what else the kernel refused
        NotReady: they are not all there: a port is otherwise in use, or it took longer than TIME_WAIT's 60 s

    Meanwhile the holder's tcp_rfc1337 is 1, so that no segment that comes late ends a TIME_WAIT (RFC 1337).

    >>> leave_time_waits(bed.client, bed.server, 80)     # doctest: +SKIP
    28232
    """
    if type(port) is not int or not 1 <= port <= 65535:
        raise BadValue("port", port, "a whole number from 1 to 65535")
    side = _side("holder", holder, client, server)
    holder = server if side == "server" else client
    lowest, highest = map(int, client.sysctl("ip_local_port_range").split())
    size = highest - lowest + 1
    count = size if count is None else count
    if type(count) is not int or not 1 <= count <= size:
        raise BadValue("count", count, f"1 to {size}, the ports of {client.name}'s ip_local_port_range")

    wanted = first_of(in_kernels_order(lowest, highest), count)
    ports = {port for half in wanted for port in half}
    missing = ports - _held(holder, client, server, port)
    _make_room(holder, len(missing))
    # The second pair is what the program changes where it must: it is put back, whatever happens.
    with sysctls(holder, tcp_rfc1337=1), sysctls(client, ip_local_port_range=(lowest, highest)):
        for _ in range(_ROUNDS):
            with server.listen(port) as listener:
                row = _row(client, server, listener, side, count, wanted, progress)
            if row.refused is not None:
                raise OSError(row.refused, os.strerror(row.refused))
            if not (missing := ports - _held(holder, client, server, port)):
                return count
            progress = None
    raise NotReady(f"{count:,} TIME_WAITs on {holder.name} ({len(missing):,} are missing, {min(missing)} is one)", 60)


def _side(name: str, closer: Host | None, client: Host, server: Host) -> str:
    if closer is not None and closer is not client and closer is not server:
        raise BadValue(name, closer, f"{client.name} or {server.name}")
    return "server" if closer is server else "client"


def _make_room(holder: Host, count: int) -> None:
    """Refuse what the kernel would leave out without a word."""
    limit = int(holder.sysctl("tcp_max_tw_buckets"))
    there = counters(holder)["sockstat.TCP.tw"]
    if there + count > limit:
        enough = f"sysctl -w net.ipv4.tcp_max_tw_buckets={2 * (there + count)}"
        allowed = f"{max(0, limit - there)} more on {holder.name}, whose tcp_max_tw_buckets is {limit}; to raise it,"
        raise BadValue("count", count, f"{allowed} run there: {enough}")


def _held(holder: Host, client: Host, server: Host, port: int) -> set[int]:
    """Return the client's ports that are held in TIME_WAIT towards the server's."""
    found = set()
    for one in sockets(holder, state=TcpState.TIME_WAIT, port=port):
        here, there = (one.peer, one.local) if holder is server else (one.local, one.peer)
        if (here.address, there.address, there.port) == (client.address, server.address, port):
            found.add(here.port)
    return found


def _row(
    client: Host,
    server: Host,
    listener: socket.socket,
    closer: str,
    count: int,
    ranges: Sequence[range],
    progress: Progress | None,
) -> Connects:
    """Run the program, and read what it writes while it does."""
    to = [str(server.address), str(listener.getsockname()[1])]
    how = "option" if has_local_port_range(client) else "sysctl"
    parts = [f"{part.start}:{part.stop}:{part.step}" for part in ranges]
    argv = [sys.executable, "-I", "-S", _PROGRAM, *to, closer, str(count), how, *parts]
    process: Process | None = None
    said, told = bytearray(), 0
    try:
        with interrupt_waits():
            process = client.start(argv, stdin=listener.fileno(), stdout=PIPE, stderr=PIPE)
        for piece in _pieces(process):
            said += piece
            whole = len(said) - len(said) % RECORD.size
            for hearer in tuple(_hearers):
                hearer(client, bytes(said[told:whole]), "left one" if ranges else "searched")
            told = whole
            if progress is not None:
                progress(min(len(said) // RECORD.size, count), count)
    finally:
        if process is not None:
            process.stop(signal.SIGKILL)

    records = list(RECORD.iter_unpack(bytes(said)))
    refused, refused_us = None, None
    if records and records[-1][0] == 0:  # nobody's port
        (_, refused), (_, took) = records[-2:]
        refused_us = took / 1000
        records = records[:-2]
    return Connects(tuple(port for port, _ in records), tuple(took / 1000 for _, took in records), refused, refused_us)


def _pieces(process: Process) -> Iterator[bytes]:
    """Yield what the program writes until it ends.

    Raises:
        NotReady: it writes nothing any more
        UnexpectedOutput: it failed
    """
    assert process.stdout is not None
    assert process.stderr is not None
    while True:
        if not select.select([process.stdout], [], [], _PATIENCE_S)[0]:
            raise NotReady("The next connections", _PATIENCE_S)
        if not (piece := os.read(process.stdout.fileno(), 1 << 16)):
            break
        yield piece
    if process.wait(_PATIENCE_S):
        last = process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
        raise UnexpectedOutput("lockstep.py", last)
