"""Solutions, executed again: nbval compares every output with the stored one, strictly."""

import json
from pathlib import Path

import nbformat
import pytest
from notebooks.compared import SOLUTIONS, compared, executes

each_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


@executes
@each_solution
def test_solution_says_again_what_it_said(path, tmp_path):
    """Every cell runs, and prints what is stored."""
    found = compared(path, tmp_path / path.stem)
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert not found.failed, found.said
    assert found.cells == len(code), found.said


ALTERED = {
    "state": ("claim-S8b", "FIN_WAIT1", "TIME_WAIT"),
    "side": ("claim-S6", "the first FIN from the client", "the first FIN from the server"),
    "count": ("claim-S6", "telnet 10 segments", "telnet 8 segments"),
    "holder": ("claim-S8", "server  192.0.2.2:80", "server  no sockets"),
    "flags": ("claim-S2", "FA  seq 1     ack 5", "A   seq 1     ack 5"),
}


@executes
def test_altered_solution_fails(tmp_path):
    """A stored state, side or count that is not so fails its cell, and only that."""
    book = nbformat.read(next(path for path in SOLUTIONS if path.stem.startswith("01")), as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    altered = {_alter(code, *change) for change in ALTERED.values()}
    path = tmp_path / "altered" / "altered.ipynb"
    path.parent.mkdir()
    nbformat.write(book, path)
    found = compared(path, path.parent)
    assert set(found.failed) == altered, found.said


def _alter(code: list[nbformat.NotebookNode], tag: str, old: str, new: str) -> int:
    for number, cell in enumerate(code):
        if tag in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if old in output.get("text", ""):
                    output.text = output.text.replace(old, new, 1)
                    return number
    raise AssertionError(f"No cell tagged {tag} says {old!r}: mend ALTERED.")


@each_solution
def test_most_output_is_compared(path: Path):
    """Of the cells that print, 80 % are compared; those of exercises and claims are, every one."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    printing = [cell for cell in cells if cell["cell_type"] == "code" and cell["outputs"]]
    ignored = [cell for cell in printing if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    assert len(ignored) <= 0.2 * len(printing), "Print what is the same on every machine, or mask what is not."
    for cell in cells:
        tags = cell["metadata"].get("tags", [])
        if any(tag in ("exercise", "solution") or tag.startswith("claim-") for tag in tags):
            assert "nbval-ignore-output" not in tags, f"{cell['id']}: what proves a claim is compared."


@each_solution
def test_what_is_claimed_is_printed(path: Path):
    """A cell that proves a claim prints it: nbval compares no pictures, and no silence."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if any(tag.startswith("claim-") for tag in cell["metadata"].get("tags", [])):
            kinds = {output["output_type"] for output in cell["outputs"]}
            assert kinds & {"stream", "execute_result"}, f"{cell['id']}: print what is so."
