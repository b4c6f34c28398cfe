"""Quizzes: three questions a lab, every choice with words of its own, the right one with its source."""

import re

import pytest
from make_labs import claims
from tcplab.checks import exercises
from tcplab.checks.quiz import FOLDER, Question, questions

CLAIMS = claims()
LABS = sorted(exercises())
BEFORE = "before"
EVERY = [
    pytest.param(lab, one, id=f"{lab}-{at}")
    for lab in (*LABS, BEFORE)
    for at, one in enumerate(questions(lab), start=1)
]
WRITTEN = re.compile(r"RFC \d{4}|\w+\(\d\)|nginx\.org|net/ipv4/|include/net/|ip-sysctl")
BELITTLING = re.compile(r"\b(simply|just|obviously|of course|easy|easily|trivial|etc)\b", re.IGNORECASE)


def test_every_lab_has_a_quiz():
    """Three questions each, and no file that belongs to no lab."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == [*LABS, BEFORE]
    assert {lab: len(questions(lab)) for lab in LABS} == dict.fromkeys(LABS, 3)


@pytest.mark.parametrize("one", questions(BEFORE))
def test_the_self_test_says_what_to_read(one: Question):
    """Whoever does not know is told where it is written, by each wrong choice."""
    assert one.read
    assert all(one.judged(choice).message.endswith(f"Read first: {one.read}.") for choice in one.wrong)


@pytest.mark.parametrize(("lab", "one"), EVERY)
def test_the_right_choice_has_a_source(lab: str, one: Question):
    """A claim that this lab or one before it shows, or where it is written."""
    shown = [claim for claim in re.findall(r"\b[SX]\d+[ab]?\b", one.source) if CLAIMS.get(claim, "99") <= lab]
    assert shown or WRITTEN.search(one.source), f"{one.source!r}: name a claim shown by lab {lab}, an RFC or a manual."


@pytest.mark.parametrize(("lab", "one"), EVERY)
def test_every_choice_has_words_of_its_own(lab: str, one: Question):
    """No two choices and no two messages are alike; none gives the right one away."""
    assert 2 <= len(one.wrong) <= 3
    assert len({*one.choices}) == len(one.wrong) + 1
    said = [one.because, *one.wrong.values()]
    assert len({*said}) == len(said)
    for message in one.wrong.values():
        assert one.right.lower() not in message.lower(), f"{message!r} gives the answer away."


@pytest.mark.parametrize(("lab", "one"), EVERY)
def test_words(lab: str, one: Question):
    """Short enough to be read at a glance, and never belittling."""
    for text in (one.asks, one.because, *one.choices, *one.wrong.values()):
        assert len(text) <= 160, text
        assert not BELITTLING.search(text), text
    assert one.asks.endswith("?")
    assert all(len(choice) <= 90 for choice in one.choices), one.choices


def test_the_right_choice_has_no_place_of_its_own():
    """Who always takes the same letter is right in well under half of all cases."""
    places = [one.choices.index(one.right) for lab in LABS for one in questions(lab)]
    assert max(map(places.count, places)) < 0.45 * len(places)
