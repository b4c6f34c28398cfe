"""What an exercise is: a question, a judgement of evidence, and hints that tell less than the answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import TypeGuard

from tcplab.checks.hint import Hints
from tcplab.checks.misconception import Lead, Misconception
from tcplab.checks.variants import Drawn, Variants
from tcplab.model.evidence import Evidence, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Exercise:
    """One thing asked of a learner, and how the evidence for it is judged.

    Args:
        name: what the chapter calls it, `first_closer`; unique in the course
        question: one sentence, as the verdict repeats it
        check: a pure function from evidence to a verdict; never raises, whatever the learner wrote
        misconceptions: the wrong ideas that it foresees, each with a message of its own; the check tells no other
        hints: what helps, in steps; none says the answer
        variants: what of it is drawn for each learner; None where everybody is asked the same
    """

    name: str
    question: str
    check: Callable[[Evidence], Verdict]
    misconceptions: Iterable[Misconception]
    hints: Hints
    variants: Variants | None = None

    def answer(self, evidence: Evidence) -> object:
        """What the learner wrote for this exercise; `...` while nothing is written."""
        return evidence.answers.get(self.name, ...)

    def drawn(self, evidence: Evidence) -> Drawn:
        """What this learner was asked, in numbers."""
        if self.variants is None:
            return Drawn()
        return self.variants.drawn(self.name, evidence.learner, evidence.draws.get(self.name, 0))


def passed(message: str) -> Verdict:
    """The evidence shows what was asked; the message says why that is so."""
    return Verdict(Outcome.PASSED, message)


def not_yet(lead: Lead, *, about: str = "", expected: str = "", got: str = "") -> Verdict:
    """The evidence shows something else.

    Args:
        lead: the foreseen idea that it shows, else words; it leads on and does not give the answer away
        about: which part of the answer it is about, if it has several; said first
        expected: in words
        got: in words
    """
    idea, says = (lead.idea, lead.says) if isinstance(lead, Misconception) else ("", lead)
    return Verdict(Outcome.NOT_YET, f"{about}: {says}" if about else says, expected, got, idea)


def is_open(answer: object) -> bool:
    """Tell whether an answer is still the three dots, or one of those that are asked together is."""
    return answer is ... or (isinstance(answer, Mapping) and ... in answer.values())


def is_positive(answer: object) -> TypeGuard[float]:
    """Tell whether an answer is a number, more than 0 and finite; True is none."""
    return isinstance(answer, int | float) and not isinstance(answer, bool) and 0 < answer < inf


def not_attempted() -> Verdict:
    """There is no answer to judge."""
    return Verdict(Outcome.NOT_ATTEMPTED, "Nothing is written here yet: replace the three dots.")


def unseen(message: str) -> Verdict:
    """There is no evidence to judge; the message says what has to happen first."""
    return Verdict(Outcome.NOT_ATTEMPTED, message, unseen=True)
