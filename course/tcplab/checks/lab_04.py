"""Lab 04: How does a client run out of ports?"""

from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address
from math import isclose

from tcplab.checks.exercise import Exercise, is_open, is_positive, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_04 as hints
from tcplab.checks.misconception import Lead, Misconception
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


class _Attempt(Misconception, Enum):
    PORT = "TIME_WAIT takes the port", "a port is not taken, a pair of ends is. What is new about this pair?"
    GONE = "a closed connection is gone", "no part of its name is new. Which port could the kernel give it?"
    SERVERS_PORT = "the server's port does not count", "the server's port is a part of the name, too."
    HOST = "a host is one destination", "it is the same server, and the kernel knows no servers."
    HOSTS_PORT = "a port is the host's, not the address's", "the client's own address is the first part of the name."


_NOT_SO = {
    "again": _Attempt.GONE,
    "other_port": _Attempt.SERVERS_PORT,
    "other_address": _Attempt.HOST,
    "from_other_address": _Attempt.HOSTS_PORT,
}


def _still_connects(evidence: Evidence) -> Verdict:
    answer = STILL_CONNECTS.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(ATTEMPTS):
        return not_yet("An answer for each of the four is asked.", expected=", ".join(ATTEMPTS), got=f"{answer!r}")
    for name, guess in answer.items():
        if type(guess) is not bool:
            return not_yet("does it connect, True or False?", about=name, expected="True or False", got=repr(guess))

    seen = _attempts(evidence)
    if missing := [name for name in ATTEMPTS if name != "again" and not seen[name]]:
        return unseen(f"The wire has not seen this yet: {', '.join(missing)}. Run the cell below first.")
    wrong = [name for name, guess in answer.items() if guess is not (name != "again")]
    if not wrong:
        return passed("One port, four places to be. Taken is a name of four parts, and three of them may repeat.")
    name = wrong[0]
    lead = _Attempt.PORT if len(wrong) >= 3 and name != "again" else _NOT_SO[name]
    return not_yet(lead, about=name, expected="what the kernel did", got=f"{name}={answer[name]}")


def _attempts(evidence: Evidence) -> dict[str, bool]:
    """For each attempt, whether the wire has seen it connect."""
    found = {
        (talk.client.address, talk.server.address, talk.server.port)
        for talk in conversations(evidence.segments)
        if _opened(talk)
    }
    return {name: one in found for name, one in ATTEMPTS.items()}


# ---- forty connections out of ten ports


class _Fewer(Misconception, Enum):
    REFUSED = "a refused connection counts", "Nobody answered there. Who listens?"
    CLOSED = (
        "a connection that is closed counts",
        "Forty in all, and some were closed before the last began. Who keeps them open?",
    )
    ONE_PAIR = (
        "ports × 1",
        "To one destination, from one address, ten ports are ten connections. Which part can vary?",
    )


def _forty(evidence: Evidence) -> Verdict:
    ten = range(first := FORTY.drawn(evidence).first, first + TEN)
    talks = [talk for talk in conversations(evidence.segments) if talk.client.port in ten]
    if not talks:
        return unseen(f"The wire has seen nobody from ports {ten[0]} to {ten[-1]} yet: replace the three dots.")
    opened = [talk for talk in talks if _opened(talk)]
    names = _most_at_once(opened)
    if len(names) >= 40:
        return passed(f"{len(names)} connections, ten ports: each port does the work of four.")
    if not names:
        return not_yet(_Fewer.REFUSED, expected="40 handshakes", got=f"{len(talks)} attempts, none opened")
    lead = _Fewer.CLOSED if len(opened) >= 40 else _fewer(names)
    return not_yet(lead, expected="40 at the same time", got=f"{len(names)} at the same time")


def _fewer(names: set[FourTuple]) -> Lead:
    destinations: set[Endpoint] = {name.peer for name in names}
    sources = {name.local.address for name in names}
    if len(destinations) * len(sources) == 1:
        return _Fewer.ONE_PAIR
    if len(destinations) * len(sources) < 4:
        return "Good, and not enough: what doubled it can be done once more, or something else doubled."
    return "Enough pairs of ends for forty. Some of them are not full yet: ten to each."


# ---- which ports go first


class _Order(Misconception, Enum):
    OUTSIDE = "outside the range", "Only ports from {first} to {last} are there to take."
    EVEN = "even ports first", "So it was when the range began with an even port. Does this one?"
    LOWEST = "lowest port first", "In order, they would be these. Look at the sixteen once more."
    RANDOM = "the order is random", "Which property did all of the first eight above share?"


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
        lead: Lead = _Order.OUTSIDE.filled(first=odd[0], last=odd[-1])
    elif ports == set(odd[1::2]):
        lead = _Order.EVEN
    elif ports == set(odd[:4]):
        lead = _Order.LOWEST
    elif len(ports) != 4:
        lead = "Four of the eight are asked: one half."
    else:
        lead = _Order.RANDOM
    return not_yet(lead, expected="another set", got=str(sorted(ports)))


# ---- how many a second


class _Rate(Misconception, Enum):
    CLIFF = "the cliff", "There it becomes slow. The other half of the ports works, too."
    STOCK = "a stock is a rate", "That many in all, before the first comes back. And how many a second?"
    TIMES = "times for divided by", "Each port makes one connection in 60 s, not 60 in one."
    ONE = "one port", "That is what one port can do. How many ports are there?"
    MSL = "MSL", "60 s, not 30: you have seen Linux's clock in lab 02."
    ALL = "every port", "connect() does not pick from all 65,535: see the range above."
    UNPRIVILEGED = "every port", "connect() does not pick from all above 1,024: see the range."
    LOWEST = "the lowest port", "32,768 is where the range begins, not how long it is."


def _bearable_rate(evidence: Evidence) -> Verdict:
    answer = BEARABLE_RATE.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not is_positive(answer):
        return not_yet("Write a number: connections a second.", expected="a number, more than 0", got=repr(answer))
    ports = BEARABLE_RATE.drawn(evidence).ports
    if isclose(answer, rate := ports / TIME_WAIT_S, rel_tol=_EXACT):
        return passed(
            f"{ports:,} ports, each away for 60 s: about {rate:.0f} a second. And from {rate / 2:.0f} on, connect() is"
            " slow."
        )
    foreseen = (
        (_Rate.CLIFF, ports / TIME_WAIT_S / 2),
        (_Rate.STOCK, ports),
        (_Rate.TIMES, ports * TIME_WAIT_S),
        (_Rate.ONE, 1 / TIME_WAIT_S),
        (_Rate.MSL, ports / 30),
        (_Rate.ALL, 65535 / TIME_WAIT_S),
        (_Rate.UNPRIVILEGED, 64511 / TIME_WAIT_S),
        (_Rate.LOWEST, 32768 / TIME_WAIT_S),
    )
    other = "How many ports are there, and for how many seconds is each of them away?"
    lead: Lead = next((idea for idea, rate in foreseen if isclose(answer, rate, rel_tol=0.005)), other)
    return not_yet(lead, expected="ports that come back in a second", got=f"{answer:g}")


STILL_CONNECTS = Exercise(
    "still_connects",
    "One port, and it is in TIME_WAIT towards 192.0.2.2:80. Which of four attempts connect?",
    _still_connects,
    _Attempt,
    hints.STILL_CONNECTS,
)
FORTY = Exercise(
    "forty",
    "Out of ten ports, open forty connections to the server, all at the same time.",
    _forty,
    _Fewer,
    hints.FORTY,
    Variants("ten ports from {first} on", {"first": range(42000, 49000, 10)}, while_wrong=True),
)
TAKEN_FIRST = Exercise(
    "taken_first",
    "Out of eight ports, the lowest of them odd, which four does connect() take first?",
    _taken_first,
    _Order,
    hints.TAKEN_FIRST,
    Variants("eight ports from {first} on", {"first": range(40001, 48000, 10)}),
)
BEARABLE_RATE = Exercise(
    "bearable_rate",
    "How many connections a second can a client go on opening to one destination?",
    _bearable_rate,
    _Rate,
    hints.BEARABLE_RATE,
    Variants("a range of {ports:,} ports", {"ports": (28_232, *range(6_000, 60_000, 1_200))}),
)

EXERCISES = {exercise.name: exercise for exercise in (STILL_CONNECTS, FORTY, TAKEN_FIRST, BEARABLE_RATE)}
MINUTES = 30
