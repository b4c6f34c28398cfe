"""What last really ran: a table from the notes of jobs, in which nothing gets a day on which it did not pass."""

import json
import subprocess
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "env" / "last-ran"
loader = SourceFileLoader("last_ran", str(PROGRAM))
last_ran = module_from_spec(spec_from_loader("last_ran", loader))
loader.exec_module(last_ran)


def note(what, status, day, commit="abc1234"):
    """What a job notes."""
    return {"what": what, "status": status, "day": day, "commit": commit, "on": "Debian, Linux 6.1"}


def test_what_passed_has_its_day() -> None:
    """Rows come in order, with day, commit and machine."""
    page = last_ran.renewed(
        "", [note("Linux 6.1", "success", "2026-11-23"), note("Linux 5.10", "success", "2026-11-23")]
    )
    assert page.startswith(last_ran.HEAD)
    assert page.splitlines()[-2:] == [
        "| Linux 5.10 | 2026-11-23 | abc1234 | Debian, Linux 6.1 | 2026-11-23 |",
        "| Linux 6.1 | 2026-11-23 | abc1234 | Debian, Linux 6.1 | 2026-11-23 |",
    ]


def test_what_failed_keeps_the_day_on_which_it_passed() -> None:
    """A failure says when it was tried; what was cancelled or has no note changes nothing."""
    page = last_ran.renewed("", [note(name, "success", "2026-11-23") for name in ("a", "b", "c")])
    later = last_ran.renewed(page, [note("a", "failure", "2026-11-24", "fff"), note("b", "cancelled", "2026-11-24")])
    assert last_ran.rows(later)["a"] == ["a", "2026-11-23", "abc1234", "Debian, Linux 6.1", "2026-11-24: failed"]
    assert [last_ran.rows(later)[name] for name in "bc"] == [last_ran.rows(page)[name] for name in "bc"]
    assert last_ran.rows(last_ran.renewed("", [note("new", "failure", "2026-11-24")]))["new"][1] == "never"


def test_a_note_says_what_machine_it_was(tmp_path, monkeypatch) -> None:
    """From the command line, as a job calls it; a table of these notes can be read again."""
    file = tmp_path / "note-x.json"
    monkeypatch.setenv("GITHUB_SHA", "0123456789abcdef")
    subprocess.run([PROGRAM, "--note", file, "Linux 6.1 | all", "success"], check=True)
    written = json.loads(file.read_text())
    assert (written["commit"], written["status"]) == ("0123456", "success")
    assert "Linux" in written["on"]
    assert list(last_ran.rows(last_ran.renewed("", [written]))) == ["Linux 6.1   all"]


def test_words_that_mean_nothing_are_refused(tmp_path) -> None:
    """Its usage, and exit code 2."""
    done = subprocess.run([PROGRAM, tmp_path / "nowhere"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--note FILE WHAT STATUS" in done.stderr


def test_the_page_is_what_the_program_writes() -> None:
    """Nobody has edited it by hand."""
    page = last_ran.PAGE.read_text()
    assert last_ran.renewed(page, []) == page
