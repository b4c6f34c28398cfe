"""Examine the machine: what do the labs need, what of it is here, and what mends the rest?

Each check is a try, not a guess from version numbers, and leaves nothing behind.

>>> report = examine()
>>> report["kernel"].found in Found
True
"""

from pathlib import Path

from tcplab.doctor.jupyter import checked_jupyter
from tcplab.doctor.machine import checked_system
from tcplab.doctor.namespaces import checked_namespaces
from tcplab.doctor.report import Check, Found, Report
from tcplab.doctor.room import checked_room
from tcplab.doctor.tools import checked_python, checked_tools
from tcplab.doctor.whole import checked_gateway, checked_world

__all__ = ["Check", "Found", "Report", "examine"]


def examine(*, folder: Path | None = None) -> Report:
    """Check everything that the labs need, in under a second.

    Args:
        folder: where the labs are kept; its disk is looked at.
    """
    system = checked_system()
    if any(check.found is Found.FAILS for check in system):
        return Report(tuple(system))

    python, namespaces, tools = checked_python(), checked_namespaces(), checked_tools()
    jupyter, room = checked_jupyter(), checked_room(folder or Path.cwd())
    before = (*system, python, *namespaces, *tools)
    possible = all(check.found is not Found.FAILS for check in (*before, *jupyter, *room))
    world = [checked_world(), checked_gateway()] if possible else []
    return Report((*before, *world, *jupyter, *room))
