"""A course of one lab, made by `tcplab new-lab`: what makes, solves and gives back labs works on it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = shutil.ignore_patterns(
    "__pycache__", "[0-9][0-9]-*.md", "lab_[0-9][0-9].py", "[0-9][0-9].toml", "incident", "live"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without its labs, and one new lab in it, made and executed."""
    root = tmp_path_factory.mktemp("miniature")
    shutil.copytree(ROOT / "course", root / "course", ignore=OURS)
    shutil.copytree(ROOT / "course/tcplab/live", root / "course/tcplab/live")
    for name in ("pyproject.toml", "env/up"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "tests/course/wrong_answers").mkdir(parents=True)
    said = ran(root, "-m", "tcplab", "new-lab", "who-keeps-it")
    assert said.returncode == 0, said.stderr
    made = ran(root, "course/make_labs.py")
    assert made.returncode == 0, made.stderr
    return root


def ran(course: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python command on the miniature's own library."""
    env = os.environ | {"PYTHONPATH": str(course / "course"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *argv], cwd=course, env=env, capture_output=True, text=True, check=False, timeout=200
    )


def told(course: Path, *words: str) -> str:
    """What a tcplab command prints; it must succeed."""
    done = ran(course, "-m", "tcplab", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_labs_and_solutions_are_made_and_agree(course):
    """One of each, numbered from 00, and --check has nothing to say."""
    assert [path.name for path in (course / "labs").iterdir()] == ["00-who-keeps-it.ipynb"]
    assert (course / "solutions/00-who-keeps-it.ipynb").is_file()
    assert ran(course, "course/make_labs.py", "--check").returncode == 0


def test_a_chapter_that_changed_is_noticed(course):
    """And named."""
    chapter = course / "course/chapters/00-who-keeps-it.md"
    before = chapter.read_text()
    chapter.write_text(before.replace("Ask for a value", "Ask for another value"))
    checked = ran(course, "course/make_labs.py", "--check")
    chapter.write_text(before)
    assert checked.returncode == 1
    assert "labs/00-who-keeps-it.ipynb is not what its chapter makes" in checked.stderr


def test_learners_commands(course, tmp_path):
    """Solution, progress and reset know the one lab that there is."""
    assert told(course, "solution", "0", "--in", str(tmp_path)).count("□ not yet  tcplab solution 00 lab_00_") == 3
    assert "connections" in told(course, "solution", "00", "lab_00_counted")
    assert told(course, "progress", str(tmp_path)).startswith("0 of 3 checks passed. Next: lab 00, about 25 minutes.")
    told(course, "reset", "0", str(tmp_path))
    mine = tmp_path / "00-who-keeps-it.ipynb"
    mine.write_text("mine")
    kept = json.loads(told(course, "reset", "0", str(tmp_path), "--json"))["kept"]
    assert Path(kept).read_text() == "mine"
    assert mine.read_bytes() == (course / "labs" / mine.name).read_bytes()


def test_pages(course, tmp_path):
    """Its solution is a page."""
    assert ran(course, "course/make_labs.py", "--html", str(tmp_path / "p")).returncode == 0
    assert "3 questions" in (tmp_path / "p/00-who-keeps-it.html").read_text()
