"""Every answer that is kept, and the verdict it gets: replayed, and written down word by word to be read.

`python tests/verdicts.py` writes course/verdicts/lab_NN.txt anew. Read the difference before you commit it: these are
the words that learners get.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import tcplab.checks.quiz
from answers import EVERY, LABS, TRIES
from exercises import half_written
from nearby import nearby
from tcplab.model.evidence import Evidence, Outcome, Verdict

Said = tuple[object, ...]
MOST = 300
DRAWN, QUIZ, NO_QUIZ = "drawn", "quiz", "a lab without a quiz"
WRITTEN = Path(__file__).with_name("course") / "verdicts"
ODD: tuple[object, ...] = (
    b"\xff",
    float("nan"),
    float("inf"),
    [[]],
    {"a": {}},
    {1: ...},
    -1,
    0,
    "",
    True,
    None,
    (1, 2),
)
LEARNERS = [f"learner {number}" for number in range(20)]
_MARKS = {Outcome.PASSED: "■", Outcome.NOT_YET: "◧", Outcome.NOT_ATTEMPTED: "□"}


@dataclass(frozen=True, slots=True)
class Replay:
    """One answer with its evidence: of which lab's exercise, which of those kept, and what it must be told."""

    lab: str
    name: str
    what: str
    evidence: Evidence
    said: Said

    def holds(self, exercises: Mapping[str, Any]) -> bool:
        """Whether its lab's exercises say the same; their values may be of classes that were made anew."""
        exercise = exercises[self.name]
        return (drawn(exercise) if self.what == DRAWN else told(exercise.check, self.evidence)) == self.said


@dataclass(frozen=True, slots=True)
class Quizzed:
    """A quiz's question as if it were an exercise, whose answer is one of the choices."""

    asks: str
    judged: Callable[[str], Verdict]
    variants: None = None

    def check(self, evidence: Evidence) -> Verdict:
        """Judge what is chosen."""
        return self.judged(str(evidence.answers[self.asks]))


def quizzed(quiz: Any) -> dict[str, Quizzed]:
    """Every question of tcplab.checks.quiz, by what it asks; and what is said of a lab that has none."""
    asked = [one for lab in (*LABS, "before") for one in quiz.questions(lab)]
    return {NO_QUIZ: Quizzed(NO_QUIZ, quiz.questions), **{one.asks: Quizzed(one.asks, one.judged) for one in asked}}


def drawn(exercise: Any) -> Said:
    """What is drawn for an exercise, for nobody first, and whether it stays while an answer is wrong."""
    variants, shown = exercise.variants, str(dict(exercise.drawn(Evidence()).numbers))
    if not variants:
        return (shown,)
    first = str(dict(variants.drawn(exercise.name).numbers))
    return (shown, variants.says, str(dict(variants.choices)), variants.while_wrong, first)


def told(check: Callable[[Evidence], Verdict], evidence: Evidence) -> Said:
    """What a verdict says, in a tuple; of a check that raises over a value that no part of the course makes, the error.

    The notebook and a grader make a verdict of that, too (tcplab.notebook.gather.judged).
    """
    try:
        verdict = check(evidence)
    except Exception as error:  # noqa: BLE001 (that is what is told)
        return (type(error).__name__,)
    said = (getattr(verdict, each.name) for each in fields(Verdict))
    return tuple(re.sub(r"\{([^{}:]*)\}", _in_order, one) if isinstance(one, str) else one for one in said)


def _in_order(words: re.Match[str]) -> str:
    """A set's repr, in an order that is the same each time."""
    return f"{{{', '.join(sorted(words[1].split(', ')))}}}"


@cache
def replays() -> tuple[Replay, ...]:
    """All that is kept, with what the checks say of it now."""
    return tuple(
        Replay(lab, name, what, evidence, told(LABS[lab][name].check, evidence))
        for lab, known in LABS.items()
        for name in known
        for what, evidence in _kept(lab, name)
    )


@cache
def besides() -> tuple[Replay, ...]:
    """What is drawn for each exercise, and what each choice in a quiz is told."""
    asked = [Replay(lab, name, DRAWN, Evidence(), drawn(LABS[lab][name])) for lab, name in EVERY]
    chosen = [
        Replay(QUIZ, one.asks, QUIZ, evidence, told(one.check, evidence))
        for one in quizzed(tcplab.checks.quiz).values()
        for choice in (*_choices(one.asks), "something else")
        for evidence in [Evidence(answers={one.asks: choice})]
    ]
    return (*asked, *chosen)


def _choices(asks: str) -> list[str]:
    asked = [one for lab in (*LABS, "before") for one in tcplab.checks.quiz.questions(lab)]
    return next((one.choices for one in asked if one.asks == asks), [])


@cache
def near() -> tuple[Replay, ...]:
    """What lies next to what is kept, as many as MOST of an exercise."""
    found = []
    for lab, name in EVERY:
        kept = [replay for replay in replays() if replay.name == name and replay.what.startswith(("solved", "wrong"))]
        around = [evidence for replay in kept for evidence in nearby(replay.evidence, name)]
        some = around[:: -(-len(around) // MOST)] if around else []
        found += [Replay(lab, name, "near", one, told(LABS[lab][name].check, one)) for one in some]
    return tuple(found)


def _kept(lab: str, name: str) -> Iterator[tuple[str, Evidence]]:
    """The evidence of one exercise: untouched, solved, wrong, odd, and drawn for others."""
    tries, exercise = TRIES[lab][name], LABS[lab][name]
    yield "without an answer", Evidence()
    yield "untouched", Evidence(segments=tries.untouched, answers={name: ...})
    yield "solved, unseen", Evidence(answers={name: tries.solved.answer})
    for number, one in enumerate(tries.unseen, 1):
        yield f"unseen {number}", tries.evidence(name, one)
    for number, one in enumerate(half_written(tries.solved.answer), 1):
        yield f"half written {number}", tries.evidence(name, replace(tries.solved, answer=one))
    yield "solved", tries.evidence(name, tries.solved)
    for number, one in enumerate(tries.also, 1):
        yield f"solved otherwise {number}", tries.evidence(name, one)
    for number, one in enumerate(tries.wrong, 1):
        yield f"wrong {number}", tries.evidence(name, one)
    for odd in ODD:
        yield f"odd {odd!r}", Evidence(answers={name: odd})
        yield f"odd {odd!r} after the lab", Evidence(segments=tries.solved.segments or (), answers={name: odd})
    if exercise.variants and tries.varied:
        for learner in LEARNERS:
            solved = tries.varied(exercise.variants.drawn(name, learner))
            for draws in (0, 1):
                yield f"{learner}, {draws} draws later", tries.evidence(name, solved, learner, draws)


def written(lab: str) -> str:
    """The verdicts of a lab's exercises as text: what is odd or drawn for others is left out."""
    lines, name = [], ""
    for replay in replays():
        if replay.lab != lab or replay.what.startswith(("odd", "learner", "half")):
            continue
        if replay.name != name:
            name = replay.name
            lines += ["", f"# {name}: {LABS[lab][name].question}", "", *_shown(LABS[lab][name])]
        verdict = Verdict(*replay.said)  # type: ignore[arg-type]
        lines += [f"{replay.what:20}{_MARKS[verdict.outcome]} {verdict.message}"]
        if verdict.expected or verdict.got:
            lines += [f"{'':22}expected {verdict.expected} | got {verdict.got}"]
        if verdict.misconception:
            lines += [f"{'':22}idea     {verdict.misconception}"]
    around = {known: [replay.said for replay in near() if replay.name == known] for known in LABS[lab]}
    digests = [f"{known:20}{len(of):4} nearby  {_digest(of)}" for known, of in around.items()]
    return "\n".join([*lines[1:], "", "# What is said of answers near to these", "", *digests]) + "\n"


def _shown(exercise: Any) -> list[str]:
    if not exercise.variants:
        return []
    _, says, choices, stays, _ = drawn(exercise)
    return [f"{DRAWN:22}{says}: {choices}, {'the same while wrong' if stays else 'another after each wrong answer'}"]


def _digest(said: list[Said]) -> str:
    return sha256("\n".join(map(repr, said)).encode()).hexdigest()[:16]


if __name__ == "__main__":
    WRITTEN.mkdir(exist_ok=True)
    for number in LABS:
        (WRITTEN / f"lab_{number}.txt").write_text(written(number), encoding="utf-8")
    sys.stdout.write(f"{len(replays()) + len(near())} verdicts, {len(LABS)} files\n")
