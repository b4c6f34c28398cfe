"""The world as a picture: inside your machine, and apart from it, a dashed border; in it hosts and links."""

from typing import TYPE_CHECKING

from tcplab.model.segment import Fate
from tcplab.notebook.glyph import draw_glyph
from tcplab.notebook.look import STATES
from tcplab.notebook.sheet import Sheet
from tcplab.notebook.world import HostSeen, LinkSeen, WorldSeen, link_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 880.0
EDGE, PAD = 10.0, 16.0
OUTSIDE_WIDTH = 172.0
HOST_TOP, ROW, HEAD = 74.0, 19.0, 24.0
_OUTSIDE = (
    "This notebook runs here, an ordinary process.",
    "Nothing here was changed.",
    "No route leads out of the world.",
)
_BAR_LEAST, _BAR_MOST = 2.0, 36.0


def figure(seen: WorldSeen) -> "Figure":
    """Draw a world; call it with the look's settings in force."""
    rows = max(2 * len(host.devices) + len(host.sockets) for host in seen.hosts)
    host_height = HEAD + ROW * max(rows, 4) + 14
    height = HOST_TOP + host_height + PAD + 2 * EDGE
    sheet = Sheet(WIDTH, height)
    sheet.box(EDGE, EDGE, WIDTH - 2 * EDGE, height - 2 * EDGE, edge="edge", radius=5)
    _outside(sheet)

    left, right = EDGE + OUTSIDE_WIDTH, WIDTH - EDGE - PAD
    sheet.box(left, 22, right - left, height - 22 - EDGE - PAD + 4, edge="ink", dashed=True, radius=7)
    sheet.text(left + PAD, 44, "the world of this notebook", size=13, weight="bold")
    gap_words = sheet.width_of("the world of this notebook", size=13, weight="bold") + 12
    sheet.text(left + PAD + gap_words, 44, "network namespaces; they end with it", size=11.5, color="second ink")

    count = len(seen.hosts)
    link_width = 150.0 if count == 2 else 66.0
    host_width = (right - left - 2 * PAD - link_width * (count - 1)) / count
    most = max((number for host in seen.hosts for _, number in host.sockets), default=1)  # one scale for all hosts
    for at, host in enumerate(seen.hosts):
        x = left + PAD + at * (host_width + link_width)
        _host(sheet, host, x, host_width, host_height, most)
        if at < count - 1:
            _link(sheet, seen.links[at], x + host_width, link_width)
    return sheet.figure


def _outside(sheet: Sheet) -> None:
    sheet.text(EDGE + PAD, 44, "your machine", size=13, weight="bold")
    y = HOST_TOP + 10
    for sentence in _OUTSIDE:
        for line in sheet.wrapped(sentence, OUTSIDE_WIDTH - 2 * PAD, size=11.5):
            sheet.text(EDGE + PAD, y, line, size=11.5, color="second ink")
            y += 15
        y += 6


def _host(sheet: Sheet, host: HostSeen, x: float, width: float, height: float, most: int) -> None:
    sheet.box(x, HOST_TOP, width, height, fill="paper", edge="edge", radius=4)
    y = HOST_TOP + 18
    sheet.text(x + 12, y, host.name, size=13, weight="bold")
    y += HEAD
    for device, addresses in host.devices:
        for at, address in enumerate(addresses):
            if at == 0:
                sheet.text(x + 12, y, device, size=11.5, mono=True)
            sheet.text(x + 48, y, address, size=11.5, color="second ink", mono=True)
            y += ROW
    for state, number in host.sockets:
        draw_glyph(sheet.axes, state, x + 19, y)
        sheet.text(x + 32, y, str(state))
        counted_x = x + min(width - 12, 164)
        sheet.text(counted_x, y, f"{number:,}", align="right")
        if counted_x + 8 + _BAR_MOST < x + width:
            bar = max(_BAR_LEAST, _BAR_MOST * number / most)
            sheet.box(counted_x + 8, y - 4, bar, 8, fill=STATES[state].light)
        y += ROW


def _link(sheet: Sheet, link: LinkSeen, x: float, width: float) -> None:
    y, middle = HOST_TOP + 18, x + width / 2
    sheet.line([(x, y), (x + width, y)], color="edge")
    words = [link.name, *link_words(link)]
    if link.programmable:
        sheet.box(middle - 8, y - 8, 16, 16, fill="paper", edge="edge", radius=8, zorder=3)
    y += HEAD
    for at, said in enumerate(words):
        loud = next((str(fate) for fate in (Fate.DROPPED, Fate.HELD) if said.endswith(fate)), "second ink")
        color = "ink" if at == 0 else loud
        for line in sheet.wrapped(said, width - 12, size=11.5):
            sheet.text(middle, y, line, size=11.5, color=color, weight="bold" if at == 0 else "normal", align="center")
            y += 15
        y += 3
