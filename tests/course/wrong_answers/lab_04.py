"""What learners of lab 04 might write, and what they must be told."""

from dataclasses import replace
from ipaddress import IPv4Address

from exercises import OPEN, Tries, Try
from tcplab.checks.lab_04 import ATTEMPTS, CLIENT, OTHER_CLIENT, OTHER_SERVER, SERVER
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Segment
from unit.packets import ADDRESSES, script

TEN = range(42000, 42010)
OPENED = script(OPEN)
REFUSED = script("client > S\nserver > RA\n")
REUSED = script(OPEN + "server > FA\nclient > A\nclient > FA\nserver > A\n")


def between(source: IPv4Address, port: int, destination: IPv4Address, to: int, made: list[Segment]) -> list[Segment]:
    """A conversation, moved to two other ends."""
    ends = {ADDRESSES["client"][0]: Endpoint(source, port), ADDRESSES["server"][0]: Endpoint(destination, to)}
    return [replace(one, source=ends[one.source.address], destination=ends[one.destination.address]) for one in made]


FOUR = [
    segment
    for source, destination, to in ATTEMPTS.values()
    for segment in between(source, 50003, destination, to, OPENED)
]
RIGHT = {"again": False, "other_port": True, "other_address": True, "from_other_address": True}


def ten(
    *destinations: tuple[IPv4Address, int],
    source: IPv4Address = CLIENT,
    made: list[Segment] = OPENED,
    each: int = 10,
    first: int = TEN[0],
) -> list[Segment]:
    """From each of the ten ports a connection to each destination."""
    return [
        segment
        for destination, to in destinations
        for port in range(first, first + each)
        for segment in between(source, port, destination, to, made)
    ]


ALL_FOUR = (SERVER, 9001), (SERVER, 9002), (OTHER_SERVER, 9001), (OTHER_SERVER, 9002)
FORTY = ten(*ALL_FOUR)


def in_a_row(made: list[Segment]) -> list[Segment]:
    """Forty connections, each over before the next begins."""
    return [
        replace(segment, time_s=segment.time_s + 10.0 * (at // len(made)))
        for at, segment in enumerate(ten(*ALL_FOUR, made=made))
    ]


IN_A_ROW, RESET_IN_A_ROW = in_a_row(REUSED), in_a_row(script(OPEN + "client > RA"))

TRIES = {
    "still_connects": Tries(
        solved=Try(RIGHT, "three of them may repeat", FOUR),
        untouched=FOUR,
        wrong=(
            Try({**RIGHT, "again": True}, "no part of its name is new"),
            Try({**RIGHT, "other_port": False}, "a part of the name, too"),
            Try({**RIGHT, "other_address": False}, "the kernel knows no servers"),
            Try({**RIGHT, "from_other_address": False}, "first part of the name"),
            Try(dict.fromkeys(RIGHT, False), "a port is not taken"),
            Try({**RIGHT, "again": "no"}, "True or False"),
            Try(True, "each of the four"),
        ),
    ),
    "forty": Tries(
        solved=Try(..., "the work of four", FORTY),
        varied=lambda drawn: Try(..., "the work of four", ten(*ALL_FOUR, first=drawn.first)),
        untouched=FOUR,
        wrong=(
            Try(..., "Which part can vary", ten((SERVER, 9001))),
            Try(..., "can be done once more", ten((SERVER, 9001), (SERVER, 9002))),
            Try(..., "can be done once more", ten((SERVER, 9001)) + ten((SERVER, 9001), source=OTHER_CLIENT)),
            Try(..., "not full yet", ten(*ALL_FOUR, each=9)),
            Try(..., "Who keeps them open", IN_A_ROW),
            Try(..., "Who keeps them open", RESET_IN_A_ROW),
            Try(..., "Who listens", ten((SERVER, 9001), made=REFUSED)),
        ),
    ),
    "taken_first": Tries(
        solved=Try({40001, 40003, 40005, 40007}, "the lowest port's half"),
        varied=lambda drawn: Try(set(range(drawn.first, drawn.first + 8, 2)), "the lowest port's half"),
        wrong=(
            Try({40002, 40004, 40006, 40008}, "Does this one"),
            Try({40001, 40002, 40003, 40004}, "In order"),
            Try({40000, 40002, 40004, 40006}, "are there to take"),
            Try([40001, 40002, 40005, 40008], "Which property"),
            Try({40001}, "Four of the eight"),
            Try({*range(40001, 40009)}, "Four of the eight"),
            Try("odd", "a set of four ports"),
        ),
    ),
    "bearable_rate": Tries(
        solved=Try(28_232 / 60, "about 471 a second. And from 235 on"),
        varied=lambda drawn: Try(drawn.ports / 60, f"{drawn.ports:,} ports"),
        wrong=(
            Try(235, "There it becomes slow"),
            Try(28_232, "in all"),
            Try(28_232 * 60, "not 60 in one"),
            Try(1 / 60, "one port can do"),
            Try(28_232 / 30, "not 30"),
            Try(65_535 / 60, "65,535"),
            Try(64_511 / 60, "above 1,024"),
            Try(546, "where the range begins"),
            Try(12, "How many ports are there"),
            Try("470/s", "Write a number"),
        ),
    ),
}
