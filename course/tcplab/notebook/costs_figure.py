"""What a request costs against the round-trip time, as a picture: a ring a request, a line for each way of asking."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING

from tcplab.notebook.costs import Cost, in_round_trips
from tcplab.notebook.look import PRINT
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT, TOP, BOTTOM, FOOT = 880.0, 84.0, 640.0, 40.0, 300.0, 44.0
_ROOM = 1.15  # above the slowest median; what is slower still is counted, not drawn
_TICKS = 5
_LABELS_APART = 38.0
Place = Callable[[float], float]


def figure(found: Sequence[Cost]) -> "Figure":
    """Draw what each way of asking took; call it with the look's settings."""
    sheet = Sheet(WIDTH, BOTTOM + FOOT)
    most_ms = max(at_ms for cost in found for at_ms in cost.took_ms) or 1.0
    top_ms = _ROOM * max(median(took) for cost in found for took in cost.took_ms.values())

    def x(rtt_ms: float) -> float:
        return LEFT + (RIGHT - LEFT) * rtt_ms / most_ms

    def y(took_ms: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * took_ms / top_ms

    _scale(sheet, x, y, sorted({at_ms for cost in found for at_ms in cost.took_ms}), top_ms)
    hidden = 0
    for cost in found:
        dots = [(x(at_ms), took_ms) for at_ms, took in cost.took_ms.items() for took_ms in took]
        hidden += sum(took_ms > top_ms for _, took_ms in dots)
        sheet.axes.plot(
            [across for across, took_ms in dots if took_ms <= top_ms],
            [y(took_ms) for _, took_ms in dots if took_ms <= top_ms],
            linestyle="none",
            marker="o",
            markersize=4.4,
            markerfacecolor="none",
            markeredgecolor=PRINT["second ink"],
            markeredgewidth=0.9,
            zorder=3,
        )
        sheet.line([(x(at_ms), y(median(took))) for at_ms, took in sorted(cost.took_ms.items())], width=1.5, zorder=4)
    _labels(sheet, found, y)
    if hidden:
        sheet.text(RIGHT, TOP - 22, f"{hidden} slower ones not drawn", size=11.5, color="second ink", align="right")
    return sheet.figure


def _labels(sheet: Sheet, found: Sequence[Cost], y: Place) -> None:
    """Each line's name at its end, the lowest first; a name that would stand on another moves up."""
    below = BOTTOM + _LABELS_APART / 2
    for cost in sorted(found, key=lambda cost: median(cost.took_ms[max(cost.took_ms)])):
        middle = min(y(median(cost.took_ms[max(cost.took_ms)])), below - _LABELS_APART)
        sheet.text(RIGHT + 16, middle, cost.name, weight="bold")
        sheet.text(RIGHT + 16, middle + 17, in_round_trips(cost), size=11.5, color="second ink")
        below = middle


def _scale(sheet: Sheet, x: Place, y: Place, at: Sequence[float], top_ms: float) -> None:
    """Round-trip times below, what a request took at the left."""
    steps = (first * 10**decade / 10 for decade in range(7) for first in (1, 2, 5))
    step = next(step for step in steps if top_ms / step < _TICKS)
    sheet.text(20, TOP - 22, "a request, ms", color="second ink", size=11.5)
    for tick in range(int(top_ms / step) + 1):
        place = y(tick * step)
        sheet.line([(LEFT, place), (RIGHT, place)], color="hairline" if tick else "edge", width=1, zorder=1)
        sheet.text(LEFT - 10, place, f"{tick * step:g}", color="second ink", size=11.5, align="right")
    for rtt_ms in at:
        sheet.line([(x(rtt_ms), BOTTOM), (x(rtt_ms), BOTTOM + 4)], color="edge", width=1)
        sheet.text(x(rtt_ms), BOTTOM + 15, f"{rtt_ms:g}", color="second ink", size=11.5, align="center")
    sheet.text(x(0) + (RIGHT - LEFT) / 2, BOTTOM + 32, "round trip, ms", color="second ink", size=11.5, align="center")
