"""A folder of submissions: whose is which, and what in it is none."""

import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tcplab.errors import BadValue

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One notebook: its learner, and where it lies, from the folder on."""

    learner: str
    path: Path
    file: str


def handed_in(folder: Path) -> tuple[list[HandedIn], list[str]]:
    """Find the notebooks of a class: FOLDER/LEARNER/….ipynb, however deep, or FOLDER/LEARNER.ipynb.

    Returns: them, by name; and remarks, in words, on what was passed over and on names that two bear.

    Raises:
        BadValue: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise BadValue("DIR", str(folder), "a folder with a folder, or a notebook, for each learner")
    books: list[Path] = []
    others: dict[str, list[str]] = defaultdict(list)
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not Path(where, name).is_symlink())
        for path in (Path(where, name) for name in sorted(names) if not name.startswith(".")):
            if path.is_symlink() or not path.is_file():
                others["no file of its own, but a link or a device"].append(_said(path.relative_to(folder)))
            elif path.suffix.lower() != ".ipynb":
                others["no notebook"].append(_said(path.relative_to(folder)))
            else:
                books.append(path)
    if not books:
        raise BadValue("DIR", str(folder), "a folder with notebooks in it (.ipynb)")
    remarks = [f"passed over, {why}: {_listed(found)}" for why, found in others.items()]
    learners, doubled = _learners(folder, books)
    return [HandedIn(learners[_place(folder, book)], book, _said(book.relative_to(folder))) for book in books], [
        *remarks,
        *doubled,
    ]


def _place(folder: Path, book: Path) -> str:
    """What is one learner's: a folder, or a notebook that lies in no folder."""
    return book.relative_to(folder).parts[0]


def _learners(folder: Path, books: list[Path]) -> tuple[dict[str, str], list[str]]:
    """Name whose each place is. Names that look alike are kept apart, and remarked on."""
    places = sorted({_place(folder, book) for book in books})
    alike: dict[str, list[str]] = defaultdict(list)
    for place in places:
        name = _said(Path(place if (folder / place).is_dir() else Path(place).stem)).strip() or "(no name)"
        alike[unicodedata.normalize("NFKC", name).casefold()].append(place)
    named, remarks = {}, []
    for found in alike.values():
        for number, place in enumerate(found, start=1):
            name = _said(Path(place if (folder / place).is_dir() else Path(place).stem)).strip() or "(no name)"
            named[place] = name if number == 1 else f"{name} ({number})"
        if len(found) > 1:
            which = ", ".join(f"{_said(Path(place))} as {named[place]!r}" for place in found)
            remarks.append(f"one name, or two that look alike; kept apart: {which}")
    return named, remarks


def _said(path: Path) -> str:
    """A path as text, whatever its bytes are; composed, so that the same letters are the same."""
    return unicodedata.normalize("NFC", os.fsencode(path).decode(errors="replace"))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
