"""Lab 12: What else does TIME_WAIT protect?

An old segment in a new connection, the guards against it, and a TIME_WAIT that is shot.
"""

from collections.abc import Mapping
from enum import Enum
from itertools import dropwhile
from math import isclose
from operator import attrgetter

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, is_open, is_positive, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_12 as hints
from tcplab.checks.landings import Elsewhere, judged_landing
from tcplab.checks.misconception import Misconception
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.state import TcpState

CLOCK_MBIT_PER_S = 125.0
"""One number each 64 ns: 15.625 MB/s (seq_scale() in Linux, net/core/secure_seq.c)."""


def _on_port(evidence: Evidence, port: int) -> list[Conversation]:
    return [talk for talk in conversations(evidence.segments) if talk.server.port == port]


# ---- how fast is the clock of first numbers


class _Clock(Misconception, Enum):
    BYTES = "bytes for bits", "That is megabytes. Links are sold in bits."
    BYTES_PER_S = "units", "In Mbit/s, please: that is bytes a second."
    BITS_PER_S = "units", "In Mbit/s, please: that is bits a second."
    KBITS_PER_S = "units", "In Mbit/s, please: that is kbit/s."
    OLD = "the clock of RFC 793", "That was the clock of 1981: one number each 4 µs. Linux counts faster."
    RATE = "a rate without its second", "Per microsecond, that is the clock. Per second, and in bits?"
    PERIOD = "a period for a rate", "64 ns is the time of one number. How many fit in a second?"


_FORESEEN_MBIT_PER_S = {
    15.6: _Clock.BYTES,
    15.6e6: _Clock.BYTES_PER_S,
    125e6: _Clock.BITS_PER_S,
    125e3: _Clock.KBITS_PER_S,
    2.0: _Clock.OLD,
    16.0: _Clock.RATE,
    64.0: _Clock.PERIOD,
}


def _overtaken_from(evidence: Evidence) -> Verdict:
    answer = OVERTAKEN_FROM.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not is_positive(answer):
        return not_yet("Write a number: Mbit/s, more than 0.", expected="a number of Mbit/s", got=repr(answer))
    if 119 <= answer <= 131:
        return passed("125 Mbit/s. Every gigabit link is eight times too fast for the clock.")
    way = "slower" if answer > CLOCK_MBIT_PER_S else "faster"
    other = f"The clock is {way}. One number each 64 ns, one number a byte."
    foreseen = (idea for wrong, idea in _FORESEEN_MBIT_PER_S.items() if isclose(answer, wrong, rel_tol=0.02))
    return not_yet(next(foreseen, other), expected="Mbit/s", got=f"{answer:g}")


# ---- pay an old order in the third place


def _third_order(evidence: Evidence) -> Verdict:
    port = THIRD_ORDER.drawn(evidence).port
    return judged_landing(_on_port(evidence, port), port)


# ---- which guard stops it

CASES = ("silent_server", "timestamps_on", "slow_first", "client_closes")
GUARDS = ("timestamps", "ack", "clock", "TIME_WAIT")
_RIGHT = dict(zip(CASES, ("ack", "timestamps", "clock", "TIME_WAIT"), strict=True))
_WHY = {
    ("silent_server", "clock"): "The first connection was as fast as before: the numbers overlap.",
    ("silent_server", "TIME_WAIT"): "There was a RST: who would hold a TIME_WAIT?",
    ("silent_server", "timestamps"): "They are off in this case. What else does an old segment carry, beside its seq?",
    ("timestamps_on", "clock"): "The first connection was as fast as before, so the clock was behind.",
    ("timestamps_on", "TIME_WAIT"): "There was a RST: who would hold a TIME_WAIT?",
    ("timestamps_on", "ack"): "The server has talked, so the old ack names bytes that it has sent.",
    ("slow_first", "TIME_WAIT"): "There was a RST: who would hold a TIME_WAIT?",
    ("slow_first", "timestamps"): "They are off in this case. Where does the new SYN lie, in the picture?",
    ("slow_first", "ack"): "It doesn't come to that: look where the old seq lies, in the picture.",
    ("client_closes", "clock"): "It was fast enough. Was there a second connection at all?",
    ("client_closes", "timestamps"): "They are off. Was there a second connection at all?",
    ("client_closes", "ack"): "Nothing of a second connection was on the wire. Who forbade it?",
}
_LEADS = {(case, guard): Misconception(f"{guard} always helps", why) for (case, guard), why in _WHY.items()}

_OTHER_NAMES = {"paws": "timestamps", "timestamp": "timestamps"}


def _plain(said: str) -> str:
    return "".join(letter for letter in said.lower() if letter.isalpha())


def _guards(evidence: Evidence) -> Verdict:
    answer = GUARDS_EXERCISE.answer(evidence)
    if is_open(answer):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(CASES):
        return not_yet("Four answers are asked.", expected=", ".join(f"{one}=…" for one in CASES), got=repr(answer))
    for case in CASES:
        said = _plain(str(answer[case]))
        guard = next((one for one in GUARDS if _plain(one) == _OTHER_NAMES.get(said, said)), None)
        if guard is None:
            return not_yet("one of four guards.", about=case, expected=" or ".join(GUARDS), got=repr(answer[case]))
        if guard != _RIGHT[case]:
            return not_yet(_LEADS[case, guard], about=case, expected="another guard", got=guard)
    return passed("Four guards, and each stood alone once. Any one of them would have saved Ben's 20 euros.")


# ---- shoot a TIME_WAIT


class _Missed(Misconception, Enum):
    RESET = "a reset is a close", "That connection was cut off with a RST: it never came to TIME_WAIT."
    BY_SERVER = (
        "the server always closes",
        "The server closed first, so the server holds it. Here the client is to hold it.",
    )
    NO_OLD_ACK = (
        "the last ACK of the close is the client's",
        "No ACK of the server has arrived after its FIN. Could the one for the client's last word be late?",
    )
    RFC_1337 = (
        "tcp_rfc1337 is on",
        "The old ACK has come, and TIME_WAIT has answered. Nobody has shot: does the client heed RFC 1337?",
    )


def _shot(evidence: Evidence) -> Verdict:
    port = SHOT.drawn(evidence).port
    talks = _on_port(evidence, port)
    if not talks:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    talk = talks[-1]
    fins = [turn for turn in talk if "F" in turn.segment.flags]
    if len({turn.from_client for turn in fins}) < 2:
        got = flags(talk)
        if was_reset(talk):
            return not_yet(_Missed.RESET, expected="two FINs", got=got)
        return not_yet("One side has not closed yet.", expected="a FIN from each side", got=got)
    if not fins[0].from_client:
        return not_yet(_Missed.BY_SERVER, expected="the client's FIN first", got="the server's FIN first")
    return _by_an_old_ack(evidence, talk)


def _by_an_old_ack(evidence: Evidence, talk: Conversation) -> Verdict:
    theirs = [turn for turn in talk if not turn.from_client]
    fin = next(turn.segment for turn in theirs if "F" in turn.segment.flags)
    arrived = sorted((t.segment for t in theirs if t.segment.delivered_s is not None), key=attrgetter("delivered_s"))
    late = [one for one in dropwhile(lambda one: one is not fin, arrived) if one.flags == "A"]
    shots = [turn for turn in theirs if "R" in turn.segment.flags]
    held = [
        one
        for one in evidence.sockets.get("client", ())
        if one.state is TcpState.TIME_WAIT and one.peer == talk.server and one.local == talk.client
    ]
    if not late:
        lead = _Missed.NO_OLD_ACK if shots else _Missed.NO_OLD_ACK.says
        return not_yet(lead, expected="an old ACK after the FIN", got=flags(talk))
    if not shots or held:
        got = "TIME_WAIT" if held else flags(talk)
        return not_yet(_Missed.RFC_1337, expected="a RST of the server, and no TIME_WAIT", got=got)
    return passed("One old ACK, one answer, one RST: the client's minute is over, and nobody meant any harm.")


OVERTAKEN_FROM = Exercise(
    "overtaken_from",
    "From how many Mbit/s on can a connection overtake the clock of first numbers?",
    _overtaken_from,
    _Clock,
    hints.OVERTAKEN_FROM,
)
THIRD_ORDER = Exercise(
    "third_order",
    "Let an order of yesterday be read in the place of today's third.",
    _third_order,
    Elsewhere,
    hints.THIRD_ORDER,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
GUARDS_EXERCISE = Exercise(
    "guards",
    "Which guard stops the old order, when it is alone?",
    _guards,
    _LEADS.values(),
    hints.GUARDS_EXERCISE,
)
SHOT = Exercise(
    "shot",
    "End the client's TIME_WAIT with an ACK that the server really sent.",
    _shot,
    _Missed,
    hints.SHOT,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (OVERTAKEN_FROM, THIRD_ORDER, GUARDS_EXERCISE, SHOT)}
MINUTES = 40
