"""Ratios on a scale on which twice and half stand equally far from 1: a dot a round, the interval below it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tcplab.model.comparison import Ratio
from tcplab.notebook.look import PRINT
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 880.0, 230.0, 690.0
TOP, HEAD, ROW, AXIS = 34.0, 26.0, 50.0, 46.0
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, 5, 10, 20, 50, 100)
_LEAST = 1.25
_APART = 60.0
Place = Callable[[float], float]
"""From a ratio to where it stands across the picture."""


def figure(rows: Mapping[str, Sequence[Ratio]]) -> "Figure":
    """Draw the ratios of each comparison under its name; call it with the look's settings."""
    every = [ratio for ratios in rows.values() for ratio in ratios]
    widest = max(_LEAST, *(max(value, 1 / value) for ratio in every for value in ratio.rounds)) * 1.1
    reach = math.log(widest)
    bottom = TOP + HEAD * len(rows) + ROW * len(every)
    sheet = Sheet(WIDTH, bottom + AXIS)

    def x(ratio: float) -> float:
        return (LEFT + RIGHT) / 2 + (RIGHT - LEFT) / 2 * math.log(ratio) / reach

    _axis(sheet, x, widest, bottom)
    y = TOP
    for name, ratios in rows.items():
        sheet.text(20, y + 8, name, weight="bold")
        y += HEAD
        for ratio in ratios:
            _row(sheet, ratio, x, y + 12)
            y += ROW
    return sheet.figure


def _row(sheet: Sheet, ratio: Ratio, x: Place, y: float) -> None:
    sheet.text(32, y + 6, f"{ratio.variant} to {ratio.to}")
    for across, up in _beside(sorted(x(value) for value in ratio.rounds)):
        sheet.axes.plot(
            [across],
            [y - up],
            marker="o",
            markersize=4.4,
            markerfacecolor="none",
            markeredgecolor=PRINT["second ink"],
            markeredgewidth=0.9,
            zorder=4,
        )
    sheet.line([(x(ratio.low), y + 14), (x(ratio.high), y + 14)], width=2.5)
    sheet.axes.plot([x(ratio.median)], [y + 14], marker="o", markersize=6, color=PRINT["ink"], zorder=5)
    said = f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
    sheet.text(RIGHT + 24, y, said, weight="bold")
    sheet.text(RIGHT + 24, y + 16, ratio.verdict, size=11.5, color="second ink")


def _beside(places: Sequence[float]) -> list[tuple[float, float]]:
    """Where each dot stands, across and up: dots that would hide another stand above it, three high at most."""
    found: list[tuple[float, float]] = []
    for place in places:
        taken = {up for across, up in found if place - across < 6}
        up = next((level for level in (0.0, 6.0, 12.0) if level not in taken), 0.0)
        found.append((place, up))
    return found


def _axis(sheet: Sheet, x: Place, widest: float, y: float) -> None:
    """The scale, and the line of no difference."""
    sheet.line([(LEFT, y), (RIGHT, y)], color="edge", width=1)
    sheet.line([(x(1), 8), (x(1), y)], color="edge", width=1, dashes=(3, 3))
    shown = [tick for tick in _TICKS if 1 / widest <= tick <= widest]
    kept: list[float] = [1]
    for tick in sorted(shown, key=lambda tick: -abs(math.log(tick))):  # the ends first, then what has room between
        if all(abs(x(tick) - x(other)) >= _APART for other in kept):
            kept.append(tick)
    for tick in kept:
        sheet.axes.plot([x(tick), x(tick)], [y, y + 4], color=PRINT["edge"], linewidth=0.8)
        sheet.text(x(tick), y + 13, f"{tick:g} ×", size=11.5, color="second ink", align="center")
    sheet.text(x(1), y + 32, "no difference", size=11.5, color="second ink", align="center")
    sheet.text(LEFT, y + 32, "← less", size=11.5, color="second ink")
    sheet.text(RIGHT, y + 32, "more →", size=11.5, color="second ink", align="right")
