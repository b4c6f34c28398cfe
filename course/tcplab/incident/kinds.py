"""Every kind of outage, and those that can come in pairs."""

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType

from tcplab.incident import backends, clients, proxies, wires
from tcplab.incident.kind import ALONE, Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (*clients.KINDS, *proxies.KINDS, *backends.KINDS, *wires.KINDS)}
)
"""By name."""

PAIRS = tuple(
    (one.name, other.name)
    for one, other in combinations(KINDS.values(), 2)
    if not one.touches & other.touches and one.crowd != other.crowd and ALONE not in (one.touches, other.touches)
)
"""Two that touch nothing in common, and of which different people complain."""
