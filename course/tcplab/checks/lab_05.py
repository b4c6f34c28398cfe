"""Lab 05: What does tcp_tw_reuse really do?"""

from collections.abc import Callable
from itertools import product
from math import isclose
from typing import Any

from tcplab.checks.closes import flags, was_reset
from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_05 as hints
from tcplab.checks.refusals import judged_refusals
from tcplab.checks.variants import Variants
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.evidence import Evidence, Verdict

TIMERS_S = ((55.61, 56.75), (33.76, 36.00))
"""What the blog's netstat shows before and after its seven curls."""
SEVEN = 7
_EXACT_S = 0.02


# ---- the blog's two clocks


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
        ([before[1] - before[0]], "So far apart they were before. The seven requests came after.", "the first pair"),
        (
            [abs(one - other) for one in before for other in after],
            "Take one netstat, not two: nobody says how long it was from the first to the second.",
            "the clocks ran on from the first netstat",
        ),
        (
            [60 - one for one in after],
            "That is how long before the second netstat one of the two requests was. And the other?",
            "one clock is a distance",
        ),
        ([-asked], "The distance is right; which of the two came later does not matter.", "a negative distance"),
    )
    other = "How long before the second netstat did each of the two clocks begin?", ""
    lead, idea = next(
        (
            (lead, idea)
            for wrong, lead, idea in foreseen
            if any(isclose(answer, one, abs_tol=_EXACT_S) for one in wrong)
        ),
        other,
    )
    return not_yet(lead, expected="seconds between two requests", got=f"{answer:g}", misconception=idea)


# ---- seven answers from one port


def _seven_answers(evidence: Evidence) -> Verdict:
    port = SEVEN_ANSWERS.drawn(evidence).port
    talks = [talk for talk in conversations(evidence.segments) if talk.server.port == port]
    if not talks:
        return unseen(f"The wire has seen nobody on port {port} yet: replace the three dots.")
    if any(was_reset(talk) for talk in talks):
        return not_yet(
            "There is a RST. A reset leaves no TIME_WAIT, so nothing is put in its place: close in good order.",
            expected="no RST",
            got=flags(next(talk for talk in talks if was_reset(talk))),
            misconception="a reset is a reuse",
        )
    if len(ports := {talk.client.port for talk in talks}) > 1:
        return not_yet(
            "They came from several ports. Whoever has another port need not reuse any: keep the range at one.",
            expected="one local port",
            got=f"{len(ports)} ports",
            misconception="a free port is a reuse",
        )
    if late := [talk for talk in talks if _closed_first(talk) is False]:
        return not_yet(
            "The server closed first. Then TIME_WAIT is with the server, and the client has nothing to reuse.",
            expected="the client's FIN first",
            got=flags(late[0]),
            misconception="who closes first does not matter",
        )
    if len(talks) < SEVEN:
        return not_yet(
            "Who is refused never reaches the wire. Wait between two requests, for what?",
            expected=f"{SEVEN} connections on the wire",
            got=f"{len(talks)}",
            misconception="tcp_tw_reuse=1 is enough",
        )
    return _all_heirs(talks[-SEVEN:])


def _all_heirs(talks: list[Conversation]) -> Verdict:
    # The first to each address has no predecessor.
    heirs = [talk for talk in talks if (stamps := talk[0].segment.options.timestamps) and stamps[1]]
    strangers = SEVEN - len({talk.server for talk in talks})
    if len(heirs) >= strangers:
        return passed("Seven answers, one port, and SYNs that echo the dead: one line of sysctl, and patience.")
    return not_yet(
        "Seven, but their SYNs echo nobody: the TIME_WAIT before them was gone, or had no timestamps.",
        expected=f"{strangers} SYNs whose echo is not 0",
        got=f"{len(heirs)}",
        misconception="any second connection is a reuse",
    )


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
    lead, idea = _other_rule(wrong)
    return not_yet(
        lead, expected=f"another answer for {_called(wrong[0])}", got=str(bool(said[wrong[0]])), misconception=idea
    )


def _called(case: Case) -> str:
    mode, loopback, mine, theirs = case
    return f"may_reuse({mode}, {loopback}, {mine}, {theirs})"


def _other_rule(wrong: list[Case]) -> tuple[str, str]:
    if any(mode == 0 for mode, *_ in wrong):
        return "With 0 nothing is reused, in any row.", "0 is not off"
    if any(mine is not theirs for _, _, mine, theirs in wrong):
        return "Look at the rows with timestamps on one side: what does the other side echo?", "one side is enough"
    if any(not mine for _, _, mine, _ in wrong):
        return "Look at the rows without timestamps.", "tcp_tw_reuse is enough"
    if any(mode == 2 and not loopback for mode, loopback, *_ in wrong):
        return "2 is the default, and the blog had it when it was refused.", "2 is on, too"
    if any(mode == 2 for mode, *_ in wrong):
        return "What is 2 for? Look at the row of 127.0.0.1.", "2 is off"
    return "And 1: does it ask where the connection goes?", "1 is not for loopback"


# ---- four ports, four reasons


def _four_reasons(evidence: Evidence) -> Verdict:
    return judged_refusals(FOUR_REASONS.answer(evidence), evidence.segments, FOUR_REASONS.drawn(evidence).port)


APART = Exercise(
    "apart_s",
    "How many seconds lay between the blog's last request to one address and its last to the other?",
    _apart,
    hints.APART,
)
SEVEN_ANSWERS = Exercise(
    "seven_answers",
    "Have seven requests to a port answered from one port, each in the place of the one before.",
    _seven_answers,
    hints.SEVEN_ANSWERS,
    Variants("port {port}", {"port": range(9000, 9900, 2)}, while_wrong=True),
)
MAY_REUSE = Exercise(
    "may_reuse",
    "Once the delay is over, when does the kernel put a new connection in the place of a TIME_WAIT?",
    _may_reuse,
    hints.MAY_REUSE,
)
FOUR_REASONS = Exercise(
    "four_reasons",
    "Make connect() fail on four ports, each refused at another question.",
    _four_reasons,
    hints.FOUR_REASONS,
    Variants("port {port}", {"port": range(9001, 9900, 2)}, while_wrong=True),
)

EXERCISES = {exercise.name: exercise for exercise in (APART, SEVEN_ANSWERS, MAY_REUSE, FOUR_REASONS)}
MINUTES = 35
