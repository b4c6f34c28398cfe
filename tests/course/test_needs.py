"""The table of what labs need while they are executed is true to their chapters."""

import re
from pathlib import Path

import pytest
from chapter import read
from make_labs import claims
from tcplab.command.needs import NEEDS

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "course" / "chapters").glob("*.md"))
MEASURES = re.compile(r"\b(measured|benchmark|cliff|overtake)\(")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_row_of_a_lab(path: Path) -> None:
    """Each has one; it sleeps where it has a cell with that tag; where times or rates are compared, it is alone."""
    number, cells = path.stem[:2], read(path, frozenset(claims()))
    assert number in NEEDS, f"Give lab {number} a row in command/needs.py."
    assert any("asleep" in cell.tags for cell in cells) == bool(NEEDS[number].asleep_s), (
        f"Tag the cell of lab {number} that waits for a clock `asleep`, and write its seconds to command/needs.py."
    )
    measures = any(cell.kind == "code" and MEASURES.search(cell.source) for cell in cells)
    assert measures == NEEDS[number].alone, f"Lab {number} compares times or rates: let command/needs.py say `alone`."


def test_no_row_without_a_lab() -> None:
    """A lab that is gone leaves none."""
    assert set(NEEDS) <= {path.stem[:2] for path in CHAPTERS}
