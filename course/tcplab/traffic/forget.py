"""Taking TIME_WAIT away from a host: what a world without it would do, made to be looked at."""

import socket
from collections.abc import Callable, Iterable
from struct import pack, unpack
from time import monotonic

from tcplab.errors import BadValue, NotReady
from tcplab.model.conversation import SEQUENCE_SPACE, Conversation
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.frame import flag_bits
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState
from tcplab.observe.sockets import sockets
from tcplab.world.host import Host
from tcplab.world.sysctl import sysctls

_FULL = 0xFFFF
_FORGOTTEN_WITHIN_S = 5.0


def forget(host: Host, talk: Conversation) -> None:
    """Let a host forget a connection that it holds in TIME_WAIT; nothing crosses the wire.

    First as you would, with `ss -K`. Linux 5.10 lets that end with exit code 0 and keeps its TIME_WAIT, so look again:
    if it is still there, the host gets a RST by its own loopback device, as if it came from the peer.

    Args:
        host: who holds TIME_WAIT; where it holds none, nothing is done
        talk: the connection, with the peer's FIN in it

    Raises:
        BadValue: there is no IPv4 FIN of the peer in talk
        NotReady: it is still there

    Source: ss(8), `-K`; RFC 1337, section 3 (what a RST does to TIME_WAIT while tcp_rfc1337 is 0).

    >>> forget(bed.server, conversations(bed.wire.segments)[-1])     # doctest: +SKIP
    """
    fin = next((turn.segment for turn in reversed(talk.turns) if _is_peers_fin(turn.segment, host)), None)
    if fin is None:
        raise BadValue("talk", talk, f"an IPv4 connection of {host.name} whose peer has sent its FIN")
    mine, peer = fin.destination, fin.source
    if not _remembers(host, mine, peer):
        return

    one = f"sport = :{mine.port} and dport = :{peer.port}"
    host.run(["ss", "-KHtn4", "state", "time-wait", one], expect=None)
    if not _remembers(host, mine, peer):
        return

    with sysctls(host, tcp_rfc1337=0), host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(reset(fin), (str(mine.address), 0))
    if _remembers(host, mine, peer):
        raise NotReady(f"{host.name} forgetting its TIME_WAIT on port {mine.port}", 0)


def forget_all(host: Host, segments: Callable[[], Iterable[Segment]]) -> None:
    """Let a host forget every TIME_WAIT that it holds over IPv4, as if their minute were over.

    Programs go on meanwhile: what enters TIME_WAIT while others are forgotten is looked for again, and goes, too.

    Args:
        host: who forgets
        segments: what crossed its wires; asked for where `ss -K` is not enough (see forget)

    Raises:
        NotReady: some are still there
    """
    deadline = monotonic() + _FORGOTTEN_WITHIN_S
    while held := _kept(host):
        if monotonic() > deadline:
            raise NotReady(f"{host.name} forgetting {len(held)} TIME_WAITs", _FORGOTTEN_WITHIN_S)
        host.run(["ss", "-KHtn4", "state", "time-wait"], expect=None)
        if left := held & _kept(host):
            _reset_all(host, left, segments())


def _reset_all(host: Host, left: set[FourTuple], segments: Iterable[Segment]) -> None:
    """Do what the peers' RSTs would do to the TIME_WAITs that `ss -K` leaves."""
    fins = {FourTuple(fin.destination, fin.source): fin for fin in segments if _is_peers_fin(fin, host)}
    with sysctls(host, tcp_rfc1337=0), host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for four_tuple in left & fins.keys():
            raw.sendto(reset(fins[four_tuple]), (str(four_tuple.local.address), 0))


def reset(fin: Segment) -> bytes:
    """Return the IPv4 packet with which the sender of a FIN would reset: the number after its FIN, flag R."""
    source, destination = fin.source, fin.destination
    next_number = (fin.seq + fin.sequence_length) % SEQUENCE_SPACE
    tcp = pack("!HHIIBBHHH", source.port, destination.port, next_number, 0, 5 << 4, flag_bits("R"), 0, 0, 0)
    addresses = source.address.packed + destination.address.packed
    summed = checksum(addresses + pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp)) + tcp)
    tcp = tcp[:16] + pack("!H", summed) + tcp[18:]
    # The kernel fills in the IP header's own checksum.
    return pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0) + addresses + tcp


def checksum(words: bytes) -> int:
    """Return the Internet checksum of an even number of bytes (RFC 1071)."""
    total: int = sum(unpack(f"!{len(words) // 2}H", words))
    while total > _FULL:
        total = (total & _FULL) + (total >> 16)
    return total ^ _FULL


def _is_peers_fin(segment: Segment, host: Host) -> bool:
    to_us = segment.destination.address in host.addresses and segment.source.address.version == 4
    return to_us and "F" in segment.flags


def _kept(host: Host) -> set[FourTuple]:
    kept = {one.four_tuple for one in sockets(host, state=TcpState.TIME_WAIT)}
    return {four_tuple for four_tuple in kept if four_tuple.local.address.version == 4}


def _remembers(host: Host, mine: Endpoint, peer: Endpoint) -> bool:
    kept = sockets(host, state=TcpState.TIME_WAIT, port=mine.port)
    return any((one.local, one.peer) == (mine, peer) for one in kept)
