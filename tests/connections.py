"""A connection between two hosts and what is seen of it: what the tests of the world begin with."""

import socket
from dataclasses import dataclass
from typing import Self

from tcplab import TcpState, Testbed, sockets
from tcplab.world.host import Host


@dataclass(frozen=True, slots=True)
class Pair:
    """A listener on the server, and both ends of one connection to it; `with` closes what is still open."""

    listener: socket.socket
    mine: socket.socket
    theirs: socket.socket

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self.mine, self.theirs, self.listener):
            each.close()


def connected(bed: Testbed, port: int = 80, *, address: str | None = None) -> Pair:
    """Open one connection from the client to the server; at an IPv6 address of the server if one is given.

    Nagle's algorithm is off: what is sent leaves at once, each time in a segment of its own.
    """
    family = socket.AF_INET6 if address and ":" in address else socket.AF_INET
    listener = bed.server.listen(port, family=family)
    mine = bed.client.connect(address or bed.server, port)
    theirs, _ = listener.accept()
    for each in (mine, theirs):
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Pair(listener, mine, theirs)


def states(host: Host) -> list[str]:
    """The states of a host's connections; what listens is left out."""
    return [str(each.state) for each in sockets(host) if each.state is not TcpState.LISTEN]


def fates(bed: Testbed) -> list[tuple[str, str]]:
    """The flags and the fate of each segment, oldest first."""
    return [(each.flags, str(each.fate)) for each in bed.wire.segments]


def begun_to_connect(bed: Testbed, port: int = 80) -> socket.socket:
    """Send a SYN and do not wait for what comes of it."""
    connecting = bed.client.socket()
    connecting.setblocking(False)
    connecting.connect_ex((str(bed.server.address), port))
    return connecting
