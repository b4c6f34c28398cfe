"""Runs as columns, sides as lanes: a mark where a run left TIME_WAIT; beside it each side's share and its interval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tcplab.model.holding import SIDES, Holding
from tcplab.model.state import TcpState
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.look import PRINT, STATES
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, NAME, LANE_NAME = 880.0, 20.0, 226.0
LEFT, RIGHT = 236.0, 556.0
SHARE_LEFT, SHARE_RIGHT, COUNT = 590.0, 770.0, 860.0
TOP, LANE, GAP, MARK, AXIS = 46.0, 16.0, 14.0, 11.0, 26.0


def figure(held: Mapping[str, Holding]) -> "Figure":
    """Draw rows of runs; call it with the look's settings."""
    row = LANE * len(SIDES) + GAP
    bottom = TOP + row * len(held)
    sheet = Sheet(WIDTH, bottom + AXIS)
    draw_glyph(sheet.axes, TcpState.TIME_WAIT, NAME + 6, 18)
    sheet.text(NAME + 20, 18, "TIME_WAIT is left at the …", size=11.5)
    sheet.text(LEFT, 18, "each run, in order →", size=11.5, color="second ink")
    sheet.text(SHARE_LEFT, 18, "share of runs, and where it may lie", size=11.5, color="second ink")

    for number, (name, one) in enumerate(held.items()):
        top = TOP + row * number
        sheet.text(NAME, top + LANE / 2, name, weight="bold")
        for lane, side in enumerate(SIDES):
            _lane(sheet, one, side, top + LANE * lane + LANE / 2 - 4)
    for percent in (0, 50, 100):
        x = _across(percent / 100)
        sheet.line([(x, TOP - 12), (x, bottom - 2)], color="hairline", width=1, zorder=1)
        sheet.text(x, bottom + 10, f"{percent} %", size=11.5, color="second ink", align="center")
    return sheet.figure


def _lane(sheet: Sheet, one: Holding, side: str, y: float) -> None:
    sheet.text(LANE_NAME, y, side, size=11.5, color="second ink", align="right")
    step = min((RIGHT - LEFT) / len(one.runs), MARK + 1)
    sheet.line([(LEFT, y), (LEFT + step * len(one.runs), y)], color="hairline", width=1, zorder=1)
    fill = STATES[TcpState.TIME_WAIT].light
    for run, left_at in enumerate(one.runs):
        if left_at in (side, "both"):
            sheet.box(LEFT + step * run, y - MARK / 2, max(step - 1.5, 0.75), MARK, fill=fill, zorder=2)

    low, high = one.interval(side)
    sheet.line([(_across(low), y), (_across(high), y)], width=2.5, zorder=3)
    sheet.axes.plot(
        [_across(one.at(side) / len(one.runs))], [y], marker="o", markersize=5, color=PRINT["ink"], zorder=4
    )
    sheet.text(COUNT, y, f"{one.at(side)} of {len(one.runs)}", size=11.5, align="right")


def _across(share: float) -> float:
    return SHARE_LEFT + (SHARE_RIGHT - SHARE_LEFT) * share
