"""What learners of lab 14 might write, and what they must be told."""

from exercises import OPEN, Tries, Try, on_port
from tcplab.checks.lab_14 import ROOMS
from tcplab.model.segment import Segment


def seen(name: str) -> list[Segment]:
    """The wire after all experiments of a room."""
    return [segment for port in sorted(ROOMS[name].ports) for segment in on_port(port, OPEN)]


def without_one(name: str, answer: object) -> tuple[Try, ...]:
    """The right answer where all but one of a room's experiments were run."""
    return tuple(
        Try(answer, "", [one for one in seen(name) if port not in (one.source.port, one.destination.port)])
        for port in sorted(ROOMS[name].ports)
    )


TRIES = {
    "room_1": Tries(
        solved=Try({"b", "d"}, "two clocks", seen("room_1")),
        unseen=without_one("room_1", {"b", "d"}),
        wrong=(
            Try({"a", "b", "d"}, "while the setting was 15"),
            Try({"d"}, "Did the timer notice"),
            Try({"b", "c", "d"}, "240 s"),
            Try({"b"}, "clock of 15 s"),
            Try({"a", "b", "c", "d"}, "while the setting was 15"),
            Try("b", "set of this room's letters"),
        ),
    ),
    "room_2": Tries(
        solved=Try({"g"}, "nothing, for a server", seen("room_2")),
        unseen=without_one("room_2", {"g"}),
        wrong=(
            Try({"e", "g"}, "to that name"),
            Try({"f", "g"}, "Which number"),
            Try(set(), "Compare what is left"),
            Try({"g", "h"}, "How many lines"),
            Try({"a"}, "set of this room's letters"),
        ),
    ),
    "room_3": Tries(
        solved=Try(set(), "a name of four parts", seen("room_3")),
        unseen=without_one("room_3", set()),
        wrong=(
            Try({"i"}, "one more came"),
            Try({"j"}, "answered with SA"),
            Try({"k"}, "What ended the loop"),
            Try({"l"}, "then the ports"),
            Try(None, "set of this room's letters"),
        ),
    ),
    "room_4": Tries(
        solved=Try({"m"}, "what it costs", seen("room_4")),
        unseen=without_one("room_4", {"m"}),
        wrong=(
            Try(set(), "The price is another question"),
            Try({"m", "n"}, "first recv()"),
            Try({"m", "o"}, "And the server's"),
            Try({"m", "p"}, "One call of the program"),
            Try(["m"], "set of this room's letters"),
        ),
    ),
}
