"""What helps with an exercise, in steps, chosen by what the learner has done so far."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tcplab.model.evidence import Outcome, Verdict

UNTOUCHED = "untouched"
"""Where nothing is written or done yet."""
UNSEEN = "unseen"
"""Where there is an answer, or a start, and not yet the evidence for it."""


@dataclass(frozen=True, slots=True)
class Hints:
    """The hints of an exercise. None says the answer, and nobody counts them.

    Args:
        steps: for everybody, each tells more than the one before
        sibling: the last step: another problem of the kind, worked to its end
        on: for who stands at a certain point, told before the steps: by the misconception that the answer shows, or
            UNTOUCHED, UNSEEN
    """

    steps: tuple[str, ...]
    sibling: str
    on: Mapping[str, str] = field(default_factory=dict)

    def following(self, verdict: Verdict | None, told: Collection[str]) -> str:
        """The next step for somebody.

        Args:
            verdict: on what they did last; None before the first check
            told: the steps that they have had
        """
        fitting = self.on.get(where(verdict), "")
        steps = (fitting, *self.steps) if fitting else self.steps
        return next((step for step in steps if step not in told), self.sibling)


def where(verdict: Verdict | None) -> str:
    """At which point somebody stands: a misconception, UNTOUCHED, UNSEEN, or "" for any other."""
    if verdict is None or verdict.outcome is Outcome.NOT_ATTEMPTED:
        return UNSEEN if verdict and verdict.unseen else UNTOUCHED
    return verdict.misconception
