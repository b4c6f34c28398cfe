"""Progress: kept beside the notebooks, and never in the way."""

import sqlite3
from pathlib import Path

import pytest
from tcplab.checks import exercises
from tcplab.model.evidence import Outcome
from tcplab.notebook.progress import FILE, course_map, progress, record, recorded


def test_passed_stays_passed(tmp_path: Path) -> None:
    """A later wrong try does not take away what was reached."""
    for outcome in (Outcome.NOT_YET, Outcome.PASSED, Outcome.NOT_YET):
        assert record("paths", outcome, tmp_path) == ""
    record("first_closer", Outcome.NOT_YET, tmp_path)
    assert recorded(tmp_path) == {"paths": Outcome.PASSED, "first_closer": Outcome.NOT_YET}


def test_nothing_is_made_of_nothing(tmp_path: Path) -> None:
    """A lab that was only run leaves no file behind."""
    record("paths", Outcome.NOT_ATTEMPTED, tmp_path)
    assert recorded(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["missing", "/proc"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, folder: str) -> None:
    """The lab runs on, with one sentence, also where not even root may write."""
    said = record("paths", Outcome.PASSED, tmp_path / folder)
    assert said.startswith("Your progress is not kept: .tcplab-progress.db cannot be written here")


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    """A broken file is neither raised about nor overwritten."""
    (tmp_path / FILE).write_text("not a database, but long enough to be taken for one" * 10)
    assert "not kept" in record("paths", Outcome.PASSED, tmp_path)
    assert recorded(tmp_path) == {}


def test_two_notebooks_at_once(tmp_path: Path) -> None:
    """What another process recorded is there, also while this one writes."""
    with sqlite3.connect(tmp_path / FILE) as other:
        record("paths", Outcome.PASSED, tmp_path)
        assert other.execute("select name, passed, tries from exercise").fetchall() == [("paths", 1, 1)]
    other.close()


def test_the_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a lab, one mark an exercise, and what comes next."""
    labs = exercises()
    first = list(labs["00"])
    for name in first[:-1]:
        record(name, Outcome.PASSED, tmp_path)
    record(first[-1], Outcome.NOT_YET, tmp_path)
    progress(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    every = sum(len(lab) for lab in labs.values())
    assert lines[0] == f"{len(first) - 1} of {every} checks passed. Next: lab 00, about 5 minutes."
    assert lines[3].startswith("00  ")
    assert lines[3].split()[-4:] == ["■" * (len(first) - 1) + "◧", f"{len(first) - 1}/{len(first)}", "15", "min"]
    assert len(lines) == 3 + len(labs)


def test_all_done() -> None:
    """With everything passed there is no next."""
    everything = {name: Outcome.PASSED for lab in exercises().values() for name in lab}
    assert course_map(everything).splitlines()[0].endswith("checks passed.")
