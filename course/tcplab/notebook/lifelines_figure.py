"""Sockets as bars in time: a bar is a state, an upright line its end, dots that it goes on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.lifelines import Life, outcome
from tcplab.notebook.look import PRINT, STATES
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT, END = 880.0, 250.0, 690.0, 860.0
TOP, ROW, GAP, BAR, AXIS = 22.0, 24.0, 16.0, 8.0, 30.0


def figure(lives: Sequence[Life], lasted_s: float) -> "Figure":
    """Draw lives, those of one port together; call it with the look's settings."""
    lasted_s = lasted_s or 1.0
    groups = len({one.port for one in lives})
    bottom = TOP + ROW * len(lives) + GAP * (groups - 1)
    sheet = Sheet(WIDTH, bottom + AXIS)

    def x(at_s: float) -> float:
        return LEFT + (RIGHT - LEFT) * at_s / lasted_s

    y, port = TOP, None
    for one in lives:
        if one.port != port:
            y += GAP if port is not None else 0
            sheet.text(20, y, str(one.port), weight="bold")
            port = one.port
        sheet.text(70, y, one.host)
        _bar(sheet, one, [(x(stay.from_s), x(stay.to_s)) for stay in one.stays], y)
        y += ROW
    _axis(sheet, lasted_s, bottom)
    return sheet.figure


def _bar(sheet: Sheet, one: Life, spans: Sequence[tuple[float, float]], y: float) -> None:
    """One end: its first state is named at the left, how it stands at the right."""
    if not spans:
        return
    first = one.stays[0].state
    draw_glyph(sheet.axes, first, 140, y)
    sheet.text(154, y, str(first), size=11.5)
    for stay, (begin, end) in zip(one.stays, spans, strict=True):
        sheet.box(begin, y - BAR / 2, max(end - begin, 1), BAR, fill=STATES[stay.state].light)
    end = spans[-1][1]
    words = outcome(one).removeprefix(f"{one.stays[-1].state} ")
    if one.ended:
        sheet.line([(end, y - 8), (end, y + 8)], width=2.5, zorder=3)
        sheet.text(end + 8, y, words, size=11.5)
        return
    sheet.line([(end, y), (end + 24, y)], dashes=(2, 4))
    sheet.text(end + 32, y, words, size=11.5, color="second ink")


def _axis(sheet: Sheet, lasted_s: float, y: float) -> None:
    sheet.line([(LEFT, y), (RIGHT, y)], color="edge", width=1)
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 600) if lasted_s / step <= 8)
    for tick in range(int(lasted_s / step) + 1):
        place = LEFT + (RIGHT - LEFT) * tick * step / lasted_s
        sheet.axes.plot([place, place], [y, y + 4], color=PRINT["edge"], linewidth=0.8)
        sheet.text(place, y + 13, f"{tick * step:g} s", size=11.5, color="second ink", align="center")
