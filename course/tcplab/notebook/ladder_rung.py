"""One segment of a ladder, drawn: the colour says whether it arrived, the shape of the line how."""

from collections.abc import Iterator

from tcplab.model.segment import Fate
from tcplab.notebook.ladder_parts import CLIENT_X, FORK, LANE, SERVER_X, SLOPE, WIRE_X, Rung
from tcplab.notebook.ladder_twin import flag_words
from tcplab.notebook.sheet import Align, Sheet

REACH = 7.0
HEAD, HEAD_HALF = 9.0, 4.2
ABOVE, LABEL_HALF = 5.0, 6.0
CHIP = 16.0
FULL = SERVER_X - CLIENT_X - 2 * REACH
"""How far a segment travels, rail to rail."""


class _Way:
    """Points on the way of one segment: `part` 0 is the sender's rail, 1 the receiver's."""

    def __init__(self, rung: Rung) -> None:
        self.from_client = rung.turn.from_client

    def x(self, part: float) -> float:
        """The x of a part of the way."""
        done = part * FULL
        return CLIENT_X + REACH + done if self.from_client else SERVER_X - REACH - done


def draw_rung(sheet: Sheet, rung: Rung, chips: Iterator[str], *, crowded: bool) -> None:
    """Draw a segment's line, its label, and what became of it.

    Args:
        chips: letters for the segments that wait on the wire
        crowded: whether another segment waits at the wire at this height; the label then stands on the sender's side
    """
    way, segment = _Way(rung), rung.turn.segment
    start, wire = (way.x(0), rung.sent_y), (way.x(0.5), rung.meets_wire_y)
    half = True
    if segment.fate is Fate.DROPPED:
        sheet.line([start, wire], color="dropped")
        _cross(sheet, *wire)
        _remark(sheet, way, wire[1], "dropped by your rule", color="dropped", weight="bold")
    elif segment.fate is Fate.SWALLOWED:
        sheet.line([start, wire], color="swallowed", dashes=(1.5, 3.5))
        sheet.line([(wire[0], wire[1] - 5), (wire[0], wire[1] + 5)], color="swallowed", width=2)
        said = "a repeat, swallowed" if rung.times == 1 else f"repeated {rung.times} times, swallowed"
        _remark(sheet, way, wire[1], said, color="swallowed")
    elif rung.arrives_y is None:
        sheet.line([start, wire], color="held", dashes=(5, 3))
        end = (way.x(1), wire[1] + SLOPE / 2)
        sheet.line([wire, end], color="swallowed", dashes=(1.5, 3.5))
        _chip(sheet, *wire, next(chips))
    else:
        half = _arrival(sheet, rung, way)
    color = "dropped" if segment.fate is Fate.DROPPED else "ink"
    wide = _text(sheet, rung, way, half=half or crowded, color=color)
    if segment.fate is Fate.HELD and not wide:  # a wide label takes its place; chip and dashes say the same
        _remark(sheet, way, wire[1] - 7, "waits on the wire", color="held")


def _arrival(sheet: Sheet, rung: Rung, way: _Way) -> bool:
    """Draw what arrives; returns whether its label must keep to the sender's half."""
    assert rung.arrives_y is not None
    start, end = (way.x(0), rung.sent_y), (way.x(1), rung.arrives_y)
    if not rung.knee:
        sheet.line([start, end])
        if rung.turn.segment.fate is Fate.DUPLICATED:
            second = (end[0], end[1] + FORK)
            fork = (way.x(0.5), rung.meets_wire_y)
            sheet.line([fork, second])
            _head(sheet, fork, second)
        _head(sheet, start, end)
        return rung.crossed
    # Lanes go towards the sender: what is sent later and arrives later then crosses nothing.
    knee_x = WIRE_X + (rung.lane + 0.5) * (-LANE if way.from_client else LANE)
    part = abs(knee_x - way.x(0)) / FULL
    upper, lower = (knee_x, rung.sent_y + SLOPE * part), (knee_x, rung.arrives_y - SLOPE * (1 - part))
    sheet.line([start, upper, lower, end])
    _head(sheet, lower, end)
    return True


def _text(sheet: Sheet, rung: Rung, way: _Way, *, half: bool, color: str) -> bool:
    """Write the label above its line, never on it: 5 px, plus half its width times the slope.

    Returns: whether it needs more than the sender's half, where it was to stay.
    """
    flags, numbers = label_words(rung)
    flags_width = sheet.width_of(flags, weight="bold", mono=True)
    width = flags_width + sheet.width_of(numbers, mono=True)
    room = FULL / 2 - 16 if half else FULL
    middle = 0.25 if half and width <= room else max(0.5 if not half else 0.0, (12 + width / 2) / FULL)
    falls = rung.arrives_y - rung.sent_y if rung.crossed and rung.arrives_y is not None else SLOPE
    slope = falls / FULL
    y = rung.sent_y + falls * middle - ABOVE - LABEL_HALF - width / 2 * slope
    if half and width > room:
        y = min(y, rung.meets_wire_y - CHIP / 2 - LABEL_HALF - 2)
    left = way.x(middle) - width / 2
    if half:  # another segment's line may pass behind it
        sheet.box(left - 3, y - LABEL_HALF - 1, width + 6, 2 * LABEL_HALF + 1, fill="paper", zorder=2.5)
    sheet.text(left, y, flags, weight="bold", mono=True, color=color)
    quiet = "second ink" if color == "ink" else color
    sheet.text(left + flags_width, y, numbers, mono=True, color=quiet)
    return half and width > room


def label_words(rung: Rung) -> tuple[str, str]:
    """Return a segment's flags, and its numbers as far as they say something: ACKs alone have no own seq."""
    turn, segment = rung.turn, rung.turn.segment
    flags = ("↻ " if turn.sent_again else "") + flag_words(segment.flags)
    own = segment.sequence_length or "A" not in segment.flags
    numbers = ([f"seq {turn.seq}"] if own else []) + ([f"ack {turn.ack}"] if "A" in segment.flags else [])
    said = " " + "  ".join(numbers).replace("-", "−")
    if segment.payload_bytes:
        said += f" · {segment.payload_bytes:,} byte{'' if segment.payload_bytes == 1 else 's'}"
    return flags, said + (" · again" if turn.sent_again else "")


def _remark(sheet: Sheet, way: _Way, y: float, words: str, *, color: str, weight: str = "normal") -> None:
    """Say beside the wire, on the side that it did not reach, what became of it."""
    gap = 14 / FULL
    align: Align = "left" if way.from_client else "right"
    sheet.text(way.x(0.5 + gap), y, words, size=12, color=color, weight=weight, align=align)


def _head(sheet: Sheet, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - HEAD * dx, y1 - HEAD * dy)
    notch = (x1 - HEAD * 0.8 * dx, y1 - HEAD * 0.8 * dy)
    sides = [(back[0] + side * HEAD_HALF * dy, back[1] - side * HEAD_HALF * dx) for side in (1, -1)]
    sheet.polygon([end, sides[0], notch, sides[1]])


def _cross(sheet: Sheet, x: float, y: float) -> None:
    for tilt in (-1, 1):
        sheet.line([(x - 5.5, y - 5.5 * tilt), (x + 5.5, y + 5.5 * tilt)], color="dropped", width=2.5, zorder=5)


def _chip(sheet: Sheet, x: float, y: float, letter: str) -> None:
    sheet.box(x - CHIP / 2 - 1, y - CHIP / 2 - 1, CHIP + 2, CHIP + 2, fill="held", radius=3, zorder=5)
    sheet.text(x, y, letter, size=11.5, weight="bold", color="paper", align="center")
