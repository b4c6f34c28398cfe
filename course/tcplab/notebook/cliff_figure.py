"""How long connect() takes while the ports are used up, as a picture: a mark a connect, a line for the medians."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.model.connects import Connects
from tcplab.notebook.look import PRINT
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT, TOP, BOTTOM, FOOT = 880.0, 84.0, 720.0, 40.0, 300.0, 44.0
_ROOM = 2.6  # times the slowest median: a refusal takes twice as long; what is slower still is counted, not drawn
_TICKS = 5
Place = Callable[[float], float]


def figure(row: Connects, medians_us: Sequence[float]) -> "Figure":
    """Draw a row of connects and the medians of its equal parts; call it with the look's settings."""
    sheet = Sheet(WIDTH, BOTTOM + FOOT)
    top_us = _ROOM * max(medians_us)

    def x(share: float) -> float:
        return LEFT + (RIGHT - LEFT) * share

    def y(took_us: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * took_us / top_us

    _scale(sheet, x, y, top_us)
    shown = [(at / len(row), took_us) for at, took_us in enumerate(row.took_us) if took_us <= top_us]
    sheet.axes.plot(
        [x(share) for share, _ in shown],
        [y(took_us) for _, took_us in shown],
        linestyle="none",
        marker="o",
        markersize=2,
        markeredgewidth=0,
        color=PRINT["edge"],
        alpha=0.5,
        zorder=2,
    )
    edges = pairwise(part / len(medians_us) for part in range(len(medians_us) + 1))
    steps = [(x(edge), y(median_us)) for ends, median_us in zip(edges, medians_us, strict=True) for edge in ends]
    sheet.line(steps, width=2.5, zorder=4)
    sheet.text(steps[0][0], steps[0][1] - 14, f"median {medians_us[0]:.0f} µs", weight="bold")
    sheet.text(steps[-1][0], steps[-1][1] + 16, f"median {medians_us[-1]:.0f} µs", weight="bold", align="right")
    _end(sheet, row, x(1), y, len(row) - len(shown))
    return sheet.figure


def _scale(sheet: Sheet, x: Place, y: Place, top_us: float) -> None:
    """Shares of the ports below, microseconds at the left."""
    steps = (first * 10**decade for decade in range(9) for first in (1, 2, 5))
    step = next(step for step in steps if top_us / step < _TICKS)
    sheet.text(20, TOP - 22, "connect(), µs", color="second ink", size=11.5)
    for tick in range(int(top_us / step) + 1):
        place = y(tick * step)
        sheet.line([(LEFT, place), (RIGHT, place)], color="hairline" if tick else "edge", width=1, zorder=1)
        sheet.text(LEFT - 10, place, f"{tick * step:,}", color="second ink", size=11.5, align="right")
    for quarter in range(5):
        place = x(quarter / 4)
        sheet.line([(place, BOTTOM), (place, BOTTOM + 4)], color="edge", width=1)
        sheet.text(place, BOTTOM + 15, f"{quarter * 25} %", color="second ink", size=11.5, align="center")
    sheet.text(x(0.5), BOTTOM + 32, "of the ports in use", color="second ink", size=11.5, align="center")


def _end(sheet: Sheet, row: Connects, right: float, y: Place, hidden: int) -> None:
    """The refusal, where there was one, and what the picture leaves out."""
    if row.error is not None and row.refused_us is not None:
        middle = max(y(row.refused_us), TOP)
        for slope in (-1, 1):
            sheet.line([(right + 4, middle - 5 * slope), (right + 14, middle + 5 * slope)], width=2.5)
        sheet.text(right + 22, middle, row.error, weight="bold")
        sheet.text(right + 22, middle + 17, f"after {row.refused_us:,.0f} µs", size=11.5, color="second ink")
    if hidden:
        sheet.text(RIGHT, TOP - 22, f"{hidden} slower ones not drawn", size=11.5, color="second ink", align="right")
