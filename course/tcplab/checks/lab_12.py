"""Lab 12: What else does TIME_WAIT protect?

An old segment in a new connection, the guards against it, and a TIME_WAIT that is shot.
"""

from collections.abc import Mapping
from itertools import dropwhile
from math import isclose
from operator import attrgetter

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_12 as hints
from tcplab.checks.landings import judged_landing
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.state import TcpState

CLOCK_MBIT_PER_S = 125.0
"""One number each 64 ns: 15.625 MB/s (seq_scale() in Linux, net/core/secure_seq.c)."""


def _on_port(evidence: Evidence, port: int) -> list[Conversation]:
    return [talk for talk in conversations(evidence.segments) if talk.server.port == port]


# ---- how fast is the clock of first numbers


def _overtaken_from(evidence: Evidence) -> Verdict:
    answer = OVERTAKEN_FROM.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not 0 < answer < float("inf"):
        return not_yet("Write a number: Mbit/s, more than 0.", expected="a number of Mbit/s", got=repr(answer))
    if 119 <= answer <= 131:
        return passed("125 Mbit/s. Every gigabit link is eight times too fast for the clock.")
    for wrong, message, misconception in (
        (15.6, "That is megabytes. Links are sold in bits.", "bytes for bits"),
        (15.6e6, "In Mbit/s, please: that is bytes a second.", "units"),
        (125e6, "In Mbit/s, please: that is bits a second.", "units"),
        (125e3, "In Mbit/s, please: that is kbit/s.", "units"),
        (2.0, "That was the clock of 1981: one number each 4 µs. Linux counts faster.", "the clock of RFC 793"),
        (16.0, "Per microsecond, that is the clock. Per second, and in bits?", "a rate without its second"),
        (64.0, "64 ns is the time of one number. How many fit in a second?", "a period for a rate"),
    ):
        if isclose(answer, wrong, rel_tol=0.02):
            return not_yet(message, expected="Mbit/s", got=f"{answer:g}", misconception=misconception)
    way = "slower" if answer > CLOCK_MBIT_PER_S else "faster"
    return not_yet(
        f"The clock is {way}. One number each 64 ns, one number a byte.", expected="Mbit/s", got=f"{answer:g}"
    )


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


_OTHER_NAMES = {"paws": "timestamps", "timestamp": "timestamps"}


def _plain(said: str) -> str:
    return "".join(letter for letter in said.lower() if letter.isalpha())


def _guards(evidence: Evidence) -> Verdict:
    answer = GUARDS_EXERCISE.answer(evidence)
    if answer is ... or (isinstance(answer, Mapping) and ... in answer.values()):
        return not_attempted()
    if not isinstance(answer, Mapping) or set(answer) != set(CASES):
        return not_yet("Four answers are asked.", expected=", ".join(f"{one}=…" for one in CASES), got=repr(answer))
    for case in CASES:
        said = _plain(str(answer[case]))
        guard = next((one for one in GUARDS if _plain(one) == _OTHER_NAMES.get(said, said)), None)
        if guard is None:
            return not_yet(f"{case}: one of four guards.", expected=" or ".join(GUARDS), got=repr(answer[case]))
        if guard != _RIGHT[case]:
            message = f"{case}: {_WHY[case, guard]}"
            return not_yet(message, expected="another guard", got=guard, misconception=f"{guard} always helps")
    return passed("Four guards, and each stood alone once. Any one of them would have saved Ben's 20 euros.")


# ---- shoot a TIME_WAIT


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
            return not_yet(
                "That connection was cut off with a RST: it never came to TIME_WAIT.",
                expected="two FINs",
                got=got,
                misconception="a reset is a close",
            )
        return not_yet("One side has not closed yet.", expected="a FIN from each side", got=got)
    if not fins[0].from_client:
        return not_yet(
            "The server closed first, so the server holds it. Here the client is to hold it.",
            expected="the client's FIN first",
            got="the server's FIN first",
            misconception="the server always closes",
        )
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
        return not_yet(
            "No ACK of the server has arrived after its FIN. Could the one for the client's last word be late?",
            expected="an old ACK after the FIN",
            got=flags(talk),
            misconception="the last ACK of the close is the client's" if shots else "",
        )
    if not shots or held:
        return not_yet(
            "The old ACK has come, and TIME_WAIT has answered. Nobody has shot: does the client heed RFC 1337?",
            expected="a RST of the server, and no TIME_WAIT",
            got="TIME_WAIT" if held else flags(talk),
            misconception="tcp_rfc1337 is on",
        )
    return passed("One old ACK, one answer, one RST: the client's minute is over, and nobody meant any harm.")


OVERTAKEN_FROM = Exercise(
    "overtaken_from",
    "From how many Mbit/s on can a connection overtake the clock of first numbers?",
    _overtaken_from,
    hints.OVERTAKEN_FROM,
)
THIRD_ORDER = Exercise(
    "third_order",
    "Let an order of yesterday be read in the place of today's third.",
    _third_order,
    hints.THIRD_ORDER,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
GUARDS_EXERCISE = Exercise(
    "guards",
    "Which guard stops the old order, when it is alone?",
    _guards,
    hints.GUARDS_EXERCISE,
)
SHOT = Exercise(
    "shot",
    "End the client's TIME_WAIT with an ACK that the server really sent.",
    _shot,
    hints.SHOT,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (OVERTAKEN_FROM, THIRD_ORDER, GUARDS_EXERCISE, SHOT)}
MINUTES = 35
