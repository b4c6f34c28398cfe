"""What the learner has passed, kept beside the notebooks and shown as the course map."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tcplab.checks import exercises
from tcplab.model.evidence import Outcome
from tcplab.notebook.say import table

FILE = ".tcplab-progress.db"

MARKS = {Outcome.PASSED: "■", Outcome.NOT_YET: "◧", Outcome.NOT_ATTEMPTED: "□"}
"""Filled, half filled, empty: the shape says it, no colour is needed."""

_MAKE = """
create table if not exists exercise (
    name text primary key,
    passed integer not null,
    tries integer not null
) without rowid
"""
_RECORD = """
insert into exercise values (?, ?, 1)
on conflict do update set passed = max(passed, excluded.passed), tries = tries + 1
"""
_BUSY_S = 5.0


def record(name: str, outcome: Outcome, folder: Path | None = None) -> str:
    """Keep how a check came out; what was passed once stays passed.

    Args:
        name: the exercise's
        outcome: of the check; nothing is kept of what was not attempted
        folder: where the notebooks are; the working directory by default

    Returns: an empty string, or one sentence saying why nothing could be kept. Nothing is raised: a lab runs on
    without its progress.
    """
    if outcome is Outcome.NOT_ATTEMPTED:
        return ""
    path = (folder or Path.cwd()) / FILE
    try:
        with _opened(path) as store, store:
            store.execute(_MAKE)
            store.execute(_RECORD, (name, outcome is Outcome.PASSED))
    except (sqlite3.Error, OSError) as error:
        return f"Your progress is not kept: {path.name} cannot be written here ({error})."
    return ""


def recorded(folder: Path | None = None) -> dict[str, Outcome]:
    """Return how each exercise that was tried stands; empty where nothing was kept, or it cannot be read."""
    path = (folder or Path.cwd()) / FILE
    if not path.exists():
        return {}
    try:
        with _opened(path) as store:
            rows = store.execute("select name, passed from exercise").fetchall()
    except (sqlite3.Error, OSError):
        return {}
    return {name: Outcome.PASSED if passed else Outcome.NOT_YET for name, passed in rows}


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


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    store = sqlite3.connect(path, timeout=_BUSY_S)
    try:
        yield store
    finally:
        store.close()
