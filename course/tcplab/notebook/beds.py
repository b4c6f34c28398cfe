"""The testbed that a notebook means when it names none: the newest that is up."""

from typing import TYPE_CHECKING

from tcplab.errors import WorldDown

if TYPE_CHECKING:
    from tcplab.testbed import Testbed
    from tcplab.world.host import Host


def newest(given: "Testbed | None" = None) -> "Testbed | None":
    """Return the bed that is meant: the one given, else the newest that is up, else None."""
    if given is not None:
        return given
    from tcplab.testbed import Testbed  # a notebook without a bed never loads the world

    try:
        return Testbed.newest()
    except WorldDown:
        return None


def hosts(bed: "Testbed | None") -> "dict[str, Host]":
    """Return the hosts of a bed by name; none where there is no bed."""
    return {} if bed is None else dict(bed.hosts)
