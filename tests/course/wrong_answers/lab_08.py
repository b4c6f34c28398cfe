"""What learners of lab 08 might write, and what they must be told."""

from dataclasses import replace

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.pool_trial import PoolTrial
from tcplab.model.segment import Segment

ASKED = "client > PA 37\nserver > PA 172\n"


def from_port(client: int, segments: list[Segment]) -> list[Segment]:
    """The same from another port of the client."""
    return [
        replace(one, source=replace(one.source, port=client))
        if one.from_host == "client"
        else replace(one, destination=replace(one.destination, port=client))
        for one in segments
    ]


def opened(port: int, *requests: int) -> list[Segment]:
    """Connections to a port, each with so many requests."""
    talks = [from_port(40000 + at, on_port(port, OPEN + ASKED * many)) for at, many in enumerate(requests)]
    return [segment for talk in talks for segment in talk]


REST = [*opened(9001, 1, 1), *opened(9002, 0, 0, 1), *opened(9003, 1, 1)]
SEEN = [*opened(9000, 5), *REST]
SENT_AGAIN = [*on_port(9000, OPEN + ASKED * 4 + "client > PA 37\nclient > PA 37 again\nserver > PA 172\n"), *REST]
RIGHT = PoolTrial(9000, in_turn=(1, 1, 1, 1, 1), at_once=(1, 2, 2, 1), after_fins=3, dead_open=0, after_break="its own")

USED = OPEN + ASKED
RACED = USED + "server > FA until 30\nclient > PA 37\nserver > R"
RACE = on_port(9100, RACED)
ANSWERED = from_port(40001, on_port(9100, USED))

MAY = {"get": True, "put": True, "delete": True, "post": False}

TRIES = {
    "own_pool": Tries(
        solved=Try(RIGHT, "one handshake", SEEN),
        also=(Try(RIGHT, "one handshake", SENT_AGAIN),),
        untouched=SEEN,
        wrong=(
            Try(replace(RIGHT, in_turn=(1, 2, 3, 4, 5)), "a handshake for each", opened(9000, 1, 1, 1, 1, 1)),
            Try(replace(RIGHT, in_turn=(1, 1, 2, 2, 2)), "a handshake for each", opened(9000, 2, 3)),
            Try(replace(RIGHT, waited=True, at_once=()), "Who holds what it waits for"),
            Try(replace(RIGHT, at_once=(1, 1)), "got the same connection"),
            Try(replace(RIGHT, at_once=(1, 2, 1, 1)), "left it on the list"),
            Try(replace(RIGHT, at_once=(1, 2, 1, 3)), "Keep all that come back"),
            Try(replace(RIGHT, after_fins=0, dead_open=2), "Its FIN lay there"),
            Try(replace(RIGHT, after_fins=0, dead_open=1), "looked at one"),
            Try(replace(RIGHT, dead_open=2), "CLOSE_WAIT"),
            Try(replace(RIGHT, after_break="another's", broken_open=True), "for an answer of its own"),
            Try(replace(RIGHT, broken_open=True), "did not close it either"),
            Try(PoolTrial(9000, error="scene 1: take() returned None, not a connection"), "could not be used"),
            Try(
                replace(RIGHT, at_once=(), after_fins=0, after_break="", error="scene 2: give() raised IndexError"),
                "In turn it worked",
            ),
            Try(
                replace(RIGHT, after_fins=0, after_break="", error="scene 3: take() does not return"),
                "until the server closed",
            ),
            Try(replace(RIGHT, after_break="", error="scene 4: give() raised OSError"), "until a request broke"),
            Try("a pool", "Let it be tried"),
        ),
    ),
    "may_repeat": Tries(
        solved=Try(MAY, "done once or twice"),
        wrong=(
            Try({**MAY, "post": True}, "did not say whether"),
            Try({**MAY, "delete": False}, "finds nothing there"),
            Try({**MAY, "put": False}, "what is to be there"),
            Try({**MAY, "get": False}, "reading twice"),
            Try(dict.fromkeys(MAY, False), "nobody could ask for a page twice"),
            Try({**MAY, "post": "sometimes"}, "True or False"),
            Try((True, True, True, False), "each of the four"),
        ),
    ),
    "stale_race": Tries(
        solved=Try(..., "answered", [*RACE, *ANSWERED]),
        varied=lambda drawn: Try(
            ..., "answered", [*on_port(drawn.port, RACED), *from_port(40001, on_port(drawn.port, USED))]
        ),
        untouched=SEEN,
        wrong=(
            Try(..., "Now mend it", RACE),
            Try(..., "Now mend it", [*ANSWERED, *RACE]),
            Try(..., "hung up with a RST", on_port(9100, USED + "server > RA")),
            Try(..., "has not closed", on_port(9100, USED + ASKED)),
            Try(..., "The client closed first", on_port(9100, USED + "client > FA\nserver > FA\nclient > A")),
            Try(
                ..., "never carried an answer", on_port(9100, OPEN + "server > FA until 30\nclient > PA 37\nserver > R")
            ),
            Try(
                ...,
                "never carried an answer",
                on_port(9100, OPEN + "server > PA 20\nserver > FA until 30\nclient > PA 37\nserver > R"),
            ),
            Try(..., "the RST is not", on_port(9100, USED + "server > FA until 30\nclient > PA 37\nserver > A")),
            Try(..., "the RST is not", on_port(9100, USED + "server > FA until 30\nclient > PA 37\nclient > R")),
            Try(..., "no request after it", on_port(9100, USED + "server > FA\nclient > A\nclient > FA\nserver > A")),
            Try(..., "could have known", on_port(9100, USED + "server > FA\nclient > PA 37\nserver > R")),
            Try(
                ..., "Hold the FIN, and nothing else", on_port(9100, USED + "server > FA until 30\nclient > PA 37 held")
            ),
        ),
    ),
    "longest_idle": Tries(
        solved=Try(4.8, "One whole round trip less"),
        varied=lambda drawn: Try(drawn.idle_s - drawn.rtt_ms / 1000, "One whole round trip less"),
        wrong=(
            Try(5, "both clocks end together"),
            Try(4.9, "counted one way"),
            Try(5.2, "Take it away"),
            Try(60, "the server closes first, each time"),
            Try(0, "it is no pool"),
            Try(4.6, "shorter than need be"),
            Try(4.7, "shorter than need be"),
            Try(5.1, "Take it away"),
            Try(2.5, "Draw both sides"),
            Try(4800, "the server closes first"),
            Try("4.8 s", "Write a number"),
        ),
    ),
}
