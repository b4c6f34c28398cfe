"""What a learner is asked in numbers: drawn for them, and drawn anew where a guess went wrong."""

import os

from tcplab.checks import Exercise, exercise_named
from tcplab.checks.variants import Drawn, Variants
from tcplab.errors import BadValue
from tcplab.notebook import kept

SEED = "TCPLAB_SEED"
"""Stands for the learner where it is set, by a grader for one; empty, everybody gets what the solutions show."""


def learner() -> str:
    """Return for whom tasks are drawn."""
    return os.environ[SEED] if SEED in os.environ else kept.learner()


def draws() -> dict[str, int]:
    """Return how often each exercise was drawn anew."""
    return kept.draws()


def task(name: str, /, *, again: bool = False) -> Drawn:
    """Print what an exercise asks of you in numbers, and return them, each by its name.

    They are yours, and stay: a wrong guess draws others, and so does again=True.

    Args:
        name: the exercise's
        again: draw others

    Raises:
        BadValue: there is no exercise of that name, or everybody is asked the same there

    >>> task("lost_twice").port
    for you: port 9000
    9000
    """
    exercise = exercise_named(name)
    if exercise.variants is None:
        raise BadValue("exercise", name, "one whose numbers are drawn")
    if SEED not in os.environ:
        kept.introduce()
    if again:
        kept.draw_again(name)
    drawn, said = _drawn(name, exercise.variants)
    print(f"for you: {said}")
    return drawn


def drawn_anew(exercise: Exercise) -> str:
    """Draw other numbers after a wrong answer that could be a guess; return what is asked now, empty if the same."""
    if exercise.variants is None or exercise.variants.while_wrong:
        return ""
    kept.draw_again(exercise.name)
    return _drawn(exercise.name, exercise.variants)[1]


def _drawn(name: str, variants: Variants) -> tuple[Drawn, str]:
    drawn = variants.drawn(name, learner(), draws().get(name, 0))
    return drawn, variants.says.format_map(drawn.numbers)
