"""Hints of every exercise: fitting for each answer that is kept, a worked sibling in the end, never the solution."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from answers import EVERY, LABS, TRIES
from chapter import read
from make_labs import claims
from tcplab.checks.hint import UNTOUCHED, where
from verdicts import replays

CHAPTERS = Path(__file__).resolve().parents[2] / "course" / "chapters"
CELLS = {path.stem[:2]: read(path, frozenset(claims())) for path in sorted(CHAPTERS.glob("*.md"))}
each_exercise = pytest.mark.parametrize(("lab", "name"), EVERY)


def hints(lab: str, name: str) -> list[str]:
    """All that may be told about an exercise."""
    of = LABS[lab][name].hints
    return [*of.steps, of.sibling, *of.on.values()]


def solution(lab: str, name: str) -> Iterator[str]:
    """The lines of an exercise's solution that hold more than a word, comments left out."""
    for cell in CELLS[lab]:
        if "exercise" in cell.tags and cell.name == name:
            for block in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL):
                yield from (line for raw in block.splitlines() if len(line := raw.partition("#")[0].strip()) > 12)


def numbers(answer: object) -> Iterator[str]:
    """The numbers of an answer that nobody would hit upon by chance."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    for one in answer if isinstance(answer, list | tuple | set) else [answer]:
        if type(one) in (int, float) and len(f"{one:g}") > 2:
            yield from {f"{one:g}", f"{one:,g}", f"{one:,}"}


@each_exercise
def test_an_exercise_has_steps_a_fitting_one_and_a_sibling(lab, name):
    """At least two steps for everybody, one for somebody, and a problem like it, worked, in the end."""
    of = LABS[lab][name].hints
    assert len(of.steps) >= 2, f"{name}: give at least two steps, each telling more than the one before."
    assert of.on, f"{name}: say something to those who show a certain idea."
    assert len(of.sibling) > max(map(len, of.steps)) / 2, f"{name}: work a problem like it to its end."
    assert len(set(hints(lab, name))) >= len(of.steps) + 2


@each_exercise
def test_every_fitting_hint_is_for_somebody(lab, name):
    """Each is for an idea that some answer shows, or for a point at which some learner stands."""
    check = LABS[lab][name].check
    reached = {where(check(replay.evidence)) for replay in replays() if replay.name == name} | {UNTOUCHED}
    unknown = set(LABS[lab][name].hints.on) - reached
    assert not unknown, f"{name}: no answer in wrong_answers/lab_{lab}.py comes to {sorted(unknown)}."


@each_exercise
def test_hint_fits_what_was_done(lab, name):
    """Whoever shows an idea is told what is for them, then the steps, then the sibling; nothing for others."""
    of = LABS[lab][name].hints
    for replay in replays():
        if replay.name == name and not (verdict := LABS[lab][name].check(replay.evidence)).passed:
            told: list[str] = []
            for _ in range(len(of.steps) + 2):
                told.append(of.following(verdict, told))
            fitting = [of.on[point]] if (point := where(verdict)) in of.on else []
            assert told[: len(of.steps) + 1 + len(fitting)] == [*fitting, *of.steps, of.sibling]
            assert told[-1] == of.sibling


@each_exercise
def test_no_hint_is_the_solution(lab, name):
    """No line of the solution, and no number of its answer, stands in a hint."""
    said = hints(lab, name)
    for line in solution(lab, name):
        assert not [hint for hint in said if line in hint], f"{name}: a hint says {line!r}."
    for number in numbers(TRIES[lab][name].solved.answer):
        found = [hint for hint in said if re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d.,]*\d)", hint)]
        assert not found, f"{name}: {found} says {number}."


@each_exercise
@pytest.mark.parametrize("word", ["simply", "just", "obviously", "of course", "easy", "easily", "trivial"])
def test_no_hint_belittles(lab, name, word):
    """No word that tells who does not understand that others do."""
    assert not [hint for hint in hints(lab, name) if re.search(rf"\b{word}\b", hint, re.IGNORECASE)]
