"""Every exercise: the untouched one is not attempted, the solution passes, each wrong answer gets its own message."""

import re
from dataclasses import replace

import pytest
from answers import EVERY, KEPT, LABS, TRIES
from exercises import Try, half_written
from tcplab.checks.misconception import Misconception
from tcplab.model.evidence import Evidence, Outcome, Verdict
from verdicts import near, replays

ALSO = [(lab, name, one) for lab, name in EVERY for one in TRIES[lab][name].also]
UNSEEN = [(lab, name, one) for lab, name in EVERY for one in TRIES[lab][name].unseen]
WRONG = [(lab, name, one) for lab, name in EVERY for one in TRIES[lab][name].wrong]


def judged(lab: str, name: str, one: Try, outcome: Outcome) -> Verdict:
    """What is said of an answer on what was recorded with it, once it is what it has to be."""
    verdict = LABS[lab][name].check(TRIES[lab][name].evidence(name, one))
    assert verdict.outcome is outcome, verdict.message
    assert one.says in verdict.message
    return verdict


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_untouched_is_not_attempted(lab, name):
    """Three dots, or no answer at all, are no attempt, with evidence and without."""
    check = LABS[lab][name].check
    for segments in ((), TRIES[lab][name].untouched):
        for answers in ({}, {name: ...}):
            verdict = check(Evidence(segments=segments, answers=answers))
            assert verdict.outcome is Outcome.NOT_ATTEMPTED, verdict.message


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_solution_passes(lab, name):
    """The right answer, on what the wire recorded, passes and says why."""
    judged(lab, name, TRIES[lab][name].solved, Outcome.PASSED)


@pytest.mark.parametrize(("lab", "name", "one"), ALSO, ids=[f"{name}-{at}" for at, (_, name, _) in enumerate(ALSO)])
def test_other_right_answer_passes(lab: str, name: str, one: Try):
    """Who comes to it by another way, or writes it another way, is right as well."""
    judged(lab, name, one, Outcome.PASSED)


@pytest.mark.parametrize(("lab", "name", "one"), UNSEEN, ids=[f"{name}-{at}" for at, (_, name, _) in enumerate(UNSEEN)])
def test_what_cannot_be_judged_yet_is_not_attempted(lab: str, name: str, one: Try):
    """An answer without its evidence is neither right nor wrong, and is told what has to happen first."""
    judged(lab, name, one, Outcome.NOT_ATTEMPTED)


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_half_an_answer_is_no_attempt(lab, name):
    """Three dots in place of any one part of an answer are no attempt."""
    kept = TRIES[lab][name]
    for half in half_written(kept.solved.answer):
        verdict = LABS[lab][name].check(kept.evidence(name, replace(kept.solved, answer=half)))
        assert verdict.outcome is Outcome.NOT_ATTEMPTED, f"{half}: {verdict.message}"


@pytest.mark.parametrize(("lab", "name", "one"), WRONG, ids=[f"{name}-{at}" for at, (_, name, _) in enumerate(WRONG)])
def test_wrong_answer_gets_its_message(lab: str, name: str, one: Try):
    """A wrong answer is not yet right, and is told what leads on, what was expected and what came."""
    assert judged(lab, name, one, Outcome.NOT_YET).got, "Say in `got` what came."


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_at_least_three_wrong_answers_are_kept(lab, name):
    """A check that nobody has tried to fool is not finished: keep three plausible wrong answers."""
    assert len(TRIES[lab][name].wrong) >= 3, f"Add wrong answers of {name} to {KEPT.name}/lab_{lab}.py"


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_each_misconception_has_a_message_of_its_own(lab, name):
    """At least three messages; no two ideas behind wrong answers are told the same; each hears expected and got."""
    kept = TRIES[lab][name]
    verdicts = [LABS[lab][name].check(kept.evidence(name, one)) for one in kept.wrong]
    foreseen = [verdict for verdict in verdicts if verdict.misconception]
    ideas = {(verdict.message, verdict.misconception) for verdict in foreseen}
    messages = [message for message, _ in ideas]
    assert len({verdict.message for verdict in verdicts}) >= 3
    assert len(set(messages)) == len(messages), sorted(one for one in ideas if messages.count(one[0]) > 1)
    assert all(verdict.expected and verdict.got for verdict in foreseen)


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_every_declared_misconception_is_met(lab, name):
    """What an exercise foresees, it tells to some wrong answer; what exercises foresee together, one of them does."""
    told = {
        (verdict.misconception, verdict.message)
        for other, exercise in LABS[lab].items()
        if set(exercise.misconceptions) & set(LABS[lab][name].misconceptions)
        for verdict in (exercise.check(TRIES[lab][other].evidence(other, one)) for one in TRIES[lab][other].wrong)
    }
    unmet = [one for one in LABS[lab][name].misconceptions if not any(_tells(one, *said) for said in told)]
    assert list(LABS[lab][name].misconceptions), f"{name}: declare the wrong ideas that you foresee."
    assert not unmet, f"{name}: keep answers in {KEPT.name}/lab_{lab}.py that show {unmet}."


def _tells(one: Misconception, idea: str, message: str) -> bool:
    """Whether a message is this one's, with anything in its braces, and behind what it is about."""
    says = ".*".join(re.escape(words) for words in re.split(r"\{\w+(?::[^}]*)?\}", one.says))
    return idea == one.idea and re.search(f"{says}$", message) is not None


def test_no_check_tells_an_undeclared_idea():
    """Neither to an answer that is kept, nor to any near to one."""
    for replay in (*replays(), *near()):
        declared = {one.idea for one in LABS[replay.lab][replay.name].misconceptions}
        told = set(replay.said[4:5])  # an error, where a check raises, says no more than its name
        assert told <= {"", *declared}, f"{replay.name} does not declare {told}."


@pytest.mark.parametrize(("lab", "name"), EVERY)
@pytest.mark.parametrize("answer", [object(), b"\xff", float("nan"), [[]], {"a": {}}, {1: ...}, -1, "", True, int])
def test_no_answer_makes_a_check_raise(lab, name, answer):
    """Whatever a learner writes gets a verdict."""
    kept = TRIES[lab][name]
    for segments in ((), kept.solved.segments or ()):
        verdict = LABS[lab][name].check(Evidence(segments=segments, answers={name: answer}))
        assert verdict.outcome in Outcome


@pytest.mark.parametrize(("lab", "name"), EVERY)
def test_exercise_says_what_it_asks(lab, name):
    """An exercise is found by its own name, and asks in one sentence."""
    exercise = LABS[lab][name]
    assert exercise.name == name
    assert exercise.question.endswith(("?", "."))


def test_names_are_unique_in_the_course():
    """check("NAME") means one exercise."""
    names = [name for _, name in EVERY]
    assert len(set(names)) == len(names), f"Rename one of: {sorted({n for n in names if names.count(n) > 1})}"
