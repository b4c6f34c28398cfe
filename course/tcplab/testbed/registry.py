"""Which beds are up, and under which name: a cell that is run again replaces the bed that it made before."""

import threading
from typing import TYPE_CHECKING

from tcplab.errors import WorldDown
from tcplab.wire.wire import Wire
from tcplab.world.host import Host

if TYPE_CHECKING:
    from tcplab.testbed.bed import Testbed

_named: "dict[str, Testbed]" = {}
_up: "list[Testbed]" = []
_lock = threading.Lock()


def newest() -> "Testbed":
    """Return the bed that came up last and still is.

    Raises:
        WorldDown: None is up.
    """
    with _lock:
        for bed in reversed(_up):
            if bed.is_up:
                return bed
    raise WorldDown("A bed", "none is up")


def of(part: Host | Wire) -> "Testbed":
    """Return the bed that a host or a wire belongs to.

    Raises:
        WorldDown: It is down, or was: it has other hosts now.
    """
    with _lock:
        for bed in _up:
            if any(part is one for one in (*bed.hosts.values(), *bed.wires.values())) and bed.is_up:
                return bed
    raise WorldDown(f"bed.{part.name}", "its bed is not up")


def called(name: str) -> "Testbed | None":
    """Return the bed that has a name, if one has it."""
    with _lock:
        return _named.get(name)


def call(bed: "Testbed", name: str) -> None:
    """Give a bed a name."""
    with _lock:
        _named[name] = bed


def free(name: str) -> "Testbed | None":
    """Take a name from the bed that has it, and return that bed."""
    with _lock:
        return _named.pop(name, None)


def add(bed: "Testbed") -> None:
    """Note that a bed has come up."""
    with _lock:
        _up.append(bed)


def remove(bed: "Testbed") -> None:
    """Note that a bed goes down: its names are free."""
    with _lock:
        if bed in _up:
            _up.remove(bed)
        for name in [name for name, one in _named.items() if one is bed]:
            del _named[name]
