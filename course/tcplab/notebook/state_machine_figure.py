"""The state machine as a picture for print: states, arrows, the ways of both ends, and where they are."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

from tcplab.model.standing import Standing
from tcplab.model.state import TcpState
from tcplab.model.transitions import transition
from tcplab.notebook import machine_layout as layout
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.machine_layout import Place, Point
from tcplab.notebook.sheet import Sheet
from tcplab.notebook.steps import Side

if TYPE_CHECKING:
    from matplotlib.figure import Figure

APART = 3.5  # where both ends took an arrow, so far from its middle each
WAY, CORE = {"client": 2.5, "server": 5.0}, 2.0
TIP = (4.0, 6.0, 4.5)
_BOW_STEPS = 24
_SMALL = 11.5
Pair = tuple[TcpState, TcpState]


def figure(ends: Mapping[Side, Standing], *, title: str | None = None) -> "Figure":
    """Draw where both ends are, and how they came there; call it with the look's settings in force."""
    sheet = Sheet(layout.WIDTH, layout.HEIGHT, top=-26.0 if title else 0.0)
    if title:
        sheet.text(layout.WIDTH / 2, -8, title, size=15, weight="bold", align="center")
    for begin, end, said in layout.CHAPTERS:
        sheet.line([(begin, 24), (end, 24)], color="hairline", width=1)
        sheet.text((begin + end) / 2, 14, said, size=_SMALL, color="second ink", align="center")
    for drawn in layout.DRAWN:
        _arrow(sheet, drawn)
    _ways(sheet, ends)
    for state, place in layout.PLACES.items():
        _state(sheet, state, place)
    _state(sheet, TcpState.CLOSED, layout.THE_END)
    _tokens(sheet, ends)
    _legend(sheet)
    return sheet.figure


# ---- the diagram itself


def _arrow(sheet: Sheet, drawn: layout.Drawn) -> None:
    arrow, (x, y) = drawn.arrow, drawn.words_at
    points = _curve(drawn.points)
    sheet.line(points, color="edge", width=1)
    _tip(sheet, points, "edge")
    ink = "second ink" if arrow.rare else "ink"
    sheet.text(x, y, arrow.event, size=_SMALL, color=ink, align=drawn.align)
    if arrow.sends:
        sheet.text(x, y + drawn.below, f"{arrow.sends} →", size=_SMALL, color="second ink", align=drawn.align)


def _state(sheet: Sheet, state: TcpState, place: Place) -> None:
    draw_glyph(sheet.axes, state, *place.at, radius=layout.RADIUS)
    sheet.text(*place.name_at, str(state), weight="bold", align=place.align)


def _legend(sheet: Sheet) -> None:
    y = layout.HEIGHT - 10
    for x, side in ((8, "client"), (178, "server")):
        _stroke(sheet, [(x, y), (x + 30, y)], side)
        sheet.text(x + 38, y, f"way of the {side}", size=_SMALL, color="second ink")
    sheet.line([(352, y), (382, y)], color="edge", width=1)
    words = "possible, not taken. On an arrow: what happened, and below it what is sent."
    sheet.text(390, y, words, size=_SMALL, color="second ink")


# ---- what both ends did


def _ways(sheet: Sheet, ends: Mapping[Side, Standing]) -> None:
    taken = {side: dict.fromkeys(pairwise(entered.state for entered in end.way)) for side, end in ends.items()}
    both = set(taken["client"]) & set(taken["server"])
    sides: tuple[Side, Side] = ("server", "client")
    for side in sides:
        aside = -APART if side == "client" else APART
        for pair in taken[side]:
            points = _curve(_moved(_line(pair), aside if pair in both else 0.0))
            _stroke(sheet, points, side)
            _tip(sheet, points, "ink")


def _line(pair: Pair) -> tuple[Point, ...]:
    arrow = transition(*pair)
    known = next((drawn.points for drawn in layout.DRAWN if drawn.arrow is arrow), None)
    return known or layout.between(*pair)


def _stroke(sheet: Sheet, points: list[Point], side: str) -> None:
    sheet.line(points, width=WAY[side], zorder=2.2)
    if side == "server":
        sheet.line(points, color="paper", width=CORE, zorder=2.3)


def _tokens(sheet: Sheet, ends: Mapping[Side, Standing]) -> None:
    """Each end's name in a pill at its state; the second of two below, or above, the first."""
    places = {side: _place(end) for side, end in ends.items()}
    for side, place in places.items():
        x, y = place.token_at
        y += place.step if side == "server" and places["client"] is place else 0
        width = sheet.width_of(side, weight="bold") + 18
        x = min(max(x, width / 2 + 2), layout.WIDTH - width / 2 - 2)
        ours = side == "client"
        fill = "ink" if ours else "paper"
        sheet.box(x - width / 2, y - 10, width, 20, fill=fill, edge="ink", radius=10, zorder=5.5)
        sheet.text(x, y, side, weight="bold", color="paper" if ours else "ink", align="center")


def _place(end: Standing) -> Place:
    """Which mark stands for the state it is in: CLOSED has two."""
    before = end.way[-2].state if len(end.way) > 1 else None
    if end.state is TcpState.CLOSED and before is not None and layout.ends_right(before):
        return layout.THE_END
    return layout.PLACES[end.state]


# ---- lines


def _moved(points: Sequence[Point], aside: float) -> tuple[Point, ...]:
    (x, y), (end_x, end_y) = points[0], points[-1]
    length = hypot(end_x - x, end_y - y)
    off_x, off_y = -(end_y - y) / length * aside, (end_x - x) / length * aside
    return tuple((at_x + off_x, at_y + off_y) for at_x, at_y in points)


def _curve(points: Sequence[Point]) -> list[Point]:
    """Two points as they are; three as the bow that SVG draws through them."""
    if len(points) == 2:
        return list(points)
    parts = [step / _BOW_STEPS for step in range(_BOW_STEPS + 1)]
    weights = [((1 - part) ** 2, 2 * part * (1 - part), part**2) for part in parts]
    xs, ys = zip(*points, strict=True)

    def mixed(values: Sequence[float], weight: tuple[float, float, float]) -> float:
        return sum(each * share for each, share in zip(values, weight, strict=True))

    return [(mixed(xs, weight), mixed(ys, weight)) for weight in weights]


def _tip(sheet: Sheet, points: list[Point], color: str) -> None:
    (from_x, from_y), (x, y) = points[-2:]
    length = hypot(x - from_x, y - from_y)
    along, (ahead, behind, half) = ((x - from_x) / length, (y - from_y) / length), TIP
    base = (x - along[0] * behind, y - along[1] * behind)
    corners = [(base[0] - sign * along[1] * half, base[1] + sign * along[0] * half) for sign in (1, -1)]
    sheet.polygon([(x + along[0] * ahead, y + along[1] * ahead), *corners], color=color)
