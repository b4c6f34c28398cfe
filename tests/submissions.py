"""Notebooks as learners hand them in: right, wrong, partly right, mangled; the hostile ones: hostile.py."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Book = dict[str, Any]


def lab(number: str, *, solved: bool = False) -> Book:
    """One of our notebooks, as it lies in labs/ or solutions/."""
    (path,) = (ROOT / ("solutions" if solved else "labs")).glob(f"{number}-*.ipynb")
    book: Book = json.loads(path.read_text(encoding="utf-8"))
    return book


def written(book: Book) -> bytes:
    """A notebook's bytes."""
    return json.dumps(book, ensure_ascii=False).encode()


def named(book: Book, name: str) -> Any:
    """The cell of an exercise."""
    return next(cell for cell in book["cells"] if cell["metadata"].get("tcplab", {}).get("name") == name)


def answered(number: str, **sources: str) -> Book:
    """The lab with these cells written, by their exercise's name; the rest untouched."""
    book = lab(number)
    for name, source in sources.items():
        named(book, name)["source"] = source
    return book


def solved_but(number: str, *names: str) -> Book:
    """The solution, with some exercises as they were given out."""
    book, given_out = lab(number, solved=True), lab(number)
    for name in names:
        named(book, name)["source"] = named(given_out, name)["source"]
    return book


def with_cell(book: Book, source: str, *, at: int = 2) -> Book:
    """The same with a code cell that the learner added."""
    made = copy.deepcopy(book)
    cell = {
        "cell_type": "code",
        "id": "added",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    made["cells"].insert(at, cell)
    return made


def code(book: Book) -> list[Any]:
    """The code cells."""
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


# ---- mangled on the way, in ways that leave the answers: the score must be the solution's


def deleted(book: Book) -> bytes:
    """Only the exercises are left."""
    book["cells"] = [cell for cell in code(book) if "exercise" in cell["metadata"].get("tags", [])]
    return written(book)


def reordered(book: Book) -> bytes:
    """Upside down."""
    book["cells"].reverse()
    return written(book)


def doubled(book: Book) -> bytes:
    """Every cell twice, as paste does it: with the same metadata, under another id."""
    twice = []
    for number, cell in enumerate(book["cells"]):
        twice += [cell, {**copy.deepcopy(cell), "id": f"pasted-{number}"}]
    book["cells"] = twice
    return written(book)


def renamed(book: Book) -> bytes:
    """All ids are new."""
    for number, cell in enumerate(book["cells"]):
        cell["id"] = f"c{number}"
    return written(book)


def without_metadata(book: Book) -> bytes:
    """Ids as they were, tags and names gone."""
    for cell in book["cells"]:
        cell["metadata"] = {}
    return written(book)


def without_anything(book: Book) -> bytes:
    """Neither ids nor metadata: sources alone, as after a copy by hand."""
    for cell in book["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    return written(book)


def format_4_0(book: Book) -> bytes:
    """As Jupyter saved it before cells had ids."""
    for cell in book["cells"]:
        cell.pop("id")
    book["nbformat_minor"] = 0
    return written(book)


def format_3(book: Book) -> bytes:
    """As IPython saved it: worksheets, `input`, `pyout`."""
    cells = []
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            kept = {"cell_type": "code", "metadata": cell["metadata"], "language": "python", "outputs": []}
            cells.append({**kept, "input": cell["source"], "prompt_number": 1, "collapsed": False})
        else:
            cells.append({key: value for key, value in cell.items() if key != "id"})
    return written(
        {"worksheets": [{"cells": cells, "metadata": {}}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
    )


def in_utf_16(book: Book) -> bytes:
    """As an editor on Windows may save it."""
    return json.dumps(book, ensure_ascii=False).encode("utf-16")


def with_mark(book: Book) -> bytes:
    """UTF-8 with a byte order mark, and Windows' ends of lines in every source."""
    for cell in book["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + written(book)


def in_latin_1(book: Book) -> bytes:
    """No UTF-8 at all."""
    return json.dumps(book, ensure_ascii=False).encode("latin-1", "replace")


def setup_spoilt(book: Book) -> bytes:
    """The cell that makes the bed is changed, and the check's words, too."""
    code(book)[0]["source"] = "raise SystemExit"
    return written(book)


def checks_lost(book: Book) -> bytes:
    """Each exercise has lost the line that hands it in."""
    for cell in code(book):
        if "exercise" in cell["metadata"].get("tags", []):
            lines = "".join(cell["source"]).splitlines()
            cell["source"] = "\n".join(line for line in lines if not line.startswith("check("))
    return written(book)


def huge(book: Book) -> bytes:
    """Twelve million characters of output."""
    cell = code(book)[1]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 12_000_000}]
    return written(book)


def odd_cells(book: Book) -> bytes:
    """Things between the cells that are none."""
    book["cells"] = [None, 7, {"cell_type": "code"}, *book["cells"], {"cell_type": "code", "source": [1, None]}, []]
    return written(book)


LEAVE_THE_ANSWERS: tuple[Callable[[Book], bytes], ...] = (
    deleted,
    reordered,
    doubled,
    renamed,
    without_metadata,
    without_anything,
    format_4_0,
    format_3,
    in_utf_16,
    with_mark,
    in_latin_1,
    setup_spoilt,
    checks_lost,
    huge,
    odd_cells,
)
