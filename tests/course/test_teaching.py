"""The teacher's guide: its tables and commands agree with the course."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from misconceptions import PAGE, page
from tcplab.checks import exercises
from tcplab.command.arguments import parser

COURSE = Path(__file__).resolve().parents[2] / "course"
GUIDE = (COURSE / "teaching.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("lab", sorted(exercises()))
def test_every_lab_has_its_goal_and_its_stumbling_block(lab):
    """With the minutes that the lab itself says, and something to say where a class stumbles."""
    minutes = import_module(f"tcplab.checks.lab_{lab}").MINUTES
    assert re.search(rf"^\| {lab} [^|]+\| {minutes} \| \w", PARTS["What each lab is for"], re.MULTILINE)
    assert re.search(rf"^\| {lab} \| ", PARTS["Where classes stumble, and what to say"], re.MULTILINE)


def test_the_page_of_misconceptions_is_what_the_exercises_declare():
    """Nobody writes in it by hand."""
    assert PAGE.read_text(encoding="utf-8") == page(), "Run: python course/misconceptions.py"


def test_plans_for_both_lengths():
    """A lesson of 50 minutes that adds up, and one of 90."""
    plan = PARTS["Plans"]
    assert "**50 minutes" in plan
    assert "**90 minutes" in plan
    steps = [tuple(map(int, step)) for step in re.findall(r"^\| (\d+)–(\d+) \|", plan, re.MULTILINE)]
    assert [end for _, end in steps[:-1]] == [start for start, _ in steps[1:]]
    assert (steps[0][0], steps[-1][1]) == (0, 50)


def test_exam_questions_have_answers():
    """A dozen at least: the question in italics, its answer behind it."""
    asked = re.findall(
        r"^\d+\. \*(.+?)\*(.*?)(?=^\d+\. |^A practical)", PARTS["Exam questions"], re.MULTILINE | re.DOTALL
    )
    assert len(asked) >= 12
    assert all(len(answer.split()) >= 5 for _, answer in asked)


def test_ten_steps():
    """To a new lab, numbered."""
    assert re.findall(r"^(\d+)\. ", PARTS["Adding a lab, in ten steps"], re.MULTILINE) == [str(n) for n in range(1, 11)]


def test_commands_exist():
    """Each `tcplab …` that it names is understood."""
    for words in re.findall(r"`tcplab ([a-z-]+)", GUIDE):
        with pytest.raises(SystemExit) as ended:
            parser().parse_args([words, "--help"])
        assert ended.value.code == 0
