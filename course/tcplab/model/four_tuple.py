"""The two endpoints that name a TCP connection: two addresses and two ports."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True, order=False)
class Endpoint:
    """One end of a connection: an address and a port.

    >>> print(Endpoint(IPv4Address("192.0.2.1"), 80), Endpoint(IPv6Address("2001:db8::1"), 80))
    192.0.2.1:80 [2001:db8::1]:80
    """

    address: IPv4Address | IPv6Address
    port: int

    def __str__(self) -> str:
        if self.address.version == 6:
            return f"[{self.address}]:{self.port}"
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class FourTuple:
    """What names a connection: while one end remembers it, no other connection may have the same.

    >>> client, server = Endpoint(IPv4Address("192.0.2.1"), 40000), Endpoint(IPv4Address("192.0.2.2"), 80)
    >>> print(FourTuple(client, server).reversed())
    192.0.2.2:80 → 192.0.2.1:40000

    Source: RFC 9293 §3.3.1 (the pair of sockets that identifies a connection).
    """

    local: Endpoint
    peer: Endpoint

    def reversed(self) -> "FourTuple":
        """Name the same connection as the other end does."""
        return FourTuple(self.peer, self.local)

    def __str__(self) -> str:
        return f"{self.local} → {self.peer}"
