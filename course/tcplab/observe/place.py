"""What looking needs of a host: a socket born there, a file read there."""

import socket
from typing import Protocol

from tcplab.errors import BadValue


class Place(Protocol):
    """A host, as far as looking goes; `tcplab.world.host.Host` is one."""

    @property
    def name(self) -> str:
        """The role: "client", "server" and so on."""

    def socket(self, family: int, kind: int, protocol: int, /) -> socket.socket:
        """Make a socket in the host."""

    def read(self, path: str) -> str:
        """Read a file such as /proc/net/snmp as the host sees it."""

    def settle(self) -> object:
        """Wait until everything sent so far has arrived."""


def looked_at(host: Place) -> Place:
    """Return a host that has come to rest: everything sent so far has arrived.

    Raises:
        BadValue: It is no host.
    """
    settle = getattr(host, "settle", None)
    if settle is None or isinstance(host, type):
        raise BadValue("host", host, "a host of a bed that is up, such as bed.client")
    settle()
    return host
