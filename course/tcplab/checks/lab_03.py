"""Lab 03: What if the last ACK is lost?"""

from collections.abc import Mapping
from enum import Enum
from itertools import pairwise
from math import isclose

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, is_open, is_positive, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_03 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, Turn, conversations
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.segment import Fate
from tcplab.model.state import TcpState
from tcplab.model.states import states

TIMED_PORT = 81
CASES = {"answered": 80, "forgotten": 83, "unheard": 86}
"""Where the lab makes each case, so that a check finds what became of it."""


def _newest(evidence: Evidence, port: int) -> Conversation | None:
    found = [talk for talk in conversations(evidence.segments) if talk.server.port == port]
    return found[-1] if found else None


def _last_fins(talk: Conversation) -> list[Turn]:
    """The FIN of the side that closes second, first and again; empty when only one side has closed."""
    fins = [turn for turn in talk if "F" in turn.segment.flags]
    return [turn for turn in fins if turn.from_client is not fins[0].from_client]


# ---- how long until it says FIN again


class _Gap(Misconception, Enum):
    IN_MS = "milliseconds for seconds", "In seconds, as the picture has them: that would be a wait of hours."
    CONSTANT = (
        "a constant interval",
        "It began with that gap, and did not keep to it. Follow the row to its end.",
    )
    LAST = "no backoff", "That is the last gap itself. How did each gap from the third on come from the one before?"
    ADDED = "the gap grows by a constant", "It grows, and faster than that: add or multiply?"


def _next_gap(evidence: Evidence) -> Verdict:
    answer = NEXT_GAP.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not is_positive(answer):
        return not_yet("Write a number: seconds, more than 0.", expected="a number of seconds", got=repr(answer))
    talk = _newest(evidence, TIMED_PORT)
    times = [turn.segment.time_s for turn in _last_fins(talk)] if talk else []
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if len(gaps) < 3:
        return unseen("There are no gaps to go on from yet: run the cell that loses the ACK again and again.")

    times_last = answer / gaps[-1]
    if 1.7 <= times_last <= 2.3:
        return passed("If nobody answers: twice the last gap, and after that twice again.")
    return not_yet(_other_gap(answer, gaps), expected="what the last four gaps lead to", got=f"{answer:g}")


def _other_gap(answer: float, gaps: list[float]) -> Lead:
    last = gaps[-1]
    if answer > 100 * last:
        return _Gap.IN_MS
    if isclose(answer, gaps[0], abs_tol=0.1):
        return _Gap.CONSTANT
    if isclose(answer, last, abs_tol=0.3 * last):
        return _Gap.LAST
    if last < answer < 1.7 * last:
        return _Gap.ADDED
    return "Divide each gap by the one before it. From the third on, what comes out?"


# ---- lose the last ACK twice, the client closing first


class _Lost(Misconception, Enum):
    RESET = "a reset is a close", "That connection was cut off with a RST. Let both sides close."
    BY_SERVER = (
        "the server always closes",
        "The server closed first, so the last ACK was the server's. Here it is to be the client's.",
    )
    FIN = "a lost FIN is a lost ACK", "You have lost the FIN. Then nobody has anything to answer: lose the answer."
    OTHER_ACK = (
        "either ACK is the last ACK",
        "That was the other ACK, the server's for the client's FIN. The last one goes the other way.",
    )
    NONE = "the rule came too late", "Twice, and then no more: `first=` says how many segments a rule takes."


def _lost_twice(evidence: Evidence) -> Verdict:
    port = LOST_TWICE.drawn(evidence).port
    talk = _newest(evidence, port)
    if talk is None:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if was_reset(talk):
        return not_yet(_Lost.RESET, expected="two FINs", got=flags(talk))
    fins = _last_fins(talk)
    if not fins:
        return not_yet("One side has not closed yet.", expected="a FIN from each side", got=flags(talk))
    if fins[0].from_client:
        return not_yet(_Lost.BY_SERVER, expected="the client's FIN first", got="the server's FIN first")
    return _lost(talk, fins)


def _lost(talk: Conversation, fins: list[Turn]) -> Verdict:
    fin_end = fins[0].seq + fins[0].segment.sequence_length
    answers = [turn for turn in talk if turn.from_client and turn.ack == fin_end]
    dropped = [turn for turn in answers if turn.segment.fate is Fate.DROPPED]
    if any(turn.segment.fate is Fate.DROPPED for turn in fins):
        return not_yet(_Lost.FIN, expected="every FIN delivered", got="a FIN dropped")
    if any(turn.segment.fate is Fate.DROPPED and not turn.from_client for turn in talk):
        return not_yet(_Lost.OTHER_ACK, expected="ACKs of the client dropped", got="an ACK of the server dropped")
    if len(dropped) == 2 and len(answers) > 2:
        return passed("Lost twice, said three times: the client's TIME_WAIT answered the FIN each time it came.")
    if len(dropped) == 2:
        return not_yet(
            "Two are lost. Now wait until the third has arrived, then check again.",
            expected="a third ACK, delivered",
            got="two ACKs, dropped",
        )
    lead = _Lost.NONE if not dropped else _Lost.NONE.says
    return not_yet(lead, expected="2 lost", got=f"{len(dropped)} lost")


# ---- what becomes of the side that closed second


class _After(Misconception, Enum):
    TIME_WAIT = (
        "both sides pass through TIME_WAIT",
        "the side that closes second never enters TIME_WAIT. You have seen which one holds it.",
    )
    AFTER_RST = (
        "a RST leaves the peer in LAST_ACK",
        "so says the blog. Look at the client's line after the RST once more.",
    )
    LASTS = "LAST_ACK lasts", "it waited for one ACK, and one came in the end. What is there left to wait for?"
    ARRIVED = (
        "a sent RST has arrived",
        "the RST was sent, and lost. What does a kernel know of a RST that never came?",
    )


def _afterwards(evidence: Evidence) -> Verdict:
    answer = AFTERWARDS.answer(evidence)
    if is_open(answer):
        return not_attempted()
    talks = {case: _newest(evidence, port) for case, port in CASES.items()}
    if missing := [case for case, talk in talks.items() if talk is None or not _last_fins(talk)]:
        return unseen(f"The wire has not seen this yet: {', '.join(missing)}. Run the experiments above.")
    if not isinstance(answer, Mapping) or set(answer) != set(CASES):
        return not_yet(
            "A state for each of the three is asked.", expected="answered, forgotten, unheard", got=f"{answer}"
        )

    for case, talk in talks.items():
        assert talk is not None
        got = str(answer[case]).upper().replace("-", "_")
        if got not in TcpState.__members__:
            form = "write a state, such as TcpState.CLOSED."
            return not_yet(form, about=case, expected="a TcpState", got=repr(answer[case]))
        told = states(talk)
        ends = {True: told.client, False: told.server}[_last_fins(talk)[0].from_client]
        if got != str(ends[-1].state):
            return not_yet(_not_there(case, got), about=case, expected="another state", got=got)
    return passed("The blog's ending belongs to the third case: what is left in LAST_ACK has heard nothing, not a RST.")


def _not_there(case: str, got: str) -> Lead:
    if got == "TIME_WAIT":
        return _After.TIME_WAIT
    if got == "LAST_ACK" and case == "forgotten":
        return _After.AFTER_RST
    if got == "LAST_ACK":
        return _After.LASTS
    if got == "CLOSED":
        return _After.ARRIVED
    return "a side that has sent its FIN second can be in one state only, or gone."


NEXT_GAP = Exercise(
    "next_gap",
    "How many seconds after its last FIN would the client have said FIN again?",
    _next_gap,
    _Gap,
    hints.NEXT_GAP,
)
LOST_TWICE = Exercise(
    "lost_twice",
    "Let the client close first, and lose the last ACK twice.",
    _lost_twice,
    _Lost,
    hints.LOST_TWICE,
    Variants("port {port}", {"port": range(9000, 9500)}, while_wrong=True),
)
AFTERWARDS = Exercise(
    "afterwards",
    "In which state does each experiment leave the side that closed second?",
    _afterwards,
    _After,
    hints.AFTERWARDS,
)

EXERCISES = {exercise.name: exercise for exercise in (NEXT_GAP, LOST_TWICE, AFTERWARDS)}
MINUTES = 30
