"""The course map as the browser gets it: rows, boxes, what is next, where the notebooks lie."""

import os
from pathlib import Path

import pytest
from tcplab.checks import exercises
from tcplab.live.course import PARTS, course_map
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook.kept import keep_attempt


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder below the server's, with lab 01 and an older copy of it."""
    folder = tmp_path / "my labs"
    folder.mkdir()
    for name in ("01-what-crosses-the-wire", "01-what-crosses-the-wire.kept-2026-11-23-0512"):
        (folder / f"{name}.ipynb").write_text("{}")
    monkeypatch.setenv("JUPYTER_SERVER_ROOT", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", "my labs/01-what-crosses-the-wire.ipynb")
    return folder


def test_every_lab_has_a_row(folder: Path) -> None:
    """Number, title, minutes, a box an exercise; every part begins with a lab that there is."""
    view = course_map(folder)
    assert [lab["number"] for lab in view.labs] == list(exercises())
    assert [len(lab["outcomes"]) for lab in view.labs] == [len(lab) for lab in exercises().values()]
    assert all(lab["title"] and lab["minutes"] > 0 for lab in view.labs)
    assert set(PARTS) <= set(exercises())


def test_a_notebook_that_lies_there_is_a_link(folder: Path) -> None:
    """By its path from the server's folder; a lab without a notebook is plain text; the learner's own is known."""
    labs = {lab["number"]: lab for lab in course_map(folder).labs}
    assert labs["01"]["path"] == "my labs/01-what-crosses-the-wire.ipynb"
    assert labs["00"]["path"] == ""
    assert [number for number, lab in labs.items() if lab["here"]] == ["01"]


def test_what_is_passed_shows_at_the_next_look(folder: Path) -> None:
    """Boxes fill, the next lab is named; a look at what has not changed makes no news."""
    view = course_map(folder)
    assert view.lead.endswith("Next: lab 00, about 15 minutes.")
    first = list(exercises()["00"])
    for name in first:
        keep_attempt(name, Verdict(Outcome.PASSED, "."), folder=folder)
    view.look()
    assert view.labs[0]["outcomes"] == ["passed"] * len(first)
    assert [lab["number"] for lab in view.labs if lab["next"]] == ["01"]
    assert view.words == repr(view)
    before = view.labs
    view.look()
    assert view.labs is before


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """Nothing is passed, nothing is a link, nothing is raised."""
    view = course_map(tmp_path / "gone")
    assert not any(lab["passed"] or lab["path"] for lab in view.labs)
    assert not os.path.lexists(tmp_path / "gone")
