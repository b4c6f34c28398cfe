"""What the stories of a guest say of each claim. Pure: stories and solutions in, verdicts out.

A claim **holds** where each of its cells printed what the solution stores (what is chance, as in nbval, aside). It
**differs** where a cell printed something else, in which no check failed: a lab says so where it meets another kernel.
It is **refuted** where a cell of it raised, was not reached, or a check that passes in the solution did not.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kernels.plan import Cell, Lab
from nbval.plugin import get_sanitize_patterns

MASKS = Path(__file__).resolve().parents[1] / "notebooks" / "masks.cfg"
PASSED = "■ passed"
VERDICTS = ("holds", "differs", "refuted")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a claim does not hold as stored: in which cell, what the solution has, and what was seen instead."""

    cell: str
    stored: str
    here: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim on one kernel."""

    verdict: str
    reasons: tuple[Reason, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"verdict": self.verdict, "reasons": [asdict(reason) for reason in self.reasons]}


@cache
def _masks() -> tuple[tuple[re.Pattern[str], str], ...]:
    text = MASKS.read_text(encoding="utf-8")
    return tuple((re.compile(pattern), instead) for pattern, instead in get_sanitize_patterns(text))


def masked(text: str) -> str:
    """A text without what is chance, as nbval compares it."""
    for pattern, instead in _masks():
        text = pattern.sub(instead, text)
    return text


def judged(labs: Iterable[Lab], stories: Iterable[Mapping[str, Any]]) -> dict[str, Verdict]:
    """A verdict for each claim that a cell of these labs bears."""
    told = {story["cell"]: story for story in stories if "cell" in story}
    found: dict[str, list[tuple[str, Reason | None]]] = {}
    for lab in labs:
        stopped = next((each.id for each in lab.cells if each.id in told and _raised(each, told[each.id])), "")
        for cell in lab.cells:
            for claim in cell.claims:
                found.setdefault(claim, []).append(_of_cell(cell, told.get(cell.id), stopped))
    return {claim: _of_claim(each) for claim, each in found.items()}


def _raised(cell: Cell, story: Mapping[str, Any]) -> bool:
    return bool(story["error"]) and not cell.may_raise


def _of_claim(cells: list[tuple[str, Reason | None]]) -> Verdict:
    worst = max((verdict for verdict, _ in cells), key=VERDICTS.index)
    return Verdict(worst, tuple(reason for _, reason in cells if reason))


def _of_cell(cell: Cell, story: Mapping[str, Any] | None, stopped: str) -> tuple[str, Reason | None]:
    if story is None:
        return "refuted", Reason(cell.id, "", f"not reached: {stopped} raised" if stopped else "not reached")
    if _raised(cell, story):
        return "refuted", Reason(cell.id, "", story["error"])
    stored, here = cell.said, story["said"].strip("\n")
    if stored.count(PASSED) > here.count(PASSED):
        return "refuted", Reason(cell.id, *differing(stored, here))
    if cell.is_compared and masked(stored) != masked(here):
        lines = differing(stored, here)
        if any(lines):
            return "differs", Reason(cell.id, *lines)
    return "holds", None


def differing(stored: str, here: str) -> tuple[str, str]:
    """The lines of two texts that differ, masks aside, blank ones aside."""
    left, right = ([line for line in text.splitlines() if line.strip()] for text in (stored, here))
    matched = difflib.SequenceMatcher(None, [masked(x) for x in left], [masked(x) for x in right], autojunk=False)
    only_left, only_right = list[str](), list[str]()
    for tag, a, b, c, d in matched.get_opcodes():
        if tag != "equal":
            only_left += left[a:b]
            only_right += right[c:d]
    return "\n".join(only_left), "\n".join(only_right)
