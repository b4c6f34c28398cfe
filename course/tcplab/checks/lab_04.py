"""Lab 04: How does a client run out of ports?"""

from collections.abc import Mapping
from ipaddress import ip_address
from math import isclose

from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_04 as hints
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.four_tuple import Endpoint, FourTuple

CLIENT, OTHER_CLIENT = ip_address("192.0.2.1"), ip_address("192.0.2.11")
SERVER, OTHER_SERVER = ip_address("192.0.2.2"), ip_address("192.0.2.22")
ATTEMPTS = {
    "again": (CLIENT, SERVER, 80),
    "other_port": (CLIENT, SERVER, 8080),
    "other_address": (CLIENT, OTHER_SERVER, 80),
    "from_other_address": (OTHER_CLIENT, SERVER, 80),
}
TEN, EIGHT = 10, 8
"""How many ports a range has: the one for forty connections, and the one that begins with an odd port."""

TIME_WAIT_S = 60
_EXACT = 0.011


def _opened(talk: Conversation) -> bool:
    """Whether both sides agreed to it: SYN, SYN with ACK, ACK."""
    return {"S", "SA", "A"} <= {turn.segment.flags for turn in talk}


def _most_at_once(talks: list[Conversation]) -> set[FourTuple]:
    """The names of the most connections that were open at one moment; a FIN or RST ends that."""
    spans = []
    for talk in talks:
        begin_s = talk.segments[0].time_s
        end_s = next((one.time_s for one in talk.segments if {"F", "R"} & set(one.flags)), float("inf"))
        spans.append((begin_s, end_s, talk.four_tuple))
    moments = [{name for begin_s, end_s, name in spans if begin_s <= now_s < end_s} for now_s, *_ in spans]
    return max(moments, key=len, default=set())


# ---- which of four attempts connect


def _still_connects(evidence: Evidence) -> Verdict:
    answer = STILL_CONNECTS.answer(evidence)
    if answer is ... or (isinstance(answer, Mapping) and ... in answer.values()):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(ATTEMPTS):
        return not_yet("An answer for each of the four is asked.", expected=", ".join(ATTEMPTS), got=f"{answer!r}")
    for name, guess in answer.items():
        if type(guess) is not bool:
            return not_yet(f"{name}: does it connect, True or False?", expected="True or False", got=repr(guess))

    seen = _attempts(evidence)
    if missing := [name for name in ATTEMPTS if name != "again" and not seen[name]]:
        return unseen(f"The wire has not seen this yet: {', '.join(missing)}. Run the cell below first.")
    wrong = [name for name, guess in answer.items() if guess is not (name != "again")]
    if not wrong:
        return passed("One port, four places to be. Taken is a name of four parts, and three of them may repeat.")
    name = wrong[0]
    message, misconception = _not_so(name, wrong)
    return not_yet(
        f"{name}: {message}",
        expected="what the kernel did",
        got=f"{name}={answer[name]}",
        misconception=misconception,
    )


def _attempts(evidence: Evidence) -> dict[str, bool]:
    """For each attempt, whether the wire has seen it connect."""
    found = {
        (talk.client.address, talk.server.address, talk.server.port)
        for talk in conversations(evidence.segments)
        if _opened(talk)
    }
    return {name: one in found for name, one in ATTEMPTS.items()}


def _not_so(name: str, wrong: list[str]) -> tuple[str, str]:
    if len(wrong) >= 3 and name != "again":
        return "a port is not taken, a pair of ends is. What is new about this pair?", "TIME_WAIT takes the port"
    return {
        "again": (
            "no part of its name is new. Which port could the kernel give it?",
            "a closed connection is gone",
        ),
        "other_port": ("the server's port is a part of the name, too.", "the server's port does not count"),
        "other_address": ("it is the same server, and the kernel knows no servers.", "a host is one destination"),
        "from_other_address": (
            "the client's own address is the first part of the name.",
            "a port is the host's, not the address's",
        ),
    }[name]


# ---- forty connections out of ten ports


def _forty(evidence: Evidence) -> Verdict:
    ten = range(first := FORTY.drawn(evidence).first, first + TEN)
    talks = [talk for talk in conversations(evidence.segments) if talk.client.port in ten]
    if not talks:
        return unseen(f"The wire has seen nobody from ports {ten[0]} to {ten[-1]} yet: replace the three dots.")
    opened = [talk for talk in talks if _opened(talk)]
    names = _most_at_once(opened)
    if len(names) >= 40:
        return passed(f"{len(names)} connections, ten ports: each port does the work of four.")
    got = f"{len(names)} at the same time"
    if not names:
        return not_yet(
            "Nobody answered there. Who listens?",
            expected="40 handshakes",
            got=f"{len(talks)} attempts, none opened",
            misconception="a refused connection counts",
        )
    if len(opened) >= 40:
        return not_yet(
            "Forty in all, and some were closed before the last began. Who keeps them open?",
            expected="40 at the same time",
            got=got,
            misconception="a connection that is closed counts",
        )
    message, misconception = _fewer(names)
    return not_yet(message, expected="40 at the same time", got=got, misconception=misconception)


def _fewer(names: set[FourTuple]) -> tuple[str, str]:
    destinations: set[Endpoint] = {name.peer for name in names}
    sources = {name.local.address for name in names}
    if len(destinations) * len(sources) == 1:
        return "To one destination, from one address, ten ports are ten connections. Which part can vary?", "ports × 1"
    if len(destinations) * len(sources) < 4:
        return "Good, and not enough: what doubled it can be done once more, or something else doubled.", ""
    return "Enough pairs of ends for forty. Some of them are not full yet: ten to each.", ""


# ---- which ports go first


def _taken_first(evidence: Evidence) -> Verdict:
    answer = TAKEN_FIRST.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, set | frozenset | list | tuple | range) or not all(type(port) is int for port in answer):
        return not_yet("Write a set of four ports.", expected="a set, such as {50005, 50006, …}", got=repr(answer))
    ports, odd = set(answer), range(first := TAKEN_FIRST.drawn(evidence).first, first + EIGHT)
    if ports == set(odd[::2]):
        return passed("The odd ones, for the range begins with one. It is the lowest port's half, not the even half.")
    if not ports <= set(odd):
        message, misconception = f"Only ports from {odd[0]} to {odd[-1]} are there to take.", "outside the range"
    elif ports == set(odd[1::2]):
        message, misconception = "So it was when the range began with an even port. Does this one?", "even ports first"
    elif ports == set(odd[:4]):
        message, misconception = "In order, they would be these. Look at the sixteen once more.", "lowest port first"
    elif len(ports) != 4:
        message, misconception = "Four of the eight are asked: one half.", ""
    else:
        message, misconception = "Which property did all of the first eight above share?", "the order is random"
    return not_yet(message, expected="another set", got=str(sorted(ports)), misconception=misconception)


# ---- how many a second


def _bearable_rate(evidence: Evidence) -> Verdict:
    answer = BEARABLE_RATE.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not 0 < answer < float("inf"):
        return not_yet("Write a number: connections a second.", expected="a number, more than 0", got=repr(answer))
    ports = BEARABLE_RATE.drawn(evidence).ports
    if isclose(answer, rate := ports / TIME_WAIT_S, rel_tol=_EXACT):
        return passed(
            f"{ports:,} ports, each away for 60 s: about {rate:.0f} a second. And from {rate / 2:.0f} on, connect() is"
            " slow."
        )
    message, misconception = next(
        (
            told
            for rate, *told in (
                (
                    ports / TIME_WAIT_S / 2,
                    "There it becomes slow. The other half of the ports works, too.",
                    "the cliff",
                ),
                (ports, "That many in all, before the first comes back. And how many a second?", "a stock is a rate"),
                (ports * TIME_WAIT_S, "Each port makes one connection in 60 s, not 60 in one.", "times for divided by"),
                (1 / TIME_WAIT_S, "That is what one port can do. How many ports are there?", "one port"),
                (ports / 30, "60 s, not 30: you have seen Linux's clock in lab 02.", "MSL"),
                (65535 / TIME_WAIT_S, "connect() does not pick from all 65,535: see the range above.", "every port"),
                (64511 / TIME_WAIT_S, "connect() does not pick from all above 1,024: see the range.", "every port"),
                (32768 / TIME_WAIT_S, "32,768 is where the range begins, not how long it is.", "the lowest port"),
            )
            if isclose(answer, rate, rel_tol=0.005)
        ),
        ("How many ports are there, and for how many seconds is each of them away?", ""),
    )
    return not_yet(message, expected="ports that come back in a second", got=f"{answer:g}", misconception=misconception)


STILL_CONNECTS = Exercise(
    "still_connects",
    "One port, and it is in TIME_WAIT towards 192.0.2.2:80. Which of four attempts connect?",
    _still_connects,
    hints.STILL_CONNECTS,
)
FORTY = Exercise(
    "forty",
    "Out of ten ports, open forty connections to the server, all at the same time.",
    _forty,
    hints.FORTY,
    Variants("ten ports from {first} on", {"first": range(42000, 49000, 10)}, while_wrong=True),
)
TAKEN_FIRST = Exercise(
    "taken_first",
    "Out of eight ports, the lowest of them odd, which four does connect() take first?",
    _taken_first,
    hints.TAKEN_FIRST,
    Variants("eight ports from {first} on", {"first": range(40001, 48000, 10)}),
)
BEARABLE_RATE = Exercise(
    "bearable_rate",
    "How many connections a second can a client go on opening to one destination?",
    _bearable_rate,
    hints.BEARABLE_RATE,
    Variants("a range of {ports:,} ports", {"ports": (28_232, *range(6_000, 60_000, 1_200))}),
)

EXERCISES = {exercise.name: exercise for exercise in (STILL_CONNECTS, FORTY, TAKEN_FIRST, BEARABLE_RATE)}
MINUTES = 30
