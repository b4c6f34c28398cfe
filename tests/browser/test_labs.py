"""Every lab, untouched, opened in JupyterLab and run from top to bottom."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.opened import Cell, Lab, Opened

LABS = sorted(path.name for path in (Path(__file__).resolve().parents[2] / "labs").glob("[0-9][0-9]-*.ipynb"))
# Lab 02 begins, for it waits for TIME_WAIT's 60 s: of several workers each takes lab after lab (see conftest.py).
LABS.sort(key=lambda name: not name.startswith("02"))
SAYS = {"check(": "not attempted", "predict(": "no prediction yet"}


@dataclass(frozen=True, slots=True)
class Ran:
    """A lab that was opened and run."""

    notebook: Opened
    cells: list[Cell]

    @property
    def code(self) -> list[Cell]:
        """Its code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]


@pytest.fixture(scope="module", params=LABS)
def ran(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Ran]:
    """Open one lab and run all of its cells."""
    with lab.opened(request.param) as notebook:
        yield Ran(notebook, notebook.run_all())


def test_no_cell_fails_unless_failing_is_its_lesson(ran: Ran) -> None:
    """An untouched lab runs from top to bottom: only cells tagged raises-exception end with an error."""
    failed = [f"{cell.id}: {cell.error}" for cell in ran.code if cell.error and "raises-exception" not in cell.tags]

    assert not failed


@pytest.mark.parametrize("call", SAYS)
def test_nothing_counts_as_attempted(ran: Ran, call: str) -> None:
    """Checks say that nothing was attempted, and predictions that there is none yet."""
    asked = [cell for cell in ran.code if call in cell.source]

    assert asked
    assert all(SAYS[call] in cell.text for cell in asked)


def test_each_picture_is_told_in_words(ran: Ran) -> None:
    """A picture has alternative text, or its text twin beside it; and it is there."""
    pictures = ran.notebook.pictures()

    assert pictures
    for picture in pictures:
        assert not picture["broken"]
        assert picture["alt"] or picture["beside"]


def test_hints_are_folded(ran: Ran) -> None:
    """Hints and explanations are closed until the learner opens them."""
    folded = ran.notebook.folded()

    assert len(folded) == sum(cell.source.count("<details>") for cell in ran.cells)
    assert folded
    assert all(folded)


def test_the_console_is_quiet(ran: Ran, lab: Lab) -> None:
    """The browser's console has no error, but those of JupyterLab's own that are named."""
    assert not lab.complaints


def test_only_this_machine_is_asked(ran: Ran, lab: Lab) -> None:
    """The page asks 127.0.0.1 and no other host."""
    assert lab.asked == {"127.0.0.1"}
