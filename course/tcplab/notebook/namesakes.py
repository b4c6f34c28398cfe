"""Three things called keepalive, told apart: between whom, on which layer, what crosses meanwhile, how each ends."""

from typing import TYPE_CHECKING

from tcplab.notebook.display import present
from tcplab.notebook.say import table
from tcplab.notebook.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMESAKES = (
    ("#", "name", "between", "set by", "in silence", "ends with"),
    ("1", "persistent connection", "HTTP: client, nginx", "keepalive_timeout", "nothing crosses", "a FIN"),
    ("2", "probes", "TCP: any two kernels", "SO_KEEPALIVE", "empty ACKs cross", "ETIMEDOUT"),
    ("3", "upstream pool", "HTTP: nginx, backend", "keepalive, in upstream{}", "nothing crosses", "a FIN"),
)
WIDTH, HEIGHT = 880.0, 250.0
_BOXES = ((20.0, "client"), (370.0, "nginx"), (720.0, "backend"))
_WIDE = 140.0
_HTTP, _TCP, _TALL = 56.0, 158.0, 74.0
_LAYERS = ((_HTTP, "HTTP", ("your program", "nginx", "your application")), (_TCP, "TCP", ("kernel",) * 3))
_MIDDLES = (265.0, 615.0)


def namesakes() -> None:
    """Draw the three where they live, and print them as a table.

    >>> namesakes()                                            # doctest: +ELLIPSIS
    #  name                   between               set by ...
    1  persistent connection  HTTP: client, nginx   keepalive_timeout ...
    2  probes                 TCP: any two kernels  SO_KEEPALIVE ...
    3  upstream pool          HTTP: nginx, backend  keepalive, in upstream{} ...
    """
    says = "HTTP's persistent connection, nginx's upstream pool above; TCP's probes, between kernels, below."
    present(figure, table(list(NAMESAKES)), says=says)


def figure() -> "Figure":
    """Draw it; call it with the look's settings."""
    sheet = Sheet(WIDTH, HEIGHT)
    for top, layer, who in (
        (_HTTP, "HTTP", ("your program", "nginx", "your application")),
        (_TCP, "TCP", ("kernel",) * 3),
    ):
        for (x, _), inside in zip(_BOXES, who, strict=True):
            sheet.box(x, top, _WIDE, _TALL, fill="sunk", edge="edge", radius=4)
            sheet.text(x + _WIDE / 2, top + _TALL / 2 - 9, layer, size=11.5, color="second ink", align="center")
            sheet.text(x + _WIDE / 2, top + _TALL / 2 + 9, inside, align="center")
    for x, name in _BOXES:
        sheet.text(x + _WIDE / 2, 34, name, size=13, weight="bold", align="center")

    one, two, three = NAMESAKES[1:]
    for row, middle, top in ((one, _MIDDLES[0], _HTTP), (three, _MIDDLES[1], _HTTP)):
        _between(sheet, row, middle, top, dashed=False)
    for middle in _MIDDLES:
        _between(sheet, two, middle, _TCP, dashed=True)
    return sheet.figure


def _between(sheet: Sheet, row: tuple[str, ...], middle: float, top: float, *, dashed: bool) -> None:
    number, name, _, by, silence, end = row
    y = top + _TALL / 2
    reach = (_BOXES[1][0] - _BOXES[0][0] - _WIDE) / 2
    sheet.line([(middle - reach, y), (middle + reach, y)], dashes=(2, 6) if dashed else None)
    sheet.text(middle, y - 28, f"{number}  {name}", weight="bold", align="center")
    sheet.text(middle, y - 11, by, size=11.5, mono=True, align="center")
    sheet.text(middle, y + 13, f"in silence {silence}", size=11.5, color="second ink", align="center")
    sheet.text(middle, y + 29, f"ends with {end}", size=11.5, color="second ink", align="center")
