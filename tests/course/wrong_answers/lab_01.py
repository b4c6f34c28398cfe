"""What learners of lab 01 might write, and what they must be told."""

from exercises import OPEN, Tries, Try, on_port, recorded
from tcplab.checks.variants import Drawn
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState

LAB = recorded("lab_01.pcap")
BEFORE_9000 = [segment for segment in LAB if 9000 not in (segment.source.port, segment.destination.port)]

ESTABLISHED, CLOSED = TcpState.ESTABLISHED, TcpState.CLOSED
ACTIVE = [ESTABLISHED, TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, TcpState.TIME_WAIT]
PASSIVE = [ESTABLISHED, TcpState.CLOSE_WAIT, TcpState.LAST_ACK, CLOSED]

# The puzzle as recorded: the client asks with 185 bytes, the server answers with 97.
RIGHT = {"a": 186, "b": 1, "c": 98, "d": 99}

CLIENT_LEAVES = OPEN + "client > FA\nserver > A\nserver > FA\nclient > A"
ANSWERED_LATE = OPEN + "client > FA\nserver > A\nserver > PA 9\nclient > A\nserver > FA\nclient > A"
CROSSED_BY_AN_ACK = OPEN + "client > PA 9\nclient > FA until 9\nserver > A\nserver > A at 9\nserver > FA\nclient > A"


def talked(asked: int, told: int) -> list[Segment]:
    """The conversation with covered numbers."""
    text = f"client > PA {asked}\nserver > A\nserver > PA {told}\nclient > A\nserver > FA\nclient > A\n"
    return on_port(6000, OPEN + text)


def solved_numbers(drawn: Drawn) -> Try:
    """The four numbers for other sizes."""
    right = {"a": 1 + drawn.asked, "b": 1, "c": 1 + drawn.told, "d": 2 + drawn.told}
    return Try(right, "All four", talked(drawn.asked, drawn.told))


TRIES = {
    "unlisted_two": Tries(
        solved=Try({4, 5}, "until it is spoken to", LAB),
        untouched=LAB,
        wrong=(
            Try({4, 6}, "One of yours is right"),
            Try({2, 3}, "handshake is all there"),
            Try({9, 10}, "Both FINs are in the list"),
            Try({5, 6}, "with a finger"),
            Try({4}, "two are missing"),
            Try(set(), "two are missing"),
            Try({99, 100}, "with a finger"),
            Try({1, 7}, "handshake is all there"),
            Try({2, 7}, "handshake is all there"),
            Try("4 and 5", "line numbers"),
        ),
    ),
    "four_from_the_client": Tries(
        solved=Try(..., "Which side is in TIME_WAIT", LAB),
        varied=lambda drawn: Try(..., "Which side", on_port(drawn.port, CLIENT_LEAVES)),
        also=(
            Try(..., "Which side is in TIME_WAIT", on_port(9000, ANSWERED_LATE)),
            Try(..., "Which side is in TIME_WAIT", on_port(9000, CROSSED_BY_AN_ACK)),
        ),
        untouched=BEFORE_9000,
        wrong=(
            Try(..., "close its own", on_port(9000, OPEN)),
            Try(..., "close its own", on_port(9000, OPEN + "client > FA\nserver > A")),
            Try(
                ...,
                "The server's FIN came first",
                on_port(9000, OPEN + "server > FA\nclient > A\nclient > FA\nserver > A"),
            ),
            Try(..., "took the ACK of the first along", on_port(9000, OPEN + "client > FA\nserver > FA\nclient > A")),
            Try(..., "cut off with a RST", on_port(9000, OPEN + "client > RA")),
        ),
    ),
    "paths": Tries(
        solved=Try({"server": ACTIVE, "client": PASSIVE}, "Both paths are right", LAB),
        also=(
            Try({"server": [*ACTIVE, CLOSED], "client": PASSIVE}, "Both paths are right"),
            Try({"client": ACTIVE, "server": PASSIVE}, "Both paths are right", on_port(7000, CLIENT_LEAVES)),
        ),
        untouched=LAB,
        wrong=(
            Try(
                {"server": [ESTABLISHED, TcpState.TIME_WAIT], "client": PASSIVE},
                "when the other side's FIN has arrived",
            ),
            Try({"server": ACTIVE, "client": [*PASSIVE, CLOSED]}, "goes on where nothing comes"),
            Try({"server": PASSIVE, "client": ACTIVE}, "belongs to the other side"),
            Try({"server": ACTIVE, "client": [*ACTIVE, CLOSED]}, "belongs to the other side"),
            Try({"server": ACTIVE, "client": [*PASSIVE[:3], TcpState.TIME_WAIT]}, "no TIME_WAIT"),
            Try({"server": ACTIVE, "client": [ESTABLISHED, CLOSED]}, "something to wait for"),
            Try(
                {"server": ["ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT"], "client": PASSIVE}, "The first 2 of the server's"
            ),
            Try({"server": ACTIVE[1:], "client": PASSIVE}, "None of the server's stops is right"),
            Try({"server": ACTIVE[:3], "client": PASSIVE}, "Which line of the experiment"),
            Try({"server": "TIME_WAIT", "client": PASSIVE}, "a list of states"),
            Try({"server": "", "client": PASSIVE}, "a list of states"),
            Try({"server": ["WAITING"], "client": PASSIVE}, "a list of states"),
            Try(ACTIVE, "for each side"),
        ),
    ),
    "hidden_numbers": Tries(
        solved=Try(RIGHT, "All four", LAB),
        untouched=LAB,
        varied=solved_numbers,
        unseen=(Try(RIGHT, "run the cell above again", talked(185, 98)), Try(RIGHT, "cell above", talked(97, 185))),
        wrong=(
            Try({**RIGHT, "a": 185}, "next byte"),
            Try({**RIGHT, "a": 1}, "has come since"),
            Try({**RIGHT, "a": 187}, "Does PSH"),
            Try({**RIGHT, "b": 0}, "Number 0 is taken"),
            Try({**RIGHT, "b": 186}, "counts its own bytes"),
            Try({**RIGHT, "c": 99}, "not the one after it"),
            Try({**RIGHT, "c": 186}, "Whose bytes does"),
            Try({**RIGHT, "d": 97}, "takes a number all the same"),
            Try({**RIGHT, "c": 97}, "behind the server's last byte"),
            Try({**RIGHT, "d": 98}, "takes a number all the same"),
            Try({**RIGHT, "d": None}, "?d is a whole number"),
            Try({**RIGHT, "a": "186"}, "?a is a whole number"),
            Try((186, 1, 98, 99), "Four numbers"),
        ),
    ),
}
