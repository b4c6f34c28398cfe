"""What learners of lab 05 might write, and what they must be told."""

from dataclasses import replace
from ipaddress import IPv4Address

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.options import TcpOptions
from tcplab.model.reuse import Port, Search, Walk
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState

CLIENT_CLOSES = OPEN + "client > FA\nserver > A\nserver > FA\nclient > A\n"
SERVER_CLOSES = OPEN + "server > FA\nclient > A\nclient > FA\nserver > A\n"
RESET = OPEN + "client > RA\n"


def visits(
    count: int, text: str = CLIENT_CLOSES, *, echo: int = 77, strangers: int = 1, ports: int = 1, to: int = 9000
) -> list[Segment]:
    """Connections one after the other, each with numbers of its own; the SYNs of all but the first echo something."""
    found = []
    for at in range(count):
        stamps = TcpOptions(timestamps=(1000 + at, echo if at >= strangers else 0))
        for segment in on_port(to, text):
            moved = moved_client(segment, 40_000 + at % ports)
            moved = replace(moved, time_s=moved.time_s + 100 * at)
            if segment.from_host == "client":
                moved = replace(moved, seq=(segment.seq + 70_000 * at) % 2**32)
            else:
                moved = replace(moved, ack=(segment.ack + 70_000 * at) % 2**32)
            found.append(replace(moved, options=stamps) if segment.flags == "S" else moved)
    return found


def moved_client(segment: Segment, port: int) -> Segment:
    """The same, from another port of the client."""
    if segment.from_host == "client":
        return replace(segment, source=replace(segment.source, port=port))
    return replace(segment, destination=replace(segment.destination, port=port))


def moved_client_all(segments: list[Segment], port: int) -> list[Segment]:
    """The same, from another port of the client."""
    return [moved_client(one, port) for one in segments]


def reused(mode, loopback, mine, theirs):
    return mine and theirs and (mode == 1 or (mode == 2 and loopback))


def careless_on_loopback(mode, loopback, mine, theirs):
    """Right, for on loopback both sides are one host, and have timestamps or have none."""
    return bool(mode) and theirs and (mine if mode == 1 and not loopback else loopback)


def unfinished(mode, loopback, mine, theirs):
    """What somebody left for later."""
    raise NotImplementedError


BOUND = Port(40_000, in_use=True, bound=True)
LIVES = Port(40_001, in_use=True, state=TcpState.ESTABLISHED, timestamps=True)
HALF = Port(40_002, in_use=True, state=TcpState.FIN_WAIT2, remnant=True, timestamps=True)
SILENT = Port(40_003, in_use=True, state=TcpState.TIME_WAIT, remnant=True)
RIPE = replace(SILENT, timestamps=True)
FREE = Port(40_003)
BUILT = [*visits(4, OPEN, ports=4, to=9001)]


def walk(*ports: Port, took: int | None = None, to: int = 9001, bound: bool = False) -> Walk:
    """What a walk hands back, long after everything began."""
    seen = Search(IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2"), to, ports, 1, 0.1, bound)
    return Walk(seen, 500.0, 500.1, took, "" if took else "EADDRNOTAVAIL")


TRIES = {
    "apart_s": Tries(
        solved=Try(2.24, "the pace of a hand"),
        wrong=(
            Try(1.14, "So far apart they were before"),
            Try(22.99, "Take one netstat"),
            Try(21.85, "Take one netstat"),
            Try(26.24, "And the other"),
            Try(24.0, "And the other"),
            Try(-2.24, "does not matter"),
            Try(1, "How long before the second netstat"),
            Try("2.24 s", "Write a number"),
        ),
    ),
    "seven_answers": Tries(
        solved=Try(..., "echo the dead", visits(7)),
        varied=lambda drawn: Try(..., "echo the dead", visits(7, to=drawn.port)),
        untouched=visits(7, to=8000),
        wrong=(
            Try(..., "Who is refused never reaches the wire", visits(2)),
            Try(..., "came from several ports", visits(7, ports=7)),
            Try(..., "came from several ports", visits(7, ports=2)),
            Try(..., "The server closed first", visits(7, SERVER_CLOSES, echo=0)),
            Try(..., "There is a RST", visits(7, RESET, echo=0)),
            Try(..., "There is a RST", [*visits(3), *moved_client_all(visits(1, RESET), 40_001)]),
            Try(..., "echo nobody", visits(7, echo=0)),
            Try(..., "echo nobody", visits(7, strangers=3)),
        ),
    ),
    "may_reuse": Tries(
        solved=Try(reused, "but for the delay"),
        unseen=(Try(lambda mode, loopback, mine, theirs: None, ""), Try(lambda mode, loopback, mine, theirs: ..., "")),
        also=(Try(careless_on_loopback, "but for the delay"),),
        wrong=(
            Try(lambda mode, loopback, mine, theirs: mine and theirs and mode > 0, "2 is the default"),
            Try(lambda mode, loopback, mine, theirs: mine and theirs and mode == 1, "What is 2 for"),
            Try(
                lambda mode, loopback, mine, theirs: mode == 1 or (mode == 2 and loopback),
                "timestamps on one side",
            ),
            Try(
                lambda mode, loopback, mine, theirs: (mine or theirs) and reused(mode, loopback, True, True),
                "timestamps on one side",
            ),
            Try(
                lambda mode, loopback, mine, theirs: mine == theirs and reused(mode, loopback, True, True),
                "the rows without timestamps",
            ),
            Try(lambda mode, loopback, mine, theirs: mine and theirs, "With 0 nothing"),
            Try(
                lambda mode, loopback, mine, theirs: mine and theirs and mode == 1 + loopback,
                "does it ask where the connection goes",
            ),
            Try(lambda mode, loopback, mine, theirs: "yes", "Return True or False"),
            Try(
                lambda mode, loopback, mine, theirs: reused(mode, loopback, mine, theirs) or None,
                "may_reuse(0, False, False, False) returned something else",
            ),
            Try(lambda mode: True, "raised TypeError"),
            Try(lambda mode, loopback, mine, theirs: mine and theirs and loopback and mode > 0, "does it ask where"),
            Try(unfinished, "raised NotImplementedError"),
            Try(bool, "Hand over the function"),
            Try(True, "Hand over the function"),
        ),
    ),
    "four_reasons": Tries(
        solved=Try(walk(BOUND, LIVES, HALF, SILENT), "one error", BUILT),
        varied=lambda drawn: Try(
            walk(BOUND, LIVES, HALF, SILENT, to=drawn.port), "one error", visits(4, OPEN, ports=4, to=drawn.port)
        ),
        untouched=BUILT,
        wrong=(
            Try(walk(BOUND, LIVES, HALF, FREE, took=40_003), "does any socket have it?"),
            Try(walk(BOUND, LIVES, HALF, Port(40_003, in_use=True), took=40_003), "in this very four-tuple?"),
            Try(walk(BOUND, LIVES, HALF, RIPE, took=40_003), "was old enough"),
            Try(walk(BOUND, LIVES, HALF, replace(RIPE, entered_s=499.95), took=40_003), "too fresh only for a moment"),
            Try(walk(BOUND, LIVES, replace(LIVES, number=40_002), SILENT), "some for the same reason"),
            Try(walk(BOUND, LIVES, HALF), "Four ports"),
            Try(walk(LIVES, HALF, SILENT, BOUND, to=9000), "Walk to port 9001"),
            Try(walk(LIVES, bound=True), "let the kernel choose"),
            Try(walk(BOUND, LIVES, HALF, SILENT), "has not seen these connections", ()),
            Try(walk(BOUND, LIVES, HALF, SILENT), "has not seen these connections", visits(4, OPEN, ports=4, to=9003)),
            Try("EADDRNOTAVAIL", "what walk() returned"),
            Try(None, "what walk() returned"),
        ),
    ),
}
