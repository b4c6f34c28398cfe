"""What learners of lab 03 might write, and what they must be told."""

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.state import TcpState

SERVER_LEAVES = OPEN + "server > FA\nclient > A\nclient > FA at 10\nserver > A dropped at 10.0001\n"

# A FIN and four repeats: a probe after 0.21 s, then timeouts that double.
TIMED = on_port(
    81,
    SERVER_LEAVES
    + """client > FA again at 10.21
    server > A dropped at 10.2101
    client > FA again at 10.42
    server > A dropped at 10.4201
    client > FA again at 10.85
    server > A dropped at 10.8501
    client > FA again at 11.68
    server > A at 11.6801""",
)

CLIENT_LEAVES = OPEN + "client > FA\nserver > A\nserver > FA\n"
LOST_TWICE = CLIENT_LEAVES + "client > A dropped\nserver > FA again\nclient > A dropped\nserver > FA again\nclient > A"

ANSWERED = on_port(80, SERVER_LEAVES + "client > FA again\nserver > A")
FORGOTTEN = on_port(83, SERVER_LEAVES + "client > FA again\nserver > R")
UNHEARD = on_port(86, SERVER_LEAVES + "client > FA again\nserver > R dropped\nclient > FA again\nserver > R dropped")
THREE = [*ANSWERED, *FORGOTTEN, *UNHEARD]

CLOSED, LAST_ACK, TIME_WAIT = TcpState.CLOSED, TcpState.LAST_ACK, TcpState.TIME_WAIT
RIGHT = {"answered": CLOSED, "forgotten": CLOSED, "unheard": LAST_ACK}

TRIES = {
    "next_gap": Tries(
        solved=Try(1.66, "twice the last gap", TIMED),
        untouched=TIMED,
        wrong=(
            Try(0.21, "did not keep to it"),
            Try(0.83, "the last gap itself"),
            Try(1.25, "add or multiply"),
            Try(1660, "In seconds"),
            Try(4, "Divide each gap"),
            Try(2.1, "Divide each gap"),
            Try("1.66 s", "Write a number"),
            Try(float("inf"), "Write a number"),
        ),
    ),
    "lost_twice": Tries(
        solved=Try(..., "said three times", on_port(9000, LOST_TWICE)),
        varied=lambda drawn: Try(..., "said three times", on_port(drawn.port, LOST_TWICE)),
        untouched=TIMED,
        wrong=(
            Try(
                ...,
                "closed first, so the last ACK was the server's",
                on_port(9000, SERVER_LEAVES + "client > FA again\nserver > A"),
            ),
            Try(
                ...,
                "and then no more",
                on_port(9000, CLIENT_LEAVES + "client > A dropped\nserver > FA again\nclient > A"),
            ),
            Try(..., "and then no more", on_port(9000, CLIENT_LEAVES + "client > A")),
            Try(..., "wait until the third", on_port(9000, LOST_TWICE.removesuffix("\nclient > A"))),
            Try(
                ...,
                "lose the answer",
                on_port(9000, OPEN + "client > FA\nserver > A\nserver > FA dropped\nserver > FA again\nclient > A"),
            ),
            Try(..., "the other ACK", on_port(9000, OPEN + "client > FA\nserver > A dropped\nserver > FA\nclient > A")),
            Try(..., "One side has not closed", on_port(9000, OPEN + "client > FA\nserver > A")),
            Try(..., "cut off with a RST", on_port(9000, OPEN + "client > RA")),
        ),
    ),
    "afterwards": Tries(
        solved=Try(RIGHT, "the third case", THREE),
        untouched=THREE,
        wrong=(
            Try({**RIGHT, "forgotten": LAST_ACK}, "so says the blog"),
            Try({**RIGHT, "answered": TIME_WAIT}, "never enters TIME_WAIT"),
            Try({**RIGHT, "answered": LAST_ACK}, "waited for one ACK"),
            Try({**RIGHT, "unheard": CLOSED}, "a RST that never came"),
            Try({**RIGHT, "unheard": "FIN-WAIT2"}, "one state only"),
            Try({**RIGHT, "unheard": "stuck"}, "write a state"),
            Try((CLOSED, CLOSED, LAST_ACK), "each of the three"),
        ),
    ),
}
