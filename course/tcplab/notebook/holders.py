"""Who is left holding TIME_WAIT, run by run: a mark for each run, and how often it was which side."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.conversation import Conversation
from tcplab.model.holding import SIDES, Holding, holding
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def holders(**rows: Iterable[Conversation]) -> None:
    """Draw which side each connection left in TIME_WAIT: a column a run, a lane a side, and each side's share.

    Args:
        rows: connections by the name that their row shall have, `_` for a blank

    Raises:
        BadValue: there is no row, or one without connections

    >>> holders(curl=conversations(bed.wire.segments))     # doctest: +SKIP
    """
    if not rows:
        raise BadValue("rows", {}, "one or more, by name")
    held = {name.replace("_", " "): holding(talks) for name, talks in rows.items()}

    def draw() -> "Figure":
        from tcplab.notebook.holders_figure import figure

        return figure(held)

    present(draw, twin(held), says=" ".join(f"{name}: {one}." for name, one in held.items()))


def share(one: Holding, side: str) -> str:
    """Say how many runs left a side with TIME_WAIT, and which share that may be of all runs there could be."""
    low, high = one.interval(side)
    return f"{one.at(side)} of {len(one.runs)}  [{100 * low:.0f}–{100 * high:.0f} %]"


def twin(held: dict[str, Holding]) -> str:
    """Return the picture as text: one line a side."""
    rows = [
        (name if side == SIDES[0] else "", side, *share(one, side).split("  "))
        for name, one in held.items()
        for side in SIDES
    ]
    return table(rows, right=frozenset((2,)))
