"""`tcplab grade`: a few submissions of the quickest lab, each in a sandbox of its own."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import FORGERY, REACHING
from submissions import ROOT, answered, lab, reordered, solved_but, with_cell, written

ASKED = ("refused_segments", "changed_where", "from_the_server")
SECRET = "what another learner wrote"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of five, graded; its scores by learner, and the whole report."""
    folder = tmp_path_factory.mktemp("class")
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    wrong = {"refused_segments": "refused_segments = 1"}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        files = [str(secret), str(folder / "김민지.ipynb"), "/etc/shadow", str(Path.home() / ".bashrc")]
        head = f"FILES, PORT, LABS = {files!r}, {listener.getsockname()[1]}, {str(ROOT / 'labs')!r}\n"
        books = {
            "김민지": reordered(lab("00", solved=True)),
            "Ann O'Neill": written(solved_but("00", "changed_where")),
            "forger": written(with_cell(with_cell(answered("00", **wrong), FORGERY), FORGERY, at=99)),
            "reacher": written(with_cell(lab("00"), head + REACHING)),
            "= cut": b'{"cells": [',
        }
        for name, data in books.items():
            (folder / f"{name}.ipynb").write_bytes(data)
        words = [sys.executable, "-m", "tcplab", "grade", str(folder), "--json", "--output", str(folder / "out")]
        words += ["--jobs", "3", "--cell-timeout", "20"]
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=300, env=os.environ)
        assert done.returncode == 0, done.stderr
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    return json.loads(done.stdout), folder / "out"


def scores(whole, learner):
    """Exercise → outcome."""
    return {row["exercise"]: row["outcome"] for row in whole["grades"] if row["learner"] == learner}


def notes(whole, learner):
    """What is said about a learner's notebook."""
    return next(row["notes"] for row in whole["grades"] if row["learner"] == learner)


def test_a_solution_passes_however_its_cells_lie(graded):
    """Cells are matched by id and metadata, and run in the order of the lab."""
    assert scores(graded[0], "김민지") == dict.fromkeys(ASKED, "passed"), notes(graded[0], "김민지")


def test_what_is_untouched_is_not_attempted(graded):
    """Partly right is partly right."""
    assert scores(graded[0], "Ann O'Neill") == dict.fromkeys(ASKED, "passed") | {"changed_where": "not attempted"}


def test_a_verdict_cannot_be_forged(graded):
    """Neither by another check, nor by words on any descriptor: the examiner judges, out of reach."""
    assert scores(graded[0], "forger") == dict.fromkeys(ASKED, "not attempted") | {"refused_segments": "not yet"}
    assert "forged" not in json.dumps(graded[0])


def test_nothing_is_in_reach(graded):
    """No file of another, no network, no process of the examiner's or the wire's, nothing to write."""
    assert "reached 0: []" in notes(graded[0], "reacher")


def test_what_is_no_notebook_is_said(graded):
    """A file that cannot be read costs its learner the points, and nobody else anything."""
    assert "no notebook" in notes(graded[0], "= cut")


def test_reports_hold_words_that_are_no_formulas_and_no_markup(graded):
    """A name that begins with = stays text in a spreadsheet, and the page holds no address."""
    whole, folder = graded
    assert json.loads((folder / "grades.json").read_text()) == whole
    assert "\n'= cut," in (folder / "grades.csv").read_text("utf-8-sig")
    page = (folder / "grades.html").read_text()
    assert "Ann O&#x27;Neill" in page
    assert "://" not in page
    assert "<script" not in page
    counts = {row["exercise"]: row["passed"] for row in whole["exercises"]}
    assert counts == {"refused_segments": 2, "changed_where": 1, "from_the_server": 2}
