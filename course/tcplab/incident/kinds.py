"""Every kind of outage, and those that can come in pairs."""

from collections.abc import Mapping
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType

from tcplab.incident import backends, clients, proxies, silences, wires
from tcplab.incident.kind import ALONE, Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (*clients.KINDS, *proxies.KINDS, *backends.KINDS, *silences.KINDS, *wires.KINDS)}
)
"""By name."""

PAIRS = tuple(
    (one.name, other.name)
    for one, other in combinations(KINDS.values(), 2)
    if not one.touches & other.touches and one.crowd != other.crowd and ALONE not in (one.touches, other.touches)
)
"""Two that touch nothing in common, and of which different people complain."""


def in_turn(seed: int, *, pair: bool = False) -> list[tuple[str, ...]]:
    """Return all that a seed could draw, what it draws first: the next ones are for kernels that can't have it.

    Each is ranked by a hash of the seed and its own name. So a kind that comes, goes or is not possible moves only
    those seeds that draw it; all others stay the case they were.
    """
    every = PAIRS if pair else tuple((name,) for name in KINDS)
    return sorted(every, key=lambda names: sha256(" ".join([str(seed), *names]).encode()).digest())
