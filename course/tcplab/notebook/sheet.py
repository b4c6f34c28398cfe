"""Paper to draw on, measured in the pixels of the picture as the notebook shows it; y runs down."""

from typing import TYPE_CHECKING, Any, Literal

from tcplab.notebook.look import PRINT

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

_DOTS_PER_INCH = 100
_POINTS_PER_PIXEL = 72 / _DOTS_PER_INCH
Align = Literal["left", "center", "right"]


class Sheet:
    """A figure without axes to see, on which one unit is one pixel.

    Args:
        width, height: of the picture (px)
        top: the y of its upper edge
    """

    def __init__(self, width: float, height: float, *, top: float = 0.0) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(width / _DOTS_PER_INCH, (height - top) / _DOTS_PER_INCH), dpi=_DOTS_PER_INCH)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, top)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        color: str = "ink",
        weight: str = "normal",
        mono: bool = False,
        align: Align = "left",
    ) -> None:
        """Write one line, its middle at y."""
        font = _font(size, weight, mono=mono)
        self.axes.text(x, y, words, fontproperties=font, color=PRINT[color], ha=align, va="center_baseline", zorder=6)

    def width_of(self, words: str, *, size: float = 12, weight: str = "normal", mono: bool = False) -> float:
        """How wide a line would be (px), in the fonts that this machine has."""
        font = _font(size, weight, mono=mono)
        return float(self._renderer.get_text_width_height_descent(words, font, ismath=False)[0])

    def wrapped(self, words: str, room: float, *, size: float = 12) -> tuple[str, ...]:
        """Split a sentence into lines no wider than the room (px), between words."""
        lines: list[str] = []
        for word in words.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width_of(longer, size=size) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return tuple(lines)

    def line(
        self,
        points: list[tuple[float, float]],
        *,
        color: str = "ink",
        width: float = 1.5,
        dashes: tuple[float, float] | None = None,
        zorder: float = 2,
    ) -> None:
        """Draw through points; dashes are (ink, gap) in px."""
        style: Any = "-" if dashes is None else (0, tuple(dash / width for dash in dashes))
        self.axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            color=PRINT[color],
            linewidth=width * _POINTS_PER_PIXEL,
            linestyle=style,
            solid_capstyle="butt",
            dash_capstyle="butt",
            zorder=zorder,
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None = None,
        edge: str | None = None,
        dashed: bool = False,
        radius: float = 0,
        zorder: float = 1,
    ) -> None:
        """Draw a rectangle from its upper left corner; `fill` is a token of the look or a state's colour."""
        from matplotlib.patches import FancyBboxPatch

        rounded = f"round,pad=0,rounding_size={radius}" if radius else "square,pad=0"
        self.axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=rounded,
                facecolor=PRINT.get(fill or "", fill or "none"),
                edgecolor=PRINT[edge] if edge else "none",
                linewidth=1.5 * _POINTS_PER_PIXEL,
                linestyle=(0, (4, 3)) if dashed else "-",
                zorder=zorder,
            )
        )

    def polygon(self, points: list[tuple[float, float]], *, color: str = "ink", zorder: float = 3) -> None:
        """Fill a shape."""
        from matplotlib.patches import Polygon

        self.axes.add_patch(Polygon(points, facecolor=PRINT[color], edgecolor="none", zorder=zorder))


def _font(size: float, weight: str, *, mono: bool) -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    family = "monospace" if mono else None
    return FontProperties(family=family, size=size * _POINTS_PER_PIXEL, weight=weight)
