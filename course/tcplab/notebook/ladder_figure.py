"""The ladder as a picture: two rails of states, and between them the segments, each in the shape of its fate."""

import string
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tcplab.model.conversation import Conversation
from tcplab.model.state import TcpState
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.ladder_layout import lay_out
from tcplab.notebook.ladder_parts import (
    CLIENT_X,
    ROW,
    SERVER_X,
    TOP,
    WIDTH,
    WIRE_X,
    Label,
    Layout,
)
from tcplab.notebook.ladder_rung import draw_rung
from tcplab.notebook.ladder_twin import cut_sentence
from tcplab.notebook.look import STATES
from tcplab.notebook.sheet import Align, Sheet
from tcplab.notebook.steps import Side, Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RAIL, GAP = 8.0, 2.0
GLYPH_AT, LABEL_AT, LABEL_ROOM = 18.0, 30.0, 156.0
TIME_AT = 60.0
_OUT: dict[Side, int] = {"client": -1, "server": 1}
_X: dict[Side, float] = {"client": CLIENT_X, "server": SERVER_X}


def figure(conversation: Conversation, steps: Sequence[Step], *, title: str | None = None) -> "Figure":
    """Draw one conversation; call it with the look's settings in force."""
    measure = Sheet(WIDTH, ROW)
    layout = lay_out(conversation, steps, lambda cause: measure.wrapped(cause, LABEL_ROOM, size=11.5))
    sheet = Sheet(WIDTH, layout.end_y + 10, top=-26.0 if title else 0.0)
    if title:
        sheet.text(WIRE_X, -8, title, size=15, weight="bold", align="center")
    _heads(sheet, conversation)
    for side in _X:
        _rail(sheet, side, layout)
        for label in layout.labels[side]:
            _label(sheet, side, label)
    for y, words in layout.pauses:
        _pause(sheet, y, words)
    if layout.cut_y is not None:
        _pause(sheet, layout.cut_y, cut_sentence(conversation))

    chips = iter(string.ascii_uppercase * len(layout.rungs))
    origin_s = conversation[0].segment.time_s
    lasted_s = conversation[-1].segment.time_s - origin_s
    digits = 3 if lasted_s < 1 else 1 if lasted_s < 100 else 0  # what fits beside the labels
    for rung in layout.rungs:
        draw_rung(sheet, rung, chips, crowded=_crowded(rung.meets_wire_y, layout))
        at_s = rung.turn.segment.time_s - origin_s
        sheet.text(TIME_AT, rung.sent_y, f"{at_s * 1000:,.{digits}f}", size=11.5, color="second ink", align="right")
    return sheet.figure


def _heads(sheet: Sheet, conversation: Conversation) -> None:
    sheet.text(TIME_AT, 40, "ms", size=11.5, color="second ink", align="right")
    for x, host, end in (
        (CLIENT_X, conversation.client_host, conversation.client),
        (SERVER_X, conversation.server_host, conversation.server),
    ):
        sheet.text(x, 20, host, size=14, weight="bold", align="center")
        if host != str(end):
            sheet.text(x, 38, str(end), size=11.5, color="second ink", mono=True, align="center")


def _rail(sheet: Sheet, side: Side, layout: Layout) -> None:
    """Bars from where a state begins to where the next does; a dotted line where there is no socket."""
    x, labels = _X[side], layout.labels[side]
    begins = [label.y for label in labels]
    first = begins[0] if begins else layout.end_y
    if first > TOP:
        sheet.line([(x, TOP), (x, first - GAP)], color="edge", dashes=(2, 3))
    for label, (y, end) in zip(labels, pairwise([*begins, layout.end_y]), strict=True):
        if label.step.state is TcpState.CLOSED:
            sheet.line([(x, y), (x, end)], color="edge", dashes=(2, 3))
        else:
            colour = STATES[label.step.state].light
            sheet.box(x - RAIL / 2, y, RAIL, end - y - GAP, fill=colour)


def _label(sheet: Sheet, side: Side, label: Label) -> None:
    out, x = _OUT[side], _X[side]
    align: Align = "right" if side == "client" else "left"
    y = label.y + 7
    draw_glyph(sheet.axes, label.step.state, x + out * GLYPH_AT, y, left=1.0 if label.anew else 0.75)
    if not label.anew:
        sheet.text(x + out * LABEL_AT, y, str(label.step.state), weight="bold", align=align)
        y += 14
    for line in label.cause_lines:
        sheet.text(x + out * LABEL_AT, y, line, size=11.5, color="second ink", align=align)
        y += 14


def _pause(sheet: Sheet, y: float, words: str) -> None:
    """Break both rails: the axis is order, and here much time, or many segments, are left out."""
    for x in (CLIENT_X, SERVER_X):
        for down in (-3.0, 3.0):
            ends = [(x - RAIL / 2 - 2, y + down + 3), (x + RAIL / 2 + 2, y + down - 3)]
            sheet.line(ends, color="paper", width=2.0, zorder=3)
    if words:
        width = sheet.width_of(words, size=11.5)  # segments that wait on the wire may pass behind it
        sheet.box(WIRE_X - width / 2 - 4, y - 8, width + 8, 16, fill="paper", zorder=2.5)
        sheet.text(WIRE_X, y, words, size=11.5, color="second ink", align="center")


def _crowded(y: float, layout: Layout) -> bool:
    """Tell whether another segment is on the wire at this height, so that the middle is taken."""
    return any(rung.meets_wire_y < y < (rung.arrives_y or 0) for rung in layout.rungs if rung.knee or rung.crossed)
