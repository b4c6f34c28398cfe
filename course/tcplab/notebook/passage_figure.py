"""A passage as a picture: client, middle, server, and each segment a line that goes on at the middle, or does not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tcplab.model.four_tuple import Endpoint
from tcplab.model.passage import Passing, Treatment
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 880.0
RAILS = (112.0, 468.0, 824.0)
TIME_AT = 62.0
TOP, FIRST, ROW, SLOPE, BOTTOM = 58.0, 22.0, 34.0, 10.0, 20.0
RAIL, MIDDLE, REACH = 8.0, 14.0, 9.0
HEAD, HEAD_HALF, CROSS = 9.0, 4.2, 5.5
ABOVE = 12.0


def figure(seen: Sequence[Passing], flags: Sequence[str], middle: str) -> "Figure":
    """Draw what crossed, each with its flags in words; call it with the look's settings in force."""
    end = TOP + FIRST + ROW * len(seen)
    sheet = Sheet(WIDTH, end + BOTTOM)
    for x, name, width in zip(RAILS, ("client", middle, "server"), (RAIL, MIDDLE, RAIL), strict=True):
        sheet.text(x, 20, name, size=14, weight="bold", align="center")
        sheet.box(x - width / 2, TOP - 8, width, end - TOP + 16, fill="edge")
    sheet.text(TIME_AT, 38, "ms", size=11.5, color="second ink", align="right")
    for x, words in (((RAILS[0] + RAILS[1]) / 2, "inside"), ((RAILS[1] + RAILS[2]) / 2, "outside")):
        sheet.text(x, 38, f"{words}, the client is called", size=11.5, color="second ink", align="center")

    called: list[Endpoint | None] = [None, None]
    for at, (one, said) in enumerate(zip(seen, flags, strict=False)):
        y = TOP + FIRST + ROW * at
        _passing(sheet, one, said, y, called)
        sheet.text(TIME_AT, y, f"{(one.at_s - seen[0].at_s) * 1000:,.0f}", size=11.5, color="second ink", align="right")
    return sheet.figure


def _passing(sheet: Sheet, one: Passing, flags: str, y: float, called: list[Endpoint | None]) -> None:
    """One segment: a half for each wire that saw it, and what happened at the middle."""
    both = one.inside is not None and one.outside is not None
    for half, segment in enumerate((one.inside, one.outside)):
        if segment is None:
            continue
        second = half == (1 if one.to_server else 0)
        down = y + (SLOPE if second and both else 0.0)
        reaches = 0.5 if segment.delivered_s is None else 0.97 if one.treatment is Treatment.STOPPED else 1.0
        _half(sheet, half, down, to_server=one.to_server, reaches=reaches)
        _words(sheet, one, flags, half, down, called)
    if one.treatment is Treatment.STOPPED:
        _note(sheet, y + SLOPE, "stopped here", color="dropped", right=one.to_server)
    elif one.treatment is Treatment.OWN:
        _note(sheet, y, "its own", color="second ink", right=not one.to_server)


def _half(sheet: Sheet, half: int, y: float, *, to_server: bool, reaches: float) -> None:
    """A segment on one wire: a part of the way if it does not arrive, and then a cross at its end."""
    ends = (RAILS[half] + REACH, RAILS[half + 1] - REACH)
    start, goal = ends if to_server else ends[::-1]
    stop = (start + (goal - start) * reaches, y + SLOPE * reaches)
    sheet.line([(start, y), stop], color="ink" if reaches == 1.0 else "dropped")
    if reaches == 1.0:
        _head(sheet, (start, y), stop)
        return
    for tilt in (-CROSS, CROSS):
        sheet.line(
            [(stop[0] - CROSS, stop[1] - tilt), (stop[0] + CROSS, stop[1] + tilt)], color="dropped", width=2.5, zorder=5
        )


def _words(sheet: Sheet, one: Passing, flags: str, half: int, y: float, called: list[Endpoint | None]) -> None:
    """Above each half: the flags, and the client's name there, in bold where it is new."""
    name = one.names[half]
    length = one.segment.payload_bytes
    said = f"{flags} · {length} bytes" if length else flags
    new = name != called[half]
    called[half] = name
    wide = sheet.width_of(f"{said}  {name}", mono=True)
    left = (RAILS[half] + RAILS[half + 1] - wide) / 2
    label_y = y + SLOPE / 2 - ABOVE
    sheet.text(left, label_y, said, mono=True)
    after = left + sheet.width_of(f"{said}  ", mono=True)
    sheet.text(
        after, label_y, str(name), mono=True, color="ink" if new else "second ink", weight="bold" if new else "normal"
    )


def _note(sheet: Sheet, y: float, words: str, *, color: str, right: bool) -> None:
    """A word beside the middle, on the side where the segment is not."""
    x = RAILS[1] + (MIDDLE if right else -MIDDLE)
    sheet.text(x, y, words, size=12, color=color, weight="bold", align="left" if right else "right")


def _head(sheet: Sheet, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - HEAD * dx, y1 - HEAD * dy)
    sides = [(back[0] + side * HEAD_HALF * dy, back[1] - side * HEAD_HALF * dx) for side in (1, -1)]
    sheet.polygon([end, *sides])
