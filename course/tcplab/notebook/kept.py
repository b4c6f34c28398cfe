"""What is kept of a learner's work: predictions, attempts, hints, answers in a quiz, and what variants are drawn from.

Values are kept in words, as the learner was shown them. None of these functions raises because the file cannot be
written or read: see store.py.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook.say import in_words
from tcplab.notebook.store import change, rows

_EXERCISE = "insert into exercise (name, passed, tries) values (?, 0, 0) on conflict do nothing"
_ATTEMPT = "exercise, at, outcome, answer, message, misconception"
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}


def now() -> str:
    """Return the time as it is kept, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def lab_at_hand() -> str:
    """Return the number of the lab whose notebook this is, as JupyterLab names it; empty where nobody does."""
    found = re.match(r"(\d\d)-", Path(os.environ.get("JPY_SESSION_NAME", "")).name)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that an exercise was checked, with an answer or evidence there to be judged."""

    exercise: str
    at: str
    outcome: Outcome
    answer: str
    message: str
    misconception: str


def keep_attempt(name: str, verdict: Verdict, answer: object = ..., *, folder: Path | None = None) -> None:
    """Keep how a check came out; what was passed once stays passed, and what was not attempted is not kept."""
    if verdict.outcome is Outcome.NOT_ATTEMPTED:
        return
    said = (name, now(), str(verdict.outcome), in_words(answer), verdict.message, verdict.misconception)
    change(
        (_EXERCISE, (name,)),
        ("update exercise set passed = max(passed, ?), tries = tries + 1 where name = ?", (verdict.passed, name)),
        (f"insert into attempt ({_ATTEMPT}) values (?, ?, ?, ?, ?, ?)", said),  # noqa: S608
        folder=folder,
    )


def attempts(name: str, *, folder: Path | None = None) -> list[Attempt]:
    """Return the attempts at an exercise, the first one first."""
    asked = (
        "select exercise, at, outcome, answer, message, misconception from attempt where exercise = ? order by number"
    )
    return [
        Attempt(exercise, at, _OUTCOMES[outcome], *rest)
        for exercise, at, outcome, *rest in rows(asked, name, folder=folder)
    ]


def passed(name: str, *, folder: Path | None = None) -> bool:
    """Tell whether an exercise was ever passed."""
    return bool(rows("select 1 from exercise where name = ? and passed", name, folder=folder))


def keep_hint(name: str, step: int, *, folder: Path | None = None) -> None:
    """Keep that hints were seen up to a step, from 1."""
    change(
        (_EXERCISE, (name,)),
        ("update exercise set hints = max(hints, ?) where name = ?", (step, name)),
        folder=folder,
    )


def hints_seen(name: str, *, folder: Path | None = None) -> int:
    """Return up to which step an exercise's hints were seen; 0 for none."""
    found = rows("select hints from exercise where name = ?", name, folder=folder)
    return int(found[0][0]) if found else 0


def learner(*, folder: Path | None = None) -> str:
    """Return for whom variants are drawn, a number that means nothing else; empty until `introduce`."""
    found = rows("select seed from learner", folder=folder)
    return str(found[0][0]) if found else ""


def introduce(*, folder: Path | None = None) -> str:
    """Give the learner a number, if there is none yet, and return it."""
    if not learner(folder=folder):
        one = "insert into learner select abs(random() % 2147483648) where not exists (select 1 from learner)"
        change((one, ()), folder=folder)
    return learner(folder=folder)


def draws(*, folder: Path | None = None) -> dict[str, int]:
    """Return how often each exercise was drawn anew; those that never were are left out."""
    return dict(rows("select name, draws from exercise where draws > 0", folder=folder))


def draw_again(name: str, *, folder: Path | None = None) -> None:
    """Count that an exercise was drawn anew."""
    change(
        (_EXERCISE, (name,)),
        ("update exercise set draws = draws + 1 where name = ?", (name,)),
        folder=folder,
    )


def keep_prediction(lab: str, name: str, value: object, *, folder: Path | None = None) -> None:
    """Keep what was predicted, in place of what was predicted before; `...` takes it back."""
    said = None if value is ... else in_words(value)
    _keep_of_prediction("predicted", lab, name, said, folder)


def keep_what_happened(lab: str, name: str, value: object, *, folder: Path | None = None) -> None:
    """Keep what happened, beside what was predicted."""
    _keep_of_prediction("happened", lab, name, in_words(value), folder)


def _keep_of_prediction(column: str, lab: str, name: str, said: str | None, folder: Path | None) -> None:
    change(
        ("insert into prediction (lab, name, at) values (?, ?, ?) on conflict do nothing", (lab, name, now())),
        (f"update prediction set {column} = ? where lab = ? and name = ?", (said, lab, name)),  # noqa: S608
        folder=folder,
    )


def predicted(lab: str, *, folder: Path | None = None) -> dict[str, tuple[str | None, str | None]]:
    """Return a lab's predictions in words: by name, what was predicted and what happened, None where neither is."""
    found = rows("select name, predicted, happened from prediction where lab = ? order by at", lab, folder=folder)
    return {name: (before, after) for name, before, after in found}


def keep_choice(lab: str, question: str, choice: str, *, is_right: bool, folder: Path | None = None) -> None:
    """Keep what was chosen in a quiz, in place of what was chosen before."""
    change(
        ("insert or replace into quiz values (?, ?, ?, ?, ?)", (lab, question, choice, is_right, now())),
        folder=folder,
    )


def chosen(lab: str, *, folder: Path | None = None) -> dict[str, tuple[str, bool]]:
    """Return what was chosen in a lab's quiz: by question, the choice, and whether it is right."""
    found = rows("select question, choice, is_right from quiz where lab = ? order by at", lab, folder=folder)
    return {question: (choice, bool(is_right)) for question, choice, is_right in found}
