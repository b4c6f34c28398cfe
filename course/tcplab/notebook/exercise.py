"""Predict, check, hint: what a lab asks of a learner, and how it answers.

A check is a pure function from Evidence to a Verdict (tcplab.checks). Here the evidence is gathered from the newest
bed, the verdict is printed, and the progress kept. A grader does without this module: it gathers its own evidence, or
calls `gather`, and then `exercise_named(name).check(evidence)`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.checks import exercise_named
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import kept
from tcplab.notebook.gather import gather, judged
from tcplab.notebook.progress import MARKS
from tcplab.notebook.say import in_words, table
from tcplab.notebook.store import unsaid
from tcplab.notebook.tasks import drawn_anew

if TYPE_CHECKING:
    from tcplab.testbed import Testbed

_predictions: dict[str, object] = {}
_verdicts: dict[str, Verdict] = {}
_told: dict[str, list[str]] = {}
_happened: dict[str, object] = {}
_last_printed: Verdict | None = None


def predict(name: str, /, *values: object, **named: object) -> None:
    """Keep a prediction, to be looked at again when it has happened.

    Args:
        name: what is predicted, as the lab calls it
        values: the learner's guess, `...` while there is none; several are taken as a tuple, keywords as a dict

    >>> predict("client_state", "FIN_WAIT2")
    predicted  client_state: FIN_WAIT2
    """
    value = _as_one(values, named)
    if value is ...:
        _predictions.pop(name, None)
        print(f"□ {name}: no prediction yet. Replace the three dots with your guess, then run the cell again.")
        return
    _predictions[name] = value
    print(f"predicted  {name}: {in_words(value)}")
    if lab := kept.lab_at_hand():
        kept.keep_prediction(lab, name, value)
        _say_if_not_kept()


def predictions(**happened: object) -> None:
    """Print what was predicted; with keywords, beside what happened.

    >>> predict("client_state", "FIN_WAIT2"); predictions(client_state="LAST_ACK")
    predicted  client_state: FIN_WAIT2
                  predicted  happened
    client_state  FIN_WAIT2  LAST_ACK
    """
    _happened.update(happened)
    names = list(happened or _predictions)
    if not names:
        print("Nothing is predicted yet.")
        return
    rows = [("", "predicted", *(("happened",) if happened else ()))]
    for name in names:
        after = (in_words(happened[name]),) if happened else ()
        rows += [(name, in_words(_predictions.get(name, ...)), *after)]
    print(table(rows))


def seen_here() -> tuple[dict[str, object], dict[str, object]]:
    """Return what was predicted in this notebook, and what was set beside it, both by name."""
    return dict(_predictions), dict(_happened)


def check(
    name: str,
    /,
    *answers: object,
    bed: "Testbed | None" = None,
    files: Iterable[str | Path] = (),
    **named: object,
) -> Verdict:
    """Judge an exercise on the evidence, print the verdict and return it; a wrong answer never raises.

    Args:
        name: the exercise's
        answers: one is taken as it is, several as a tuple, keywords as a dict; `...` says: not attempted
        bed: whose wire, sockets and counters are the evidence; the newest by default
        files: what the learner wrote and the check shall read

    Raises:
        BadValue: there is no exercise of that name

    >>> check("refused_segments", ...).passed
    □ not attempted  Nothing is written here yet: replace the three dots.
    False
    """
    exercise = exercise_named(name)
    evidence = gather(bed, {**_predictions, name: _as_one(answers, named)}, files)
    verdict = judged(name, evidence)

    _print(verdict)
    _verdicts[name] = verdict
    if verdict.outcome is Outcome.NOT_YET:
        print(f'  next step: hint("{name}")')
    if verdict.outcome is Outcome.NOT_YET and (asked := drawn_anew(exercise)):
        print(f"  from now on, for you: {asked}")
    if verdict.passed:
        print(f'  our way, to compare: solution("{name}")')
    kept.keep_attempt(name, verdict, evidence.answers[name])
    _say_if_not_kept()
    return verdict


def _as_one(values: tuple[object, ...], named: dict[str, object]) -> object:
    """Take one value as it is, several as a tuple, keywords as a dict, none as three dots."""
    return named or (values[0] if len(values) == 1 else values or ...)


def in_full(verdict: Verdict) -> str:
    """Return a verdict as it is printed: its mark, its message, then expected and got in words."""
    lines = [f"{MARKS[verdict.outcome]} {verdict.outcome}  {verdict.message}"]
    if verdict.expected:
        lines.append(f"  expected  {verdict.expected}")
    if verdict.got:
        lines.append(f"  got       {verdict.got}")
    return "\n".join(lines)


def points(name: str) -> int:
    """Return what the last check of an exercise is worth: 1 where it passed, else 0. For nbgrader, which adds them up.

    >>> points("refused_segments")
    0
    """
    verdict = _verdicts.get(name)
    return int(verdict is not None and verdict.passed)


def just_printed(verdict: Verdict) -> bool:
    """Tell whether `check` printed this very verdict last; asked by the notebook, which shows a cell's last value."""
    return verdict is _last_printed


def _print(verdict: Verdict) -> None:
    global _last_printed
    _last_printed = verdict
    print(in_full(verdict))


def hint(name: str) -> None:
    """Print the next hint of an exercise, chosen by what you did last; in the end one like it, worked.

    Raises:
        BadValue: there is no exercise of that name

    >>> hint("changed_where")
    hint: The first line is the client's file, the second the server's; the third compares your machine's.
    """
    hints, told = exercise_named(name).hints, _told.setdefault(name, [])
    step = hints.following(_verdicts.get(name) or _kept_verdict(name), told)
    print(f"a problem like it, worked: {step}" if step == hints.sibling else f"hint: {step}")
    if step not in told:
        told.append(step)
        kept.keep_hint(name, len(told))
        _say_if_not_kept()


def _kept_verdict(name: str) -> Verdict | None:
    """Return how the last attempt came out, in whichever session that was."""
    tried = kept.attempts(name)
    return Verdict(tried[-1].outcome, tried[-1].message, misconception=tried[-1].misconception) if tried else None


def _say_if_not_kept() -> None:
    if why := unsaid():
        print(why)
