"""How an exercise is solved: read from the solved notebooks, which were run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tcplab.checks import exercise_named, exercises

_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE.parents[1] / "solutions", _PACKAGE / "_solutions")
"""In a checkout, and in an installed package."""


@dataclass(frozen=True, slots=True)
class Solved:
    """An exercise's cell with its solution in it, and what its check printed when it was run."""

    source: str
    printed: str

    def __str__(self) -> str:
        return "\n".join([self.source, "", *(f"│ {line}" for line in self.printed.splitlines())])


def solution(name: str) -> None:
    """Print how an exercise may be solved: the cell, and what it printed. Yours may be another, and as good.

    Raises:
        BadValue: there is no exercise of that name

    >>> solution("next_gap")                              # doctest: +ELLIPSIS
    next_gap = ...
    """
    exercise_named(name)
    lab = next(number for number, known in exercises().items() if name in known)
    path = next((path for folder in _FOLDERS for path in folder.glob(f"{lab}-*.ipynb")), None)
    print(solved(path)[name] if path else f"This copy of tcplab came without solutions: see lab {lab} of the course.")


def solved(path: Path) -> dict[str, Solved]:
    """Return the exercises of a solved notebook, in order, by their names; the check may stand in a later cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    asked = {
        cell["metadata"]["tcplab"]["name"]: "".join(cell["source"])
        for cell in cells
        if "exercise" in cell["metadata"].get("tags", ())
    }
    return {name: Solved(source, _verdict(name, cells)) for name, source in asked.items()}


def _verdict(name: str, cells: list[dict[str, Any]]) -> str:
    """Return what the cell that checks an exercise printed."""
    checking = next((cell for cell in cells if f'check("{name}"' in "".join(cell["source"])), None)
    outputs = checking["outputs"] if checking else ()
    return "".join("".join(output.get("text", ())) for output in outputs).rstrip()
