"""A FIN said again and again, as a picture: LAST_ACK as a bar, each FIN on it, TIME_WAIT's clock below."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.model.state import TcpState
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.look import PRINT, STATES
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 880.0, 150.0, 850.0
ROW, BAR, FIN, PANEL, AXIS = 68.0, 8.0, 18.0, 96.0, 30.0
Place = Callable[[float], float]
"""From seconds to where they stand across the picture."""


def figure(rows: Mapping[str, Sequence[float]], clock: Sequence[tuple[float, float]] = ()) -> "Figure":
    """Draw rows of times (s), and below them a clock's looks (s, seconds left); call it with the look's settings."""
    lasted_s = max(times_s[-1] for times_s in rows.values()) or 1.0
    bottom = ROW * len(rows) + (PANEL if clock else 0)
    sheet = Sheet(WIDTH, bottom + AXIS)

    def x(at_s: float) -> float:
        return LEFT + (RIGHT - LEFT) * at_s / lasted_s

    for number, (name, times_s) in enumerate(rows.items()):
        _row(sheet, name, [x(at_s) for at_s in times_s], times_s, 30 + ROW * number)
    if clock:
        _clock(sheet, clock, x, lasted_s, ROW * len(rows) + 10)
    _axis(sheet, x, lasted_s, bottom)
    return sheet.figure


def _row(sheet: Sheet, name: str, places: Sequence[float], times_s: Sequence[float], y: float) -> None:
    """LAST_ACK lasts from the first FIN to the last; each gap is written where there is room for it."""
    state = TcpState.LAST_ACK
    sheet.text(20, y - 8, name, weight="bold")
    draw_glyph(sheet.axes, state, 26, y + 10)
    sheet.text(38, y + 10, str(state), size=11.5)
    sheet.box(places[0], y - BAR / 2, max(places[-1] - places[0], 1), BAR, fill=STATES[state].light)
    for place in places:
        sheet.line([(place, y - FIN), (place, y + BAR / 2)], zorder=3)
    for (begin, end), (start_s, end_s) in zip(pairwise(places), pairwise(times_s), strict=True):
        words = f"{end_s - start_s:.2f}"
        if sheet.width_of(words, size=11.5) + 4 <= end - begin:
            sheet.text((begin + end) / 2, y + 18, words, size=11.5, color="second ink", align="center")
    if len(places) > 1:
        sheet.text(places[0] + 5, y - FIN + 3, "FIN", size=11.5)
        sheet.text(places[-1] - 5, y - FIN + 3, "↻ FIN again", size=11.5, align="right")


def _clock(sheet: Sheet, clock: Sequence[tuple[float, float]], x: Place, lasted_s: float, top: float) -> None:
    """The clock's looks, a line from each to the next, and the line of a clock that nobody starts anew."""
    state, lowest = TcpState.TIME_WAIT, 60 - lasted_s
    height = PANEL - 30

    def y(left_s: float) -> float:
        return top + height * (60 - left_s) / lasted_s

    draw_glyph(sheet.axes, state, 26, top + 28)
    sheet.text(38, top + 28, str(state), size=11.5)
    sheet.text(LEFT - 8, y(60), "60 s left", size=11.5, color="second ink", align="right")
    sheet.text(LEFT - 8, y(lowest), f"{lowest:.1f} s", size=11.5, color="second ink", align="right")
    sheet.line([(x(0), y(60)), (x(lasted_s), y(lowest))], color="edge", dashes=(3, 3))
    words = "a clock that nobody starts anew"
    sheet.text(x(0.7 * lasted_s), y(lowest) - 2, words, size=11.5, color="second ink", align="right")
    looks = [(x(min(max(at_s, 0.0), lasted_s)), y(left_s)) for at_s, left_s in clock]
    colour = STATES[state].light
    across, down = zip(*looks, strict=True)
    sheet.axes.plot(across, down, color=colour, linewidth=1.1, marker="o", markersize=2.4, zorder=4)


def _axis(sheet: Sheet, x: Place, lasted_s: float, y: float) -> None:
    sheet.line([(LEFT, y), (RIGHT, y)], color="edge", width=1)
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60) if lasted_s / step <= 8)
    for tick in range(int(lasted_s / step) + 1):
        place = x(tick * step)
        sheet.axes.plot([place, place], [y, y + 4], color=PRINT["edge"], linewidth=0.8)
        sheet.text(place, y + 13, f"{tick * step:g} s", size=11.5, color="second ink", align="center")
