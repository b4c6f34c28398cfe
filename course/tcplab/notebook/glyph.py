"""The glyphs of the states, drawn: shape is the chapter of life, left half what I may send, right what may come."""

from typing import TYPE_CHECKING, Any

from tcplab.model.state import TcpState
from tcplab.notebook.look import PRINT, STATES, Shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

_DIAMOND, _SQUARE, _CLOCK, _WEDGE = 1.15, 0.9, 0.98, 0.62
_RIM_PT = 1.1
_MIDDLE_PT = 0.7


def draw_glyph(axes: "Axes", state: TcpState, x: float, y: float, *, radius: float = 6, left: float = 0.75) -> None:
    """Draw a state's glyph, on axes of equal units whose y runs down.

    Args:
        state: whose glyph
        x, y: its centre
        radius: half its height, in the units of the axes
        left: TIME_WAIT's time that is left, 0 to 1
    """
    for patch in _patches(state, x, y, radius, left):
        axes.add_patch(patch)


def _patches(state: TcpState, x: float, y: float, radius: float, left: float) -> "list[Patch]":
    from matplotlib.patches import Circle, Polygon, Wedge

    look, paper = STATES[state], PRINT["paper"]

    def filled(shape: Shape, reach: float, side: int) -> "Patch":
        if shape == "disc":
            return Wedge((x, y), reach, -90 * side, 90 * side, facecolor=look.light, edgecolor="none", zorder=4)
        half = [(x + side * max(side * dx, 0), y + dy) for dx, dy in _corners(shape, reach)]
        return Polygon(half, facecolor=look.light, edgecolor="none", zorder=4)

    if look.shape == "dot":
        return [Circle((x, y), radius / 3, facecolor=look.light, edgecolor="none", zorder=4)]
    if look.shape == "clock":
        # Up is −90° where y runs down. The wedge is the time left; it empties clockwise.
        face = Circle((x, y), radius * _CLOCK, facecolor=paper, edgecolor=look.light, linewidth=_RIM_PT, zorder=3)
        hand = (x, y), radius * _WEDGE, 270 - 360 * left, 270
        return [face, Wedge(*hand, facecolor=look.light, edgecolor="none", zorder=4)]

    rim: dict[str, Any] = {"facecolor": paper, "edgecolor": look.light, "linewidth": _RIM_PT, "zorder": 3}
    patches: list[Patch] = []
    if look.shape == "disc":
        patches.append(Circle((x, y), radius, **rim))
    else:
        patches.append(Polygon([(x + dx, y + dy) for dx, dy in _corners(look.shape, radius)], **rim))
    patches += [filled(look.shape, radius * part, side) for side, part in ((-1, look.mine), (1, look.theirs)) if part]
    if look.mine not in (0, look.theirs) and look.theirs:
        middle = [(x, y - radius * 0.85), (x, y + radius * 0.85)]
        patches.append(Polygon(middle, closed=False, edgecolor=paper, linewidth=_MIDDLE_PT, zorder=5))
    return patches


def _corners(shape: Shape, radius: float) -> list[tuple[float, float]]:
    reach = radius * (_DIAMOND if shape == "diamond" else _SQUARE)
    if shape == "diamond":
        return [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
    return [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
