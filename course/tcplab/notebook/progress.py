"""What the learner has passed, shown as the course map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tcplab.checks import exercises
from tcplab.model.evidence import Outcome
from tcplab.notebook.say import table
from tcplab.notebook.store import rows

MARKS = {Outcome.PASSED: "■", Outcome.NOT_YET: "◧", Outcome.NOT_ATTEMPTED: "□"}
"""Filled, half filled, empty: the shape says it, no colour is needed."""


def recorded(folder: Path | None = None) -> dict[str, Outcome]:
    """Return how each exercise that was tried stands; empty where nothing was kept, or it cannot be read."""
    found = rows("select name, passed from exercise where tries > 0", folder=folder)
    return {name: Outcome.PASSED if passed else Outcome.NOT_YET for name, passed in found}


def progress(folder: Path | None = None) -> None:
    """Print where the learner stands: one line a lab, one mark an exercise.

    Args:
        folder: where the notebooks are; the working directory by default
    """
    print(course_map(recorded(folder)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a learner stands in one lab: how each of its exercises came out, and how long the whole lab takes."""

    number: str
    title: str
    minutes: int
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> int:
        """Return how many exercises are passed."""
        return self.outcomes.count(Outcome.PASSED)

    @property
    def minutes_left(self) -> int:
        """Return how long the rest takes, to five minutes: its share of the exercises."""
        share = 1 - self.passed / len(self.outcomes)
        return max(5, 5 * round(self.minutes * share / 5)) if share else 0


def standings(outcomes: Mapping[str, Outcome]) -> list[Standing]:
    """Return where the learner stands in each lab, from how each exercise stands."""
    found = []
    for number, lab in exercises().items():
        module = import_module(f"tcplab.checks.lab_{number}")
        title = (module.__doc__ or "").partition("\n")[0].removeprefix(f"Lab {number}: ")
        stand = tuple(outcomes.get(name, Outcome.NOT_ATTEMPTED) for name in lab)
        found.append(Standing(number, title, module.MINUTES, stand))
    return found


def next_lab(labs: Sequence[Standing]) -> Standing | None:
    """Return the first lab that is not done yet."""
    return next((lab for lab in labs if lab.passed < len(lab.outcomes)), None)


def lead(labs: Sequence[Standing]) -> str:
    """Say in one line what is done, and what is next."""
    done, every = sum(lab.passed for lab in labs), sum(len(lab.outcomes) for lab in labs)
    said, coming = f"{done} of {every} checks passed.", next_lab(labs)
    return f"{said} Next: lab {coming.number}, about {coming.minutes_left} minutes." if coming else said


def course_map(outcomes: Mapping[str, Outcome]) -> str:
    """Return the map as text, from how each exercise stands."""
    labs = standings(outcomes)
    rows: list[tuple[str, ...]] = []
    for lab in labs:
        marks = "".join(MARKS[outcome] for outcome in lab.outcomes)
        rows.append((lab.number, lab.title, marks, f"{lab.passed}/{len(lab.outcomes)}", f"{lab.minutes} min"))
    return "\n".join([lead(labs), "■ passed, ◧ not yet, □ not attempted", "", table(rows)])
