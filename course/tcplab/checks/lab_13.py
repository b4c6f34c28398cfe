"""Lab 13: Incident: what is wrong here?"""

from collections.abc import Callable

from tcplab.checks.exercise import Exercise
from tcplab.checks.hint import Hints
from tcplab.checks.hints import lab_13 as hints
from tcplab.checks.incident import FORESEEN, judged_case
from tcplab.model.evidence import Evidence, Verdict


def _judged(name: str) -> Callable[[Evidence], Verdict]:
    return lambda evidence: judged_case(evidence.answers.get(name, ...))


def _night(name: str, question: str, steps: Hints) -> Exercise:
    return Exercise(name, question, _judged(name), FORESEEN, steps)


_ALL = (
    _night("first_night", "Which side and which mechanism make pages fail, and what mends it?", hints.FIRST_NIGHT),
    _night(
        "second_night",
        "Which side and which mechanism make the first order after a quiet spell fail, and what mends it?",
        hints.SECOND_NIGHT,
    ),
    _night("third_night", "Which two things are wrong, and what mends each?", hints.THIRD_NIGHT),
    _night("your_night", "What is wrong, and what mends it?", hints.YOUR_NIGHT),
)
EXERCISES = {exercise.name: exercise for exercise in _ALL}
MINUTES = 45
