"""Progress: what was passed, as a map of the course."""

from pathlib import Path

import pytest
from tcplab.checks import exercises
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook.kept import keep_attempt
from tcplab.notebook.progress import course_map, progress, recorded


def record(name: str, outcome: Outcome, folder: Path) -> None:
    """Keep an attempt that came out so."""
    keep_attempt(name, Verdict(outcome, "."), folder=folder)


def test_passed_stays_passed(tmp_path: Path) -> None:
    """A later wrong try does not take away what was reached."""
    for outcome in (Outcome.NOT_YET, Outcome.PASSED, Outcome.NOT_YET):
        record("paths", outcome, tmp_path)
    record("first_closer", Outcome.NOT_YET, tmp_path)
    assert recorded(tmp_path) == {"paths": Outcome.PASSED, "first_closer": Outcome.NOT_YET}


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
