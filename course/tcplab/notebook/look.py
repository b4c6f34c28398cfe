"""The look of every picture: colours, glyphs and matplotlib's settings. No colour is written anywhere else.

Three rules. States fill, fates shape: a TCP state is a filled mark, a segment's fate the geometry of its line.
Orange is TIME_WAIT and nothing else. Text is ink: only `dropped` and `held` may colour words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from tcplab.model.state import TcpState

Theme = Literal["light", "dark"]
Shape = Literal["dot", "diamond", "disc", "square", "clock"]


class Family(StrEnum):
    """The chapter of a connection's life that a state belongs to: one hue each."""

    NOTHING = "nothing"
    OPENING = "opening"
    OPEN = "open"
    CLOSED_FIRST = "I closed first"
    CLOSED_SECOND = "they closed first"
    AFTERLIFE = "afterlife"


@dataclass(frozen=True, slots=True)
class Look:
    """How one state looks: its family's hue in both themes, and its glyph.

    Args:
        shape: dot, diamond (opening), disc (open, or I closed first), square (they closed first), clock (afterlife)
        mine: how much of the glyph's left half is filled: what I may still send
        theirs: how much of its right half: what may still come. 1 open, 0.5 not acknowledged yet, 0 closed
    """

    family: Family
    light: str
    dark: str
    shape: Shape
    mine: float = 0
    theirs: float = 0


STATES: Final[Mapping[TcpState, Look]] = {
    TcpState.CLOSED: Look(Family.NOTHING, "#8c8c8c", "#696c6f", "dot"),
    TcpState.LISTEN: Look(Family.NOTHING, "#292929", "#e4e4e4", "diamond"),
    TcpState.SYN_SENT: Look(Family.OPENING, "#0298bb", "#a7ecfe", "diamond", 0.5),
    TcpState.SYN_RECV: Look(Family.OPENING, "#034f50", "#17d0d8", "diamond", 0.5, 1),
    TcpState.ESTABLISHED: Look(Family.OPEN, "#087646", "#01ab7e", "disc", 1, 1),
    TcpState.FIN_WAIT1: Look(Family.CLOSED_FIRST, "#1651c4", "#5383df", "disc", 0.5, 1),
    TcpState.FIN_WAIT2: Look(Family.CLOSED_FIRST, "#4070d2", "#83a3f8", "disc", 0, 1),
    TcpState.CLOSING: Look(Family.CLOSED_FIRST, "#031556", "#495ae6", "disc", 0.5),
    TcpState.CLOSE_WAIT: Look(Family.CLOSED_SECOND, "#ad588f", "#e792bd", "square", 1),
    TcpState.LAST_ACK: Look(Family.CLOSED_SECOND, "#8d267f", "#c75b9d", "square", 0.5),
    TcpState.TIME_WAIT: Look(Family.AFTERLIFE, "#db6d0b", "#fa8927", "clock"),
}

INTERFACE: Final[Mapping[Theme, Mapping[str, str]]] = {
    "light": {
        "paper": "#ffffff",
        "sunk": "#f5f5f5",
        "ink": "#1f1f1f",
        "second ink": "#595959",
        "hairline": "#dcdcdc",
        "edge": "#8a8a8a",
        "held": "#1565c0",
        "dropped": "#b8002e",
        "swallowed": "#6b6b6b",
        "passed": "#087646",
        "free port": "#f5f5f5",
        "60 s left": "#6e2c00",
        "45 s left": "#9a4400",
        "30 s left": "#bd5800",
        "15 s left": "#db6d0b",
    },
    "dark": {
        "paper": "#111111",
        "sunk": "#1c1c1c",
        "ink": "#ececec",
        "second ink": "#ababab",
        "hairline": "#383838",
        "edge": "#7a7a7a",
        "held": "#6cb2ff",
        "dropped": "#ff7f92",
        "swallowed": "#878787",
        "passed": "#01ab7e",
        "free port": "#1e1e1e",
        "60 s left": "#ffd9b0",
        "45 s left": "#fdb067",
        "30 s left": "#ea7f1f",
        "15 s left": "#b65f10",
    },
}

PRINT: Final = INTERFACE["light"]
"""Pictures that matplotlib draws stand on paper, in the light set, whatever the theme around them."""

RC: Final[Mapping[Any, object]] = {
    "figure.figsize": (8.0, 4.5),
    "figure.dpi": 110,
    "figure.facecolor": PRINT["paper"],
    "savefig.dpi": 200,
    "savefig.facecolor": PRINT["paper"],
    "font.family": ["sans-serif", "DejaVu Sans"],
    "font.sans-serif": ["Liberation Sans", "Noto Sans", "Arial", "Helvetica", "DejaVu Sans"],
    "font.monospace": ["DejaVu Sans Mono"],
    "font.size": 10,
    "axes.facecolor": PRINT["paper"],
    "axes.titlesize": 11,
    "axes.titleweight": "semibold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 10,
    "axes.labelcolor": PRINT["second ink"],
    "axes.edgecolor": PRINT["edge"],
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.prop_cycle": "cycler('color', ['#1f1f1f', '#1651c4', '#ad588f', '#087646'])",
    "grid.color": PRINT["hairline"],
    "grid.linewidth": 0.8,
    "xtick.color": PRINT["second ink"],
    "ytick.color": PRINT["second ink"],
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "text.color": PRINT["ink"],
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "legend.frameon": False,
    "hatch.linewidth": 1.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "tcplab",
    "pdf.fonttype": 42,
}
"""For `with matplotlib.rc_context(RC):`; nothing is set globally."""
