"""Which cells of the solutions are executed on another kernel: those that prove a claim, and all before them.

A cell's state is in the kernel (sockets, sysctls, time), not in its names alone, so what stands before a claim is
executed, too. Left out is what comes after a lab's last claim, a lab without a claim, and a cell that measures: one
that proves nothing, whose output is chance, and whose names nobody uses.
"""

import ast
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tcplab.command.claims import Cell, cell

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Lab:
    """The cells of a lab that are executed, in order."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> str:
        """Its two digits."""
        return self.name[:2]


def labs(folder: Path = ROOT / "solutions") -> list[Lab]:
    """What is executed of each solution; the longest first, so that it does not come last of all."""
    found = [lab(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.ipynb"))]
    return sorted((each for each in found if each.cells), key=lambda each: (each.number != "02", each.number))


def selected(only: Collection[str], found: Sequence[Lab]) -> list[Lab]:
    """The labs of these numbers, with those that bear a claim of theirs, too; all, if nothing is named."""
    if not only:
        return list(found)
    wanted = {claim for lab in found if lab.number in only for cell in lab.cells for claim in cell.claims}
    return [lab for lab in found if any(wanted & set(cell.claims) for cell in lab.cells)]


def lab(name: str, notebook: dict[str, Any]) -> Lab:
    """The cells of a notebook up to its last claim."""
    cells = [cell(each) for each in notebook["cells"] if each["cell_type"] == "code"]
    kept: list[Cell] = []
    wanted: set[str] = set()
    for each in reversed(cells):
        binds, uses = names(each.source)
        if each.claims or (kept and (each.is_compared or binds & wanted)):
            kept.insert(0, each)
            wanted = (wanted - binds) | (uses - binds)
    return Lab(name, tuple(kept))


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell binds, and those that it uses; lines for IPython use none but those of hosts."""
    lines = ["pass" if line.lstrip().startswith("%") else line for line in source.splitlines()]
    if source.startswith("%%"):
        return set(), set()
    binds, uses = set(), set()
    for node in ast.walk(ast.parse("\n".join(_kept_in_place(lines, source)))):
        if isinstance(node, ast.Name):
            (uses if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            binds.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            binds |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return binds, uses


def _kept_in_place(lines: list[str], source: str) -> list[str]:
    """Give a line that is IPython's its indentation back."""
    return [
        line if line != "pass" else was[: len(was) - len(was.lstrip())] + line
        for line, was in zip(lines, source.splitlines(), strict=True)
    ]
