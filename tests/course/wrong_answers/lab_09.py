"""What learners of lab 09 might write, and what they must be told."""

from dataclasses import replace

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.segment import Segment

ANSWERED = "client > PA 54\nserver > A\nserver > PA 195\nclient > A\n"
STAYED = OPEN + ANSWERED + "client > FA\nserver > FA\nclient > A"
CLOSED = OPEN + ANSWERED + "server > FA\nclient > FA\nserver > A"

UNANSWERED = OPEN + "client > PA 54\nserver > A\nclient > FA\nserver > FA\nclient > A"

# ---- five ways to ask


def asked(question: str, text: str, *, at: int, port: int = 8010) -> list[Segment]:
    """A script whose client says this, twice in one breath, from a port of its own."""
    found = []
    for segment in on_port(port, text):
        mine = segment.from_host == "client"
        end = replace(segment.source if mine else segment.destination, port=40000 + at)
        said = replace(segment, payload=question.encode()) if mine and segment.payload_bytes else segment
        found.append(replace(said, source=end) if mine else replace(said, destination=end))
    return found


FIVE = [
    *asked("GET / HTTP/1.0\r\n", CLOSED, at=0),
    *asked("GET / HTTP/1.0\r\nConnection: keep-alive\r\n", STAYED, at=1),
    *asked("GET / HTTP/1.1\r\n", STAYED, at=2),
    *asked("GET / HTTP/1.1\r\nConnection: close\r\n", CLOSED, at=3),
    *asked("GET / HTTP/1.1\r\n", CLOSED, at=4, port=8011),
]
RIGHT = {"old": "closes", "old_asks": "stays", "new": "stays", "new_says_close": "closes", "zero": "closes"}

# ---- one line of a configuration

TWICE = OPEN + ANSWERED + ANSWERED
SERVER_LEAVES = "server > FA\nclient > A\nclient > FA\nserver > A"
CLIENT_LEAVES = "client > FA\nserver > A\nserver > FA\nclient > A"

# ---- a client that is cut off

PROBE_LOST = "server > A probe dropped at {}\n"


def cut(text: str, port: int = 9001) -> list[Segment]:
    """A question and an answer to a port, then this; a `probe` counts from one before."""
    lines = [line.split() for line in (OPEN + ANSWERED + text).splitlines() if line.strip()]
    plain = "\n".join(" ".join(word for word in line if word != "probe") for line in lines)
    return [
        replace(segment, seq=(segment.seq - ("probe" in line)) % 2**32)
        for line, segment in zip(lines, on_port(port, plain), strict=True)
    ]


def lost(*times_s: float) -> str:
    """Probes that nobody answers; the seventh segment came at 6 s."""
    return "".join(PROBE_LOST.format(at_s) for at_s in times_s)


GIVEN_UP = lost(7, 8, 9) + "server > RA dropped at 10"
FOUND = cut(GIVEN_UP)

TRIES = {
    "after_the_answer": Tries(
        solved=Try(RIGHT, "to stay is the rule", FIVE),
        untouched=FIVE,
        unseen=(
            Try(RIGHT, "", [*FIVE[:-3], *asked("GET / HTTP/1.0\r\n", OPEN + ANSWERED, at=9)]),
            Try(RIGHT, "", [*FIVE[len(FIVE) // 5 :], *asked("GET / HTTP/1.0\r\n", UNANSWERED, at=9)]),
            Try(RIGHT, "", FIVE[len(FIVE) // 5 :]),
        ),
        wrong=(
            Try({**RIGHT, "new": "closes"}, "where nothing is said"),
            Try({**RIGHT, "old": "stays"}, "one question for each connection"),
            Try({**RIGHT, "old_asks": "closes"}, "a server may grant it"),
            Try({**RIGHT, "new_says_close": "stays"}, "this question is its last"),
            Try({**RIGHT, "zero": "stays"}, "How many seconds"),
            Try({**RIGHT, "zero": "keep-alive"}, "one of two words"),
            Try("stays", "Five answers"),
        ),
    ),
    "servers_turn": Tries(
        solved=Try(..., "lost patience first", on_port(9000, TWICE + SERVER_LEAVES)),
        varied=lambda drawn: Try(..., "lost patience first", on_port(drawn.port, TWICE + SERVER_LEAVES)),
        untouched=FIVE,
        wrong=(
            Try(..., "The client gave up first", on_port(9000, TWICE + CLIENT_LEAVES)),
            Try(..., "lost the persistent connection", on_port(9000, OPEN + ANSWERED + SERVER_LEAVES)),
            Try(
                ...,
                "lost the persistent connection",
                on_port(9000, OPEN + ANSWERED + "server > FA\nclient > PA 54\nserver > R"),
            ),
            Try(
                ...,
                "A tie",
                on_port(9000, TWICE + "client > FA at 30\nserver > FA at 30.0001 unaware\nclient > A\nserver > A"),
            ),
            Try(..., "not closed yet", on_port(9000, TWICE)),
            Try(..., "There is a RST", on_port(9000, TWICE + "server > RA")),
        ),
    ),
    "dead_after_s": Tries(
        solved=Try({"asked": 7875, "not_asked": "never"}, "2 h 11 min 15 s"),
        also=(
            Try({"asked": 7875, "not_asked": None}, "2 h 11 min 15 s"),
            Try({"asked": 7875.0, "not_asked": float("inf")}, "2 h 11 min 15 s"),
        ),
        wrong=(
            Try({"asked": 7200, "not_asked": "never"}, "the first probe leaves"),
            Try({"asked": 675, "not_asked": "never"}, "a silence of its own"),
            Try({"asked": 7800, "not_asked": "never"}, "the last probe leaves"),
            Try({"asked": 7275, "not_asked": "never"}, "How many does"),
            Try({"asked": 75, "not_asked": "never"}, "between two probes"),
            Try({"asked": 9, "not_asked": "never"}, "how many, not how long"),
            Try({"asked": 7875, "not_asked": 7875.0}, "nobody has asked to"),
            Try({"asked": 131.25, "not_asked": "never"}, "In minutes"),
            Try({"asked": 4, "not_asked": "never"}, "Write down when"),
            Try({"asked": 7875, "not_asked": 7875}, "nobody has asked to"),
            Try({"asked": "two hours", "not_asked": "never"}, "a number of seconds"),
            Try(7875, "Two answers"),
        ),
    ),
    "found_dead": Tries(
        solved=Try(..., "had not said a word", FOUND),
        varied=lambda drawn: Try(..., "had not said a word", cut(GIVEN_UP, drawn.port)),
        untouched=FIVE,
        wrong=(
            Try(..., "nginx losing patience", cut("server > FA dropped\nserver > FA again dropped")),
            Try(..., "Not one probe has left", cut("")),
            Try(..., "Not one probe has left", cut("client > FA at 60\nserver > FA\nclient > A")),
            Try(..., "nginx spoke into the cut", cut("server > PA 5 dropped\nserver > PA 5 again dropped")),
            Try(..., "The probes were answered", cut("server > A probe\nclient > A\n" * 3)),
            Try(..., "it is not over", cut(lost(7, 8, 9))),
            Try(..., "Found, after 9 s", cut(lost(9, 12) + "server > RA dropped at 15")),
        ),
    ),
}
