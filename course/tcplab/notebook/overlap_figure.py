"""Sequence numbers of two connections as a picture: the whole line, and the place where the new one is, enlarged."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.notebook.overlap import Line
from tcplab.notebook.sheet import Align, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT, HEIGHT = 880.0, 30.0, 850.0, 288.0
OLD, NEW, AXIS = 60.0, 104.0, 140.0
NEAR, BAR, TICK = 228.0, 18.0, 9.0
Place = Callable[[float], float]
"""From a number to where it stands across the picture."""


def figure(line: Line) -> "Figure":
    """Draw the line; call it with the look's settings."""
    sheet = Sheet(WIDTH, HEIGHT if line.overlaps else AXIS + 34)
    span = max(line.old_end, line.new_end) * 1.04

    def x(at: float) -> float:
        return LEFT + (RIGHT - LEFT) * at / span

    _old(sheet, line, x)
    _new(sheet, line, x)
    _axis(sheet, x, span)
    if line.overlaps:
        _near(sheet, line, x)
    return sheet.figure


def _old(sheet: Sheet, line: Line, x: Place) -> None:
    """The old connection's numbers as a bar, and on it the copies that the wire still has."""
    sheet.text(LEFT, OLD - 38, "the old connection", weight="bold")
    sheet.box(x(0), OLD - BAR / 2, x(line.old_end) - x(0), BAR, fill="hairline")
    for at in line.late:
        color = "held" if at >= line.new_end else "edge"
        sheet.line([(x(at), OLD - TICK - 4), (x(at), OLD + TICK)], color=color, width=2.5)
    for at in line.arrived:
        sheet.line([(x(at), OLD - TICK - 4), (x(at), OLD + TICK)], color="dropped", width=2.5)
    if not line.late:
        return
    ahead = [at for at in line.late if at >= line.new_end]
    if len(ahead) < len(line.late):
        sheet.text(x(0), OLD - 20, "too old", size=11.5, color="second ink")
    if ahead:
        words = "copies that will fit"
        left = min(x(ahead[0]), RIGHT - sheet.width_of(words, size=11.5))
        sheet.text(left, OLD - 20, words, size=11.5, color="held")


def _new(sheet: Sheet, line: Line, x: Place) -> None:
    """The new connection: its SYN, and how far it has come."""
    place = x(line.new_syn)
    sheet.line([(place, OLD - TICK - 4), (place, AXIS)], width=1.5)
    sheet.box(place, NEW - BAR / 2, max(x(line.new_end) - place, 2), BAR, fill="ink")
    words, behind = "the new connection, from its SYN", max(place, x(line.new_end)) + 8
    wide = sheet.width_of(words, weight="bold")
    if place - 8 - wide >= LEFT:
        sheet.text(place - 8, NEW, words, weight="bold", align="right")
    elif behind + wide <= RIGHT:
        sheet.text(behind, NEW, words, weight="bold")
    else:
        sheet.text(place + 8, NEW - BAR, words, weight="bold")


def _axis(sheet: Sheet, x: Place, span: float) -> None:
    sheet.line([(LEFT, AXIS), (RIGHT, AXIS)], color="edge", width=1)
    steps = [unit * factor for unit in (1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8) for factor in (1, 2, 5)]
    step = next((step for step in steps if span / step <= 6), span)
    for tick in range(int(span / step) + 1):
        place, at = x(tick * step), tick * step
        sheet.line([(place, AXIS), (place, AXIS + 4)], color="edge", width=1)
        words = "0: the old SYN" if not tick else f"{at / 1e6:g} MB" if at >= 1e6 else f"{at / 1e3:g} kB"
        align: Align = "center" if tick else "left"
        sheet.text(place, AXIS + 14, words, size=11.5, color="second ink", align=align)


def _near(sheet: Sheet, line: Line, x: Place) -> None:
    """Enlarged: where the new connection stands, what the server would take now, and what lies there."""
    width = max(line.window_bytes, 1)
    low, high = line.new_end - 0.6 * width, line.new_end + 1.15 * width
    top, bottom = NEAR - BAR / 2, NEAR + BAR / 2

    def near(at: float) -> float:
        return LEFT + (RIGHT - LEFT) * (min(max(at, low), high) - low) / (high - low)

    for far, close in ((max(low, 0), LEFT), (high, RIGHT)):
        sheet.line([(x(far), AXIS + 24), (close, top - 4)], color="edge", width=1, dashes=(3, 3))
    sheet.box(near(low), top, RIGHT - LEFT, BAR, fill="sunk")
    begun = near(max(low, line.new_syn))
    sheet.box(begun, top, near(line.new_end) - begun, BAR, fill="ink")
    sheet.box(near(line.new_end), top, near(line.new_end + width) - near(line.new_end), BAR, fill="paper", edge="edge")
    sheet.text((begun + near(line.new_end)) / 2, NEAR, "has arrived", size=11.5, color="paper", align="center")
    words = f"the server's window: {line.window_bytes / 1e3:,.0f} kB"
    sheet.text((near(line.new_end) + near(line.new_end + width)) / 2, top - 12, words, size=11.5, align="center")
    for at in line.late:
        if low < at < high:
            color = "held" if line.new_end <= at < line.new_end + width else "edge"
            sheet.line([(near(at), top - 4), (near(at), bottom + 4)], color=color, width=2.5)
    for at in line.arrived:
        if low < at < high:
            place = near(at)
            sheet.line([(place, top - 4), (place, bottom + 14)], color="dropped", width=2.5)
            left = min(place, RIGHT - sheet.width_of("an old segment arrived here", size=12))
            sheet.text(left, bottom + 26, "an old segment arrived here", color="dropped")
