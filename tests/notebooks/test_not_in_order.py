"""What learners do besides running a lab from top to bottom: a world that is gone, and back to the first cell."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from notebooks.compared import CELL_TIMEOUT_S, SOLUTIONS, executes

SPEAKS = {"WorldDown", "NameError", "KeyError"}
"""What a cell may raise on a world that is gone: our own error, or Python's about what such a cell should have made."""

END_THE_WORLDS = """
import os, signal, subprocess
children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid="], capture_output=True)
for pid in map(int, children.stdout.split()):
    with open(f"/proc/{pid}/cmdline", "rb") as its:
        if b"tcplab-world" in its.read():
            os.kill(pid, signal.SIGKILL)
"""


def code_cells(path: Path, at: str) -> list[nbformat.NotebookNode]:
    """The code of a notebook, as new cells whose ids begin with `at`."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [nbformat.v4.new_code_cell(cell.source, id=f"{at}-{number}") for number, cell in enumerate(cells)]


def errors(book: nbformat.NotebookNode, at: str) -> list[tuple[str, str, str]]:
    """What the cells whose ids begin with `at` have raised: id, error, message."""
    return [
        (cell.id, output.ename, output.evalue)
        for cell in book.cells
        if cell.id.startswith(f"{at}-")
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


@pytest.mark.long
@executes
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_world_that_is_gone_is_named_and_the_first_cell_brings_it_back(path, tmp_path):
    """Half-way the world is killed: each cell says so, and all is well again from the first cell on."""
    book = nbformat.v4.new_notebook()
    half = len(code_cells(path, "x")) // 2
    book.cells = [
        *code_cells(path, "before")[:half],
        nbformat.v4.new_code_cell(END_THE_WORLDS, id="gone"),
        *code_cells(path, "gone")[half:],
        *code_cells(path, "again"),
    ]
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(book, timeout=CELL_TIMEOUT_S, allow_errors=True, resources=resources)
    client.execute()
    assert not errors(book, "before")
    assert {name for _, name, _ in errors(book, "gone")} <= SPEAKS, errors(book, "gone")
    assert all("up()" in said for _, name, said in errors(book, "gone") if name == "WorldDown"), errors(book, "gone")
    assert not errors(book, "again")
