"""Every answer that is kept, and the verdict it gets: replayed, and written down word by word to be read.

`python tests/verdicts.py` writes course/verdicts/lab_NN.txt anew. Read the difference before you commit it: these are
the words that learners get.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from answers import LABS, TRIES
from tcplab.model.evidence import Evidence, Outcome, Verdict

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
    verdict: Verdict

    def holds(self, exercises: Mapping[str, Any]) -> bool:
        """Whether these exercises say the same; their values may be of classes that were made anew."""
        said = exercises[self.name].check(self.evidence)
        return all(getattr(said, each.name) == getattr(self.verdict, each.name) for each in fields(Verdict))


@cache
def replays() -> tuple[Replay, ...]:
    """All that is kept, with what the checks say of it now."""
    return tuple(
        Replay(lab, name, what, evidence, LABS[lab][name].check(evidence))
        for lab, known in LABS.items()
        for name in known
        for what, evidence in _kept(lab, name)
    )


def _kept(lab: str, name: str) -> Iterator[tuple[str, Evidence]]:
    """The evidence of one exercise: untouched, solved, wrong, odd, and drawn for others."""
    tries, exercise = TRIES[lab][name], LABS[lab][name]
    yield "without an answer", Evidence()
    yield "untouched", Evidence(segments=tries.untouched, answers={name: ...})
    yield "solved, unseen", Evidence(answers={name: tries.solved.answer})
    for number, one in enumerate(tries.unseen, 1):
        yield f"unseen {number}", tries.evidence(name, one)
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
        if replay.lab != lab or replay.what.startswith(("odd", "learner")):
            continue
        if replay.name != name:
            name = replay.name
            lines += ["", f"# {name}: {LABS[lab][name].question}", ""]
        verdict = replay.verdict
        lines += [f"{replay.what:20}{_MARKS[verdict.outcome]} {verdict.message}"]
        if verdict.expected or verdict.got:
            lines += [f"{'':22}expected {verdict.expected} | got {verdict.got}"]
        if verdict.misconception:
            lines += [f"{'':22}idea     {verdict.misconception}"]
    return "\n".join(lines[1:]) + "\n"


if __name__ == "__main__":
    WRITTEN.mkdir(exist_ok=True)
    for number in LABS:
        (WRITTEN / f"lab_{number}.txt").write_text(written(number), encoding="utf-8")
    sys.stdout.write(f"{len(replays())} verdicts, {len(LABS)} files\n")
