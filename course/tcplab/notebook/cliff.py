"""How long connect() takes while the ports are used up: one mark a connect, and where it becomes slow."""

from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.connects import Connects
from tcplab.notebook.display import present
from tcplab.notebook.say import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PARTS = 10
_SLOW = 2.0  # 4 to 19 times was seen on Linux 5.10 to 7.3, and nothing between that and 1.2


def cliff(row: Connects) -> None:
    """Draw each connect of a row, how long it took against the share of ports in use, and say the medians.

    Args:
        row: of connects whose ports stay in use, such as `open_and_close(…)` makes, to the end of the range

    Raises:
        BadValue: there are fewer than 20 connects

    >>> cliff(open_and_close(bed.client, bed.server, count=100_000))     # doctest: +SKIP
    """
    if len(row) < 2 * _PARTS:
        raise BadValue("row", row, f"a row of {2 * _PARTS} connects or more")

    def draw() -> "Figure":
        from tcplab.notebook.cliff_figure import figure

        return figure(row, medians_us(row))

    present(draw, twin(row), says=lead_sentence(row))


def medians_us(row: Connects) -> list[float]:
    """The median time (µs) of each tenth of the row."""
    edges = [len(row) * part // _PARTS for part in range(_PARTS + 1)]
    return [row[begin:end].median_us for begin, end in pairwise(edges)]


def slow_from(row: Connects) -> float | None:
    """From which share of the ports on every tenth is slow, measured by the first; None where the last is not."""
    first, *others = medians_us(row)
    slow = [False, *(median_us > _SLOW * first for median_us in others)]
    if not slow[-1]:
        return None
    last_quick = max(part for part, is_slow in enumerate(slow) if not is_slow)
    return (last_quick + 1) / _PARTS


def lead_sentence(row: Connects) -> str:
    """Say where connect() becomes slow, and how the row ended."""
    share = slow_from(row)
    said = "takes as long at the end as at the beginning" if share is None else f"is slow from {100 * share:.0f} % on"
    end = f"; then {row.error}" if row.error else ""
    return f"{len(row):,} connects, one port each: connect() {said}{end}."


def twin(row: Connects) -> str:
    """Return the medians as text, a line a tenth of the ports."""
    every = medians_us(row)
    rows: list[tuple[str, ...]] = [("ports in use", "median of connect()", "")]
    for part, median_us in enumerate(every):
        compared = f"slow: {median_us / every[0]:.0f} × the first" if median_us > _SLOW * every[0] else ""
        rows.append((f"{part * 10} to {part * 10 + 10} %", f"{median_us:.0f} µs", compared))
    return "\n".join([lead_sentence(row), table(rows, right=frozenset({0, 1}))])
