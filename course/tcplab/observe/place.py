"""What looking needs of a host: a socket born there, a file read there."""

import socket
from typing import Protocol


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
