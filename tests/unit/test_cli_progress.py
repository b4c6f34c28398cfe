"""`tcplab progress` and `tcplab solution`: what is kept is shown, taken along and deleted; solutions on request."""

import json

import pytest
from tcplab.checks import exercises
from tcplab.command import main
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import kept
from tcplab.notebook.solution import solution
from tcplab.notebook.store import FILE, VERSION


@pytest.fixture
def folder(tmp_path):
    """A learner's folder with something of each kind."""
    kept.keep_attempt("next_gap", Verdict(Outcome.NOT_YET, "Look again."), 0.2, folder=tmp_path)
    kept.keep_attempt("next_gap", Verdict(Outcome.PASSED, "Twice."), 3.4, folder=tmp_path)
    kept.keep_hint("next_gap", 2, folder=tmp_path)
    kept.keep_prediction("03", "client_state", "LAST_ACK", folder=tmp_path)
    kept.keep_choice("03", "Who answers?", "the kernel", is_right=True, folder=tmp_path)
    return tmp_path


def test_progress_is_shown(folder, capsys):
    """The map, how much is kept, and where."""
    assert main(["progress", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 of ")
    assert "2 attempts, 1 predictions, 2 hints seen, 1 of 1 quiz answers right." in said
    assert said.endswith(f"It is kept in {folder / FILE}.\n")


def test_progress_as_json(folder, capsys):
    """For scripts: each lab's exercises by outcome."""
    assert main(["progress", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["passed"] == 1
    assert said["exercises"] == sum(map(len, exercises().values()))
    assert "passed" in next(lab for lab in said["labs"] if lab["lab"] == "03")["outcomes"]


def test_everything_is_exported(folder, tmp_path, capsys):
    """All that is kept, by table, into a file that was not there."""
    target = tmp_path / "mine.json"
    assert main(["progress", str(folder), "--export", str(target)]) == 0
    said = json.loads(target.read_text())
    assert said["tcplab-progress"] == VERSION
    assert [(one["exercise"], one["outcome"], one["answer"]) for one in said["attempt"]] == [
        ("next_gap", "not yet", "0.2"),
        ("next_gap", "passed", "3.4"),
    ]
    assert said["exercise"][0]["hints"] == 2
    assert said["prediction"][0]["predicted"] == "LAST_ACK"
    assert said["quiz"][0]["choice"] == "the kernel"
    before = target.read_bytes()
    assert main(["progress", str(folder), "--export", str(target)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert main(["progress", str(folder), "--export", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == said


def test_deleted_on_request(folder, capsys):
    """Once there is something to delete, once nothing."""
    assert main(["progress", str(folder), "--delete"]) == 0
    assert not (folder / FILE).exists()
    assert main(["progress", str(folder), "--delete"]) == 0
    assert capsys.readouterr().out.endswith(f"There is nothing to delete in {folder}.\n")


@pytest.mark.parametrize("asked", [[], ["--json"], ["--export", "-"], ["--delete"]])
def test_what_cannot_be_read_is_said(folder, asked, capsys):
    """A newer file is neither shown as empty nor touched."""
    path = folder / FILE
    path.write_bytes(path.read_bytes()[:60] + (VERSION + 1).to_bytes(4) + path.read_bytes()[64:])
    before = path.read_bytes()
    assert main(["progress", str(folder), *asked]) == 1
    assert "a newer tcplab wrote it" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_solutions_on_request(folder, capsys):
    """A lab's exercises with what is passed; of one exercise the cell, and what it printed when it was run."""
    assert main(["solution", "3", "--in", str(folder)]) == 0
    assert "■ passed  tcplab solution 03 next_gap\n□ not yet  tcplab solution 03 lost_twice" in capsys.readouterr().out
    assert main(["solution", "03", "next_gap"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("next_gap = 0.21")
    assert "│ ■ passed" in shown
    solution("next_gap")
    assert capsys.readouterr().out == shown
    assert main(["solution", "03", "paths"]) == 2
    assert "Allowed: next_gap, lost_twice, afterwards" in capsys.readouterr().err


def test_solutions_as_json(folder, capsys):
    """For scripts: which are passed, and a cell's source."""
    assert main(["solution", "03", "--json", "--in", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["exercises"]["next_gap"] is True
    assert main(["solution", "03", "next_gap", "--json"]) == 0
    assert "check(" in json.loads(capsys.readouterr().out)["source"]


@pytest.mark.parametrize("name", [name for lab in exercises().values() for name in lab])
def test_every_exercise_has_a_solution_that_passes(name, capsys):
    """What is shown was run, and passed."""
    solution(name)
    assert "│ ■ passed" in capsys.readouterr().out
