"""What an execution says of each claim. Pure: solutions and stories of their cells in, verdicts out.

A claim **holds** where each of its cells printed what the solution stores (what is chance, as in nbval, aside). It
**differs** where a cell printed something else, in which no check failed: a lab says so where it meets another kernel.
It is **refuted** where a cell of it raised, or a check that passes in the solution did not. Nothing is known of it
where a cell was **not reached**.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

MASKS: Final = Path(__file__).with_name("masks.cfg")
"""What differs from run to run and is not what a lab is about; nbval reads the same file."""

VERDICTS: Final = ("holds", "differs", "not reached", "refuted")
_PASSED = "■ passed"
_MASK = re.compile(r"^regex: (.*)\nreplace: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of the ledger: what is claimed (nothing where the blog is silent), what is so, who shows it."""

    id: str
    lab: str
    claimed: str
    so: str


def ledger(table: str) -> list[Claim]:
    r"""Return the claims of claims.md, in its order.

    >>> ledger("| id | lab | claimed | what is so |\n|---|---|---|---|\n| S8 | 01 | Either side may close | true |")
    [Claim(id='S8', lab='01', claimed='Either side may close', so='true')]
    """
    rows = (line.strip("|").split("|") for line in table.splitlines() if line.startswith("| "))
    return [Claim(*(each.strip() for each in row)) for row in rows if row[1].strip().isdigit()]


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell of a solution, and what it printed where the solution was made."""

    id: str
    source: str
    claims: tuple[str, ...]
    said: str
    is_compared: bool  # what it prints is the same each time, so says the lab
    may_raise: bool


def cell(stored: Mapping[str, Any]) -> Cell:
    """Return a code cell from its JSON."""
    tags = stored["metadata"].get("tags", [])
    return Cell(
        id=stored["id"],
        source="".join(stored["source"]),
        claims=tuple(tag.removeprefix("claim-") for tag in tags if tag.startswith("claim-")),
        said=said(stored["outputs"]),
        is_compared="nbval-ignore-output" not in tags,
        may_raise="raises-exception" in tags,
    )


def said(outputs: Iterable[Mapping[str, Any]]) -> str:
    """Return what a cell printed, and the value it ended with, as text; a picture's words are those of its twin."""
    texts, prints = list[str](), False
    for output in outputs:
        data, printed = output.get("data", {}), prints
        prints = output["output_type"] == "stream" and output["name"] == "stdout"
        if prints and printed:
            texts[-1] += "".join(output["text"])  # a kernel sends what is printed in pieces, and their cuts are chance
        elif prints:
            texts.append("".join(output["text"]))
        elif "text/plain" in data and not any(kind.startswith("image/") for kind in data):
            texts.append("".join(data["text/plain"]))
    return "\n".join(text.rstrip("\n") for text in texts if text.strip())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a claim does not hold as stored: in which cell, what the solution has, and what was seen instead."""

    cell: str
    stored: str
    here: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim."""

    verdict: str
    reasons: tuple[Reason, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"verdict": self.verdict, "reasons": [asdict(reason) for reason in self.reasons]}


@cache
def _masks() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), to) for pattern, to in _MASK.findall(MASKS.read_text(encoding="utf-8")))


def masked(text: str) -> str:
    """Return a text without what is chance, as nbval compares it."""
    for pattern, instead in _masks():
        text = pattern.sub(instead, text)
    return text


def judged(solutions: Iterable[Sequence[Cell]], stories: Iterable[Mapping[str, Any]]) -> dict[str, Verdict]:
    """Return a verdict for each claim that a cell of these solutions bears.

    Args:
        solutions: the cells of each, in order
        stories: of cells that were executed: `{"cell": id, "said": …, "error": …}`; of a cell the last one counts
    """
    told = {story["cell"]: story for story in stories if "cell" in story}
    found: dict[str, list[tuple[str, Reason | None]]] = {}
    for cells in solutions:
        stopped = next((each.id for each in cells if each.id in told and _raised(each, told[each.id])), "")
        for each in cells:
            for claim in each.claims:
                found.setdefault(claim, []).append(_of_cell(each, told.get(each.id), stopped))
    return {claim: _of_claim(each) for claim, each in found.items()}


def _raised(cell: Cell, story: Mapping[str, Any]) -> bool:
    return bool(story["error"]) and not cell.may_raise


def _of_claim(cells: list[tuple[str, Reason | None]]) -> Verdict:
    worst = max((verdict for verdict, _ in cells), key=VERDICTS.index)
    return Verdict(worst, tuple(reason for _, reason in cells if reason))


def _of_cell(cell: Cell, story: Mapping[str, Any] | None, stopped: str) -> tuple[str, Reason | None]:
    if story is None:
        return "not reached", Reason(cell.id, "", f"not reached: {stopped} raised" if stopped else "not reached")
    if _raised(cell, story):
        return "refuted", Reason(cell.id, "", story["error"])
    stored, here = cell.said, story["said"].strip("\n")
    if stored.count(_PASSED) > here.count(_PASSED):
        return "refuted", Reason(cell.id, *differing(stored, here))
    if cell.is_compared and masked(stored) != masked(here):
        lines = differing(stored, here)
        if any(lines):
            return "differs", Reason(cell.id, *lines)
    return "holds", None


def differing(stored: str, here: str) -> tuple[str, str]:
    """Return the lines of two texts that differ, masks aside, blank ones aside."""
    left, right = ([line for line in text.splitlines() if line.strip()] for text in (stored, here))
    matched = difflib.SequenceMatcher(None, [masked(x) for x in left], [masked(x) for x in right], autojunk=False)
    only_left, only_right = list[str](), list[str]()
    for tag, a, b, c, d in matched.get_opcodes():
        if tag != "equal":
            only_left += left[a:b]
            only_right += right[c:d]
    return "\n".join(only_left), "\n".join(only_right)
