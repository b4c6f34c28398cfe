"""The shapes of worlds: hosts, the links between them, addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Link = Literal["wire", "veth"]


@dataclass(frozen=True, slots=True)
class Span:
    """One link: its name, and at both ends a host, its device and addresses."""

    name: str
    ends: tuple[tuple[str, str, tuple[str, ...]], tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The links of a world, and what its hosts have beyond them: routes and sysctls, by host."""

    spans: tuple[Span, ...]
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sysctls: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


# Addresses from the documentation ranges (RFC 5737, RFC 3849): a packet that escaped would reach nobody.
TWO_HOSTS = Shape(
    (
        Span(
            "wire",
            (
                ("client", "eth0", ("192.0.2.1/24", "2001:db8::1/64")),
                ("server", "eth0", ("192.0.2.2/24", "2001:db8::2/64")),
            ),
        ),
    )
)

PROXIED = Shape(
    (
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
    ),
    routes={
        "client": ("route add 198.51.100.0/24 via 192.0.2.2",),
        "backend": ("route add 192.0.2.0/24 via 198.51.100.1",),
    },
)

# The server knows no way to 192.0.2.0/24: what the gateway forwards untranslated is never answered.
TRANSLATED = Shape(
    (
        Span(
            "inside",
            (
                ("client", "eth0", ("192.0.2.1/24", "192.0.2.11/24")),
                ("gateway", "eth0", ("192.0.2.254/24",)),
            ),
        ),
        Span(
            "outside",
            (
                ("gateway", "eth1", ("198.51.100.1/24",)),
                ("server", "eth0", ("198.51.100.2/24",)),
            ),
        ),
    ),
    routes={"client": ("route add default via 192.0.2.254",)},
    sysctls={"gateway": {"/proc/sys/net/ipv4/ip_forward": "1"}},
)
