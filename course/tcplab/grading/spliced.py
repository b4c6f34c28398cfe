"""A submission put into the frame of our lab: their answers, our set-up, our questions, our checks.

Whatever happened to the notebook on its way (cells deleted, reordered, doubled, renamed, an old format), what runs is
the lab as it was given out, with the cells in it that were the learner's to write, and those that the learner added.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcplab.errors import BadValue

MOST_ADDED = 200
_YOURS = "# your turn"


@dataclass(frozen=True, slots=True)
class Code:
    """One code cell: its id, the exercise in it, its source; a cell of ours may be the learner's to write."""

    id: str
    name: str
    source: str
    to_write: bool = False


def opened(data: bytes) -> dict[str, Any]:
    """Read a notebook's bytes, in any format that Jupyter has had.

    Raises:
        BadValue: it is none.
    """
    try:
        try:
            book = json.loads(data)
        except UnicodeDecodeError:
            book = json.loads(data.decode("latin-1"))  # what is no ASCII is lost; the code is not
    except (ValueError, RecursionError) as error:
        raise BadValue("notebook", str(error)[:80], "JSON, as Jupyter saves it") from None
    if not isinstance(book, dict) or not isinstance(book.get("cells", book.get("worksheets")), list):
        raise BadValue("notebook", type(book).__name__, "a notebook: an object with a list of cells")
    return book


def cells(book: Mapping[str, Any]) -> list[Code]:
    """The code cells of a notebook; what is no cell is passed over."""
    sheets = book.get("worksheets") or [book]  # nbformat 3 and older
    listed = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    return [_code(cell) for cell in listed if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _code(cell: Mapping[str, Any]) -> Code:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata = _dict(cell.get("metadata"))
    said = _dict(metadata.get("tcplab"))
    to_write = "exercise" in _list(metadata.get("tags")) or _YOURS in text
    return Code(str(cell.get("id", "")), str(said.get("name", "")), text.replace("\r\n", "\n"), to_write)


def lab_of(theirs: Sequence[Code], labs: Mapping[str, Sequence[Code]], file: str) -> str | None:
    """Which of our labs a submission is of: by its cells' ids, their exercises, their text; else by its file's name."""
    votes: Counter[str] = Counter()
    for lab, ours in labs.items():
        known = {key for one in ours for key in (one.id, one.name, one.source) if key}
        votes[lab] = sum(bool({one.id, one.name, one.source} & known) for one in theirs)
    best = max(votes, key=lambda lab: votes[lab], default=None)
    if best is not None and votes[best] > 1:
        return best
    return next((lab for lab in labs if lab in file), None) or best if best and votes[best] else None


def spliced(ours: Sequence[Code], theirs: Sequence[Code]) -> list[Code]:
    """The cells to run, in our lab's order."""
    place_of = _places(ours, theirs)
    written = [_written(one, [them for them, at in zip(theirs, place_of, strict=True) if at == place])
               for place, one in enumerate(ours)]  # fmt: skip
    added: dict[int, list[Code]] = {}
    following = len(ours)
    for them, place in reversed(list(zip(theirs, place_of, strict=True))):
        if place is not None:
            following = place
        elif them.source.strip():
            added.setdefault(following, []).insert(0, them)
    run: list[Code] = []
    left = MOST_ADDED
    for place in range(len(ours) + 1):
        here = added.get(place, [])[: max(0, left)]
        left -= len(here)
        run += [*here, *written[place : place + 1]]
    return run


def _places(ours: Sequence[Code], theirs: Sequence[Code]) -> list[int | None]:
    """For each of their cells, which of ours it is; None for one that they added."""
    ids = {one.id: place for place, one in enumerate(ours)}
    names = {one.name: place for place, one in enumerate(ours) if one.name}
    texts = {one.source: place for place, one in enumerate(ours)}
    # Ids count cells: in a lab that has grown since it was given out they are other cells'.
    same = [ids.get(one.id) == texts[one.source] for one in theirs if one.source in texts]
    known = ids if 2 * sum(same) >= len(same) else {}
    return [names.get(one.name, texts.get(one.source, known.get(one.id))) for one in theirs]


def _written(ours: Code, candidates: Sequence[Code]) -> Code:
    """Our cell, or what they wrote in it: of several the last that is not as it was given out."""
    if not ours.to_write:
        return ours
    changed = [one.source for one in candidates if one.source.strip() not in ("", ours.source.strip())]
    if not changed:
        return ours
    return Code(ours.id, ours.name, _checked(changed[-1], ours), to_write=True)


def _checked(source: str, ours: Code) -> str:
    """The source, with our check at its end where ours has one and theirs has lost it."""
    asks = re.compile(rf"""\bcheck\(\s*["']{re.escape(ours.name)}["']""")
    if not ours.name or asks.search(source) or not asks.search(ours.source):
        return source
    plain = re.sub(r"^[ \t]*[%!].*$", "pass", ours.source, flags=re.MULTILINE)
    lost = [ast.get_source_segment(plain, step) or "" for step in ast.parse(plain).body]
    return "\n".join([source, *(step for step in lost if asks.search(step))])
