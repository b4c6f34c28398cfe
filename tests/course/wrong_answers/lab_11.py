"""What learners of lab 11 might write, and what they must be told."""

from dataclasses import replace
from ipaddress import ip_address

from exercises import OPEN, Tries, Try, crossed
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.segment import Segment
from tcplab.model.tracked import Tracked
from tcplab.observe.conntrack import ConntrackTable


def two(first: str, second: str, outside: tuple[int, int], to: int = 9000) -> list[Segment]:
    """Two open connections, by their names inside and their ports outside."""
    return [
        segment
        for at, (name, seen) in enumerate(zip((first, second), outside, strict=True))
        for segment in crossed(to, OPEN, inside=name, outside=f"198.51.100.1:{seen}", starts_s=10 * at)
    ]


LAPTOPS = "192.0.2.1:5000", "192.0.2.11:5000"
SAME_PORT = two(*LAPTOPS, (5000, 23638))


def later(segments: list[Segment], after_s: float) -> list[Segment]:
    """The same, after so many seconds."""
    return [
        replace(
            one, time_s=one.time_s + after_s, delivered_s=None if one.delivered_s is None else one.delivered_s + after_s
        )
        for one in segments
    ]


# ---- who speaks first

ARRIVES = crossed(82, OPEN + "client > PA 12\nserver > A")
RESET = crossed(83, OPEN + "server > PA 5 stopped\nclient > R own")
SILENCE = crossed(84, OPEN + "client > PA 8 stopped\nclient > PA 8 again stopped\nclient > PA 8 again stopped")
THREE = [*ARRIVES, *RESET, *SILENCE]
RIGHT = {"client_speaks": "arrives", "server_speaks": "reset", "strict": "silence"}


# ---- probes

WORD = "server > PA 5\n"
PROBED = "client > A probe\nserver > A\n"
KEPT = crossed(9002, OPEN + PROBED * 3 + WORD, starts_s=18)
OLDER = crossed(9002, OPEN + "client > FA at 20\nserver > R", inside="192.0.2.1:39999", outside="198.51.100.1:39999")


# ---- one too many


def crowd(*scripts: str, to: int = 9003) -> list[Segment]:
    """Connections to the crowded port, ten seconds apart, each by its script."""
    return [
        segment
        for at, text in enumerate(scripts)
        for segment in crossed(
            to, text, inside=f"192.0.2.1:{50000 + at}", outside=f"198.51.100.1:{41000 + at}", starts_s=10 * at
        )
    ]


def known(count: int, closed: int = 0) -> ConntrackTable:
    """What the gateway remembers of that port."""
    inside, outside, server = (
        Endpoint(ip_address(a), p) for a, p in (("192.0.2.1", 50000), ("198.51.100.1", 41000), ("198.51.100.2", 9003))
    )
    entry = Tracked("ESTABLISHED", FourTuple(inside, server), FourTuple(server, outside), 100)
    return ConntrackTable([entry] * count + [replace(entry, state="TIME_WAIT")] * closed)


VANISHED = "client > S stopped\nclient > S again stopped"
SERVED = [OPEN] * 3
CROWDED = crowd(*SERVED, VANISHED)

TRIES = {
    "same_port": Tries(
        solved=Try(..., "outside they are 5000 and 23638", SAME_PORT),
        varied=lambda drawn: Try(..., "outside they are", two(*LAPTOPS, (5000, 23638), to=drawn.port)),
        also=(
            Try(
                ...,
                "outside they are 5000 and 23638",
                [*crossed(9000, OPEN, inside="192.0.2.1:4999", outside="198.51.100.1:4999"), *later(SAME_PORT, 30)],
            ),
            Try(  # the second one made again, beside what the first try had left
                ...,
                "outside they are 5000 and 23638",
                [
                    *crossed(9000, OPEN, inside="192.0.2.1:5000", outside="198.51.100.1:5000"),
                    *crossed(9000, OPEN, inside="192.0.2.11:5001", outside="198.51.100.1:5001", starts_s=10),
                    *crossed(9000, OPEN, inside="192.0.2.11:5000", outside="198.51.100.1:23638", starts_s=20),
                ],
            ),
        ),
        wrong=(
            Try(..., "That is one connection", crossed(9000, OPEN)),
            Try(..., "Both come from one address", two("192.0.2.1:5000", "192.0.2.1:5001", (5000, 5001))),
            Try(..., "Two addresses, and two ports", two("192.0.2.1:5000", "192.0.2.11:5001", (5000, 5001))),
            Try(
                ...,
                "the gateway has nothing to change",
                [
                    *crossed(9000, "client > S stopped", inside="192.0.2.1:5000"),
                    *crossed(9000, OPEN, inside="192.0.2.11:5001", starts_s=10),
                ],
            ),
            Try(
                ...,
                "never came out of the gateway",
                [
                    *crossed(9000, OPEN, inside="192.0.2.1:5000"),
                    *crossed(9000, "client > S stopped", inside="192.0.2.11:5000", starts_s=10),
                ],
            ),
        ),
    ),
    "first_word": Tries(
        solved=Try(RIGHT, "to whom the next segment is addressed", THREE),
        untouched=THREE,
        wrong=(
            Try({**RIGHT, "client_speaks": "silence"}, "makes one, as it would for a SYN"),
            Try({**RIGHT, "client_speaks": "reset"}, "Under which name"),
            Try({**RIGHT, "server_speaks": "arrives"}, "the gateway's own address"),
            Try({**RIGHT, "server_speaks": "silence"}, "a segment of its own"),
            Try({**RIGHT, "strict": "reset"}, "To drop is to say nothing"),
            Try({**RIGHT, "strict": "arrives"}, "drops what has none"),
            Try({**RIGHT, "strict": "timeout"}, "one of three words"),
            Try("arrives", "Three answers"),
        ),
    ),
    "kept": Tries(
        solved=Try(..., "still knew where the server's word belongs", [*OLDER, *KEPT]),
        varied=lambda drawn: Try(..., "still knew", crossed(drawn.port, OPEN + PROBED * 3 + WORD)),
        untouched=crossed(9002, OPEN),
        wrong=(
            Try(..., "had forgotten before", crossed(9002, OPEN + "server > PA 5 stopped\nclient > R own")),
            Try(..., "had forgotten before", crossed(9002, OPEN + "client > A stopped\nserver > PA 5 stopped")),
            Try(..., "had forgotten before", crossed(9002, OPEN + PROBED + "server > PA 5 stopped\nclient > R own")),
            Try(..., "too short a silence", crossed(9002, OPEN + WORD)),
            Try(..., "too short a silence", crossed(9002, OPEN + PROBED * 2 + WORD)),
            Try(..., "let the server have the last word", crossed(9002, OPEN + PROBED * 3)),
            Try(..., "The client's program speaks", crossed(9002, OPEN + "client > PA 1\nserver > A\nserver > PA 5")),
        ),
    ),
    "one_too_many": Tries(
        solved=Try(..., "goes in and never comes out", CROWDED),
        varied=lambda drawn: Try(..., "never comes out", crowd(*[OPEN] * drawn.most, VANISHED, to=drawn.port)),
        also=(
            Try(known(3), "goes in and never comes out", crowd(*SERVED, *SERVED, VANISHED)),
            Try(known(3, closed=2), "goes in and never comes out", crowd(*SERVED, *SERVED, VANISHED)),
            Try(..., "goes in and never comes out", crowd(*[OPEN + "server > RA at 99"] * 3, VANISHED)),
        ),
        wrong=(
            Try(..., "Now one more", crowd(*SERVED)),
            Try(..., "Open them, and keep them open", crowd(OPEN, OPEN)),
            Try(..., "More than 3 came through", crowd(*SERVED, OPEN)),
            Try(..., "vanished at another number", crowd(OPEN, OPEN, VANISHED)),
            Try(known(2), "vanished at another number", crowd(*SERVED, OPEN, OPEN, VANISHED)),
            Try(known(4), "More than 3 came through", crowd(*SERVED, OPEN)),
            Try(..., "vanished at another number", crowd(*SERVED, OPEN, VANISHED)),
            Try(..., "vanished at another number", crowd(OPEN + "client > FA", *SERVED, OPEN, VANISHED)),
            Try(..., "somebody said no", crowd(*SERVED, "client > S\nserver > RA")),
            Try(..., "did come out of the gateway", crowd(*SERVED, "client > S")),
            Try(..., "A rule of the wire", crowd(*SERVED, "client > S dropped stopped")),
            Try(..., "a listener that closes resets", crowd(OPEN, OPEN, OPEN + "server > RA", VANISHED)),
        ),
    ),
}
