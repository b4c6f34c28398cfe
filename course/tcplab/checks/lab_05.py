"""Lab 05: What does tcp_tw_reuse really do?"""

from collections.abc import Callable
from enum import Enum
from itertools import product
from math import isclose
from typing import Any

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_05 as hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.refusals import Refusals, judged_refusals
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict

TIMERS_S = ((55.61, 56.75), (33.76, 36.00))
"""What the blog's netstat shows before and after its seven curls."""
SEVEN = 7
_EXACT_S = 0.02


# ---- the blog's two clocks


class _Apart(Misconception, Enum):
    BEFORE = "the first pair", "So far apart they were before. The seven requests came after."
    RAN_ON = (
        "the clocks ran on from the first netstat",
        "Take one netstat, not two: nobody says how long it was from the first to the second.",
    )
    ONE = (
        "one clock is a distance",
        "That is how long before the second netstat one of the two requests was. And the other?",
    )
    NEGATIVE = "a negative distance", "The distance is right; which of the two came later does not matter."


def _apart(evidence: Evidence) -> Verdict:
    answer = APART.answer(evidence)
    if answer is ...:
        return not_attempted()
    if not isinstance(answer, int | float) or isinstance(answer, bool):
        return not_yet("Write a number: seconds.", expected="a number of seconds", got=repr(answer))
    before, after = TIMERS_S
    asked = after[1] - after[0]
    if isclose(answer, asked, abs_tol=_EXACT_S):
        return passed(
            "And before it was 1.14 s: both clocks have been started anew, so both addresses were asked again, at"
            " the pace of a hand."
        )
    foreseen = (
        (_Apart.BEFORE, [before[1] - before[0]]),
        (_Apart.RAN_ON, [abs(one - other) for one in before for other in after]),
        (_Apart.ONE, [60 - one for one in after]),
        (_Apart.NEGATIVE, [-asked]),
    )
    other = "How long before the second netstat did each of the two clocks begin?"
    lead: Lead = next(
        (idea for idea, wrong in foreseen if any(isclose(answer, one, abs_tol=_EXACT_S) for one in wrong)), other
    )
    return not_yet(lead, expected="seconds between two requests", got=f"{answer:g}")


# ---- seven answers from one port


class _Seven(Misconception, Enum):
    RESET = (
        "a reset is a reuse",
        "There is a RST. A reset leaves no TIME_WAIT, so nothing is put in its place: close in good order.",
    )
    FREE = (
        "a free port is a reuse",
        "They came from several ports. Whoever has another port need not reuse any: keep the range at one.",
    )
    BY_SERVER = (
        "who closes first does not matter",
        "The server closed first. Then TIME_WAIT is with the server, and the client has nothing to reuse.",
    )
    AT_ONCE = (
        "tcp_tw_reuse=1 is enough",
        "Who is refused never reaches the wire. Wait between two requests, for what?",
    )
    NO_ECHO = (
        "any second connection is a reuse",
        "Seven, but their SYNs echo nobody: the TIME_WAIT before them was gone, or had no timestamps.",
    )


def _seven_answers(evidence: Evidence) -> Verdict:
    port = SEVEN_ANSWERS.drawn(evidence).port
    talks = [talk for talk in conversations(evidence.segments) if talk.server.port == port]
    if not talks:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if any(was_reset(talk) for talk in talks):
        reset = next(talk for talk in talks if was_reset(talk))
        return not_yet(_Seven.RESET, expected="no RST", got=flags(reset))
    if len(ports := {talk.client.port for talk in talks}) > 1:
        return not_yet(_Seven.FREE, expected="one local port", got=f"{len(ports)} ports")
    if late := [talk for talk in talks if _closed_first(talk) is False]:
        return not_yet(_Seven.BY_SERVER, expected="the client's FIN first", got=flags(late[0]))
    if len(talks) < SEVEN:
        return not_yet(_Seven.AT_ONCE, expected=f"{SEVEN} connections on the wire", got=f"{len(talks)}")
    return _all_heirs(talks[-SEVEN:])


def _all_heirs(talks: list[Conversation]) -> Verdict:
    # The first to each address has no predecessor.
    heirs = [talk for talk in talks if (stamps := talk[0].segment.options.timestamps) and stamps[1]]
    strangers = SEVEN - len({talk.server for talk in talks})
    if len(heirs) >= strangers:
        return passed("Seven answers, one port, and SYNs that echo the dead: one line of sysctl, and patience.")
    return not_yet(_Seven.NO_ECHO, expected=f"{strangers} SYNs whose echo is not 0", got=f"{len(heirs)}")


def _closed_first(talk: Conversation) -> bool | None:
    """Whether the client said FIN first; None if nobody has."""
    return next((turn.from_client for turn in talk if "F" in turn.segment.flags), None)


# ---- the rule, in one line

Rule = Callable[[int, bool, bool, bool], Any]
Case = tuple[int, bool, bool, bool]
CASES: tuple[Case, ...] = tuple(
    case
    for case in product((0, 1, 2), (False, True), (False, True), (False, True))
    if not case[1] or case[2] == case[3]
)
"""(tcp_tw_reuse, loopback, the client's timestamps, the server's); on loopback the two are one host."""


def reused(mode: int, loopback: bool, mine: bool, theirs: bool) -> bool:  # noqa: FBT001 (as the lab calls it)
    """The kernel's rule, once the delay is over."""
    return mine and theirs and (mode == 1 or (mode == 2 and loopback))


class _Rule(Misconception, Enum):
    ZERO = "0 is not off", "With 0 nothing is reused, in any row."
    ONE_SIDE = (
        "one side is enough",
        "Look at the rows with timestamps on one side: what does the other side echo?",
    )
    NO_TIMESTAMPS = "tcp_tw_reuse is enough", "Look at the rows without timestamps."
    TWO_IS_ONE = "2 is on, too", "2 is the default, and the blog had it when it was refused."
    TWO_IS_OFF = "2 is off", "What is 2 for? Look at the row of 127.0.0.1."
    ONE_NOT_HERE = "1 is not for loopback", "And 1: does it ask where the connection goes?"


def _may_reuse(evidence: Evidence) -> Verdict:
    rule = MAY_REUSE.answer(evidence)
    if rule is ...:
        return not_attempted()
    if not callable(rule) or isinstance(rule, type):
        return not_yet("Hand over the function itself.", expected='check("may_reuse", may_reuse)', got=repr(rule))
    said: dict[Case, object] = {}
    for case in CASES:
        try:
            said[case] = rule(*case)
        except Exception as error:  # noqa: BLE001 (a learner's function may do anything)
            return not_yet(
                f"Your function raised {type(error).__name__} for {_called(case)}.",
                expected="True or False",
                got=str(error) or type(error).__name__,
            )
    if all(value is None or value is ... for value in said.values()):
        return unseen("The function returns nothing yet: replace the three dots.")
    for case, value in said.items():
        if not isinstance(value, bool | int):
            return not_yet(
                f"Return True or False, in every case: {_called(case)} returned something else.",
                expected="True or False",
                got=repr(value),
            )
    wrong = [case for case in CASES if bool(said[case]) is not reused(*case)]
    if not wrong:
        return passed("That is tcp_twsk_unique(), but for the delay and FIN_WAIT2. The kernel takes 15 lines.")
    expected, got = f"another answer for {_called(wrong[0])}", str(bool(said[wrong[0]]))
    return not_yet(_other_rule(wrong), expected=expected, got=got)


def _called(case: Case) -> str:
    mode, loopback, mine, theirs = case
    return f"may_reuse({mode}, {loopback}, {mine}, {theirs})"


def _other_rule(wrong: list[Case]) -> _Rule:
    if any(mode == 0 for mode, *_ in wrong):
        return _Rule.ZERO
    if any(mine is not theirs for _, _, mine, theirs in wrong):
        return _Rule.ONE_SIDE
    if any(not mine for _, _, mine, _ in wrong):
        return _Rule.NO_TIMESTAMPS
    if any(mode == 2 and not loopback for mode, loopback, *_ in wrong):
        return _Rule.TWO_IS_ONE
    return _Rule.TWO_IS_OFF if any(mode == 2 for mode, *_ in wrong) else _Rule.ONE_NOT_HERE


# ---- four ports, four reasons


def _four_reasons(evidence: Evidence) -> Verdict:
    return judged_refusals(FOUR_REASONS.answer(evidence), evidence.segments, FOUR_REASONS.drawn(evidence).port)


APART = Exercise(
    "apart_s",
    "How many seconds lay between the blog's last request to one address and its last to the other?",
    _apart,
    _Apart,
    hints.APART,
)
SEVEN_ANSWERS = Exercise(
    "seven_answers",
    "Have seven requests to a port answered from one port, each in the place of the one before.",
    _seven_answers,
    _Seven,
    hints.SEVEN_ANSWERS,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
MAY_REUSE = Exercise(
    "may_reuse",
    "Once the delay is over, when does the kernel put a new connection in the place of a TIME_WAIT?",
    _may_reuse,
    _Rule,
    hints.MAY_REUSE,
)
FOUR_REASONS = Exercise(
    "four_reasons",
    "Make connect() fail on four ports, each refused at another question.",
    _four_reasons,
    Refusals,
    hints.FOUR_REASONS,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (APART, SEVEN_ANSWERS, MAY_REUSE, FOUR_REASONS)}
MINUTES = 35
