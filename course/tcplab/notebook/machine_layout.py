"""Where the eleven states and their arrows stand, for the live picture and for print: pixels of a sheet 880 wide."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Final

from tcplab.model.state import TcpState as S
from tcplab.model.transitions import TRANSITIONS, Transition
from tcplab.notebook.sheet import Align

WIDTH: Final = 880
HEIGHT: Final = 446
RADIUS: Final = 10
CHAPTERS: Final = ((28, 330, "opening"), (346, 492, "open"), (508, 712, "closing"), (728, 864, "afterlife"))
"""The headings above: from, to, words."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state stands, its name, and the first of the tokens in it; `step` leads from one token to the next."""

    at: Point
    name_at: Point
    align: Align
    token_at: Point
    step: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arrow as it is drawn: two points, or three of a bow; what happens stands at `words_at`, what is sent below."""

    arrow: Transition
    points: tuple[Point, ...]
    words_at: Point
    align: Align
    below: float


def _top(x: float, y: float) -> Place:
    return Place((x, y), (x, y - 20), "center", (x, y - 46), -23)


def _bottom(x: float, y: float) -> Place:
    return Place((x, y), (x, y + 26), "center", (x, y + 46), 23)


PLACES: Final[Mapping[S, Place]] = {
    S.CLOSED: Place((76, 218), (64, 218), "right", (40, 244), 23),
    S.SYN_SENT: _top(214, 112),
    S.LISTEN: _bottom(150, 342),
    S.SYN_RECV: Place((306, 272), (298, 300), "center", (334, 322), 23),
    S.ESTABLISHED: Place((410, 214), (429, 214), "left", (410, 246), 23),
    S.FIN_WAIT1: _top(544, 112),
    S.FIN_WAIT2: _top(676, 112),
    S.CLOSING: _bottom(676, 220),
    S.TIME_WAIT: _top(802, 112),
    S.CLOSE_WAIT: _bottom(544, 342),
    S.LAST_ACK: _bottom(676, 342),
}
THE_END: Final = _bottom(822, 342)
"""CLOSED stands twice: this one is where connections end."""

_WORDS: Final[Mapping[tuple[S, S], tuple[Point, Align, float]]] = {
    (S.CLOSED, S.LISTEN): ((119, 274), "left", 14),
    (S.CLOSED, S.SYN_SENT): ((135, 182), "left", 14),
    (S.LISTEN, S.CLOSED): ((78, 306), "right", 14),
    (S.LISTEN, S.SYN_SENT): ((192, 222), "left", 14),
    (S.LISTEN, S.SYN_RECV): ((222, 334), "left", 14),
    (S.SYN_SENT, S.CLOSED): ((102, 128), "right", 14),
    (S.SYN_SENT, S.SYN_RECV): ((271, 182), "left", 14),
    (S.SYN_SENT, S.ESTABLISHED): ((256, 114), "left", 14),
    (S.SYN_RECV, S.LISTEN): ((222, 264), "center", 14),
    (S.SYN_RECV, S.ESTABLISHED): ((334, 287), "left", 14),
    (S.SYN_RECV, S.FIN_WAIT1): ((430, 108), "center", 14),
    (S.ESTABLISHED, S.FIN_WAIT1): ((498, 164), "left", 14),
    (S.ESTABLISHED, S.CLOSE_WAIT): ((498, 268), "left", 14),
    (S.FIN_WAIT1, S.FIN_WAIT2): ((610, 103), "center", 14),
    (S.FIN_WAIT1, S.CLOSING): ((600, 190), "right", 14),
    (S.FIN_WAIT1, S.TIME_WAIT): ((676, 143), "center", 14),
    (S.FIN_WAIT2, S.TIME_WAIT): ((739, 103), "center", 20),
    (S.CLOSING, S.TIME_WAIT): ((728, 196), "left", 14),
    (S.CLOSE_WAIT, S.LAST_ACK): ((610, 333), "center", 20),
    (S.LAST_ACK, S.CLOSED): ((750, 333), "center", 14),
    (S.TIME_WAIT, S.CLOSED): ((819, 236), "left", 14),
}
_BOWS: Final[Mapping[tuple[S, S], Point]] = {  # which arrows are bent, and towards where
    (S.LISTEN, S.CLOSED): (78, 312),
    (S.SYN_SENT, S.CLOSED): (112, 122),
    (S.SYN_RECV, S.LISTEN): (214, 268),
    (S.SYN_RECV, S.FIN_WAIT1): (404, 112),
    (S.FIN_WAIT1, S.TIME_WAIT): (676, 232),
}
_FROM_THE_LEFT = (S.LISTEN, S.SYN_SENT)  # who closes there goes back to where connections begin


def ends_right(start: S) -> bool:
    """Tell whether CLOSED, come to from this state, is the one at the end."""
    return start not in (S.CLOSED, *_FROM_THE_LEFT)


def between(start: S, end: S) -> tuple[Point, ...]:
    """The line of an arrow; also of one that the diagram lacks, such as that of an RST: a bow."""
    first = PLACES[start].at
    last = THE_END.at if end is S.CLOSED and ends_right(start) else PLACES[end].at
    known = any(each.start is start and each.end is end for each in TRANSITIONS)
    if (start, end) in _BOWS:
        bow = _BOWS[start, end]
        return _short(first, bow), bow, _short(last, bow)
    if known:
        return _short(first, last), _short(last, first)
    bow = ((first[0] + last[0]) / 2 + (last[1] - first[1]) / 5, (first[1] + last[1]) / 2 - (last[0] - first[0]) / 5)
    return _short(first, bow), bow, _short(last, bow)


def _short(end: Point, towards: Point) -> Point:
    """Keep clear of the glyph at an end."""
    (x, y), (other_x, other_y) = end, towards
    part = (RADIUS + 6) / hypot(other_x - x, other_y - y)
    return round(x + (other_x - x) * part, 1), round(y + (other_y - y) * part, 1)


DRAWN: Final = tuple(Drawn(each, between(each.start, each.end), *_WORDS[each.start, each.end]) for each in TRANSITIONS)
