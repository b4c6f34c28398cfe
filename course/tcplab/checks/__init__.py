"""The exercises of every lab: pure functions from evidence to a verdict, so that a grader needs no notebook.

`check("NAME", answer)` in a lab becomes `exercise_named("NAME").check(Evidence(…, answers={"NAME": answer}))`.
"""

from importlib import import_module
from pkgutil import iter_modules

from tcplab.checks.exercise import Exercise
from tcplab.errors import BadValue

__all__ = ["Exercise", "exercise_named", "exercises"]


def exercises() -> dict[str, dict[str, Exercise]]:
    """Every exercise of the course: for each lab's number ("00"), its exercises by name, in the lab's order."""
    labs = sorted(module.name for module in iter_modules(__path__) if module.name.startswith("lab_"))
    return {lab.removeprefix("lab_"): import_module(f"{__name__}.{lab}").EXERCISES for lab in labs}


def exercise_named(name: str) -> Exercise:
    """The exercise of that name.

    Raises:
        BadValue: no lab has it; the message lists those that exist
    """
    known = {exercise.name: exercise for lab in exercises().values() for exercise in lab.values()}
    if name not in known:
        raise BadValue("exercise", name, ", ".join(known))
    return known[name]
