"""A socket that was born in a host: Python's own, but that it looks names up in its world."""

import _socket
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from tcplab.world.network import NAMED, numeric


class HostSocket(socket.socket):
    """A real socket of a host: its packets leave from there, and no name for the machine's resolver.

    `connect(("server", 80))` of a plain socket asks the resolver of the machine, which knows no such host and tells
    its name server of it.
    """

    names: Mapping[str, Sequence[str]] = {}

    def dup(self) -> "HostSocket":
        """Return another socket of the same connection."""
        other: HostSocket = super().dup()
        other.names = self.names
        return other


def _in_its_world(name: str) -> Any:
    original = getattr(_socket.socket, name)

    def method(self: HostSocket, *arguments: Any) -> Any:
        return original(self, *numeric(self.family, arguments, self.names))

    method.__name__, method.__doc__ = name, original.__doc__
    return method


for _name in NAMED:
    setattr(HostSocket, _name, _in_its_world(_name))
