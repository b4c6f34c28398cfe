"""What the learner has passed, kept beside the notebooks and shown as the course map."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
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


def course_map(standing: Mapping[str, Outcome]) -> str:
    """Return the map as text, from how each exercise stands."""
    labs = exercises()
    every = [name for lab in labs.values() for name in lab]
    done = sum(standing.get(name) is Outcome.PASSED for name in every)
    rows: list[tuple[str, ...]] = [(number, _title(number), *_standing(lab, standing)) for number, lab in labs.items()]
    next_lab = next((row for row in rows if row[2].strip("■")), None)
    lead = f"{done} of {len(every)} checks passed."
    if next_lab is not None:
        lead += f" Next: lab {next_lab[0]}."
    return "\n".join([lead, "■ passed, ◧ not yet, □ not attempted", "", table(rows)])


def _standing(lab: Mapping[str, object], standing: Mapping[str, Outcome]) -> tuple[str, str]:
    outcomes = [standing.get(name, Outcome.NOT_ATTEMPTED) for name in lab]
    marks = "".join(MARKS[outcome] for outcome in outcomes)
    return marks, f"{outcomes.count(Outcome.PASSED)}/{len(outcomes)}"


def _title(number: str) -> str:
    said = import_module(f"tcplab.checks.lab_{number}").__doc__ or ""
    return said.partition("\n")[0].removeprefix(f"Lab {number}: ")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    store = sqlite3.connect(path, timeout=_BUSY_S)
    try:
        yield store
    finally:
        store.close()
