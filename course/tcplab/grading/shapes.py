"""The worlds that an examiner lends, by name: a submission may ask for these, and describe none of its own."""

import re
from collections.abc import Mapping
from typing import Any

from tcplab.testbed import Testbed
from tcplab.world.shape import Link

SHAPES = {"server": Testbed.two_hosts, "proxy": Testbed.proxied, "gateway": Testbed.translated}
"""By the host that only this shape has; every shape has a client."""


def name_of(parts: Mapping[str, Mapping[str, Any]]) -> tuple[str, Link, int]:
    """Return shape, link and mtu of a world, from its plan."""
    shape = next(host for host in ("gateway", "proxy", "server") if host in parts)
    link: Link = "wire" if any(part["kind"] == "wire" for part in parts.values()) else "veth"
    made = " ".join(command for part in parts.values() for command in part["links"])
    found = re.search(r" mtu (\d+)", made)
    return shape, link, int(found[1]) if found else 1500
