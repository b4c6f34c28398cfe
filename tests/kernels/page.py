"""course/kernels.md: the same labs on five kernels, as a page. Pure: recorded results in, text out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kernels.plan import ROOT
from tcplab.command.claims import ledger
from tcplab.command.places import LEDGER

PAGE = ROOT / "course" / "kernels.md"
RECORDED = ROOT / "tests" / "recorded" / "kernels"
SIGNS = {"holds": "✓", "differs": "≠", "refuted": "✗", "not reached": "✗"}

HEAD = """\
# The same labs on {count} kernels

What a course says of Linux it says of some kernel. So every cell that proves a claim is executed, as an ordinary user,
in each of these, each in a virtual machine without a disk: `./env/test --kernels`. They are Debian's own packages; the
tools and the Python are the same in all, so what differs is the kernel. This page is written from those runs.

{kernels}

## What differs

Each row was made to happen, in a world of its own; nothing is deduced from a version number.

{facts}

## What is the same everywhere

{same}

## Every claim

✓ each cell of the claim prints what its solution stores · ≠ a cell says something else, in words that the lab has for
this kernel (below) · ✗ it does not hold, or the cell could not run (below).
The claims themselves: [claims.md](claims.md).

{claims}

## In what words they differ

{reasons}
"""


def recorded(folder: Path = RECORDED) -> list[dict[str, Any]]:
    """The results of the last recorded run, oldest kernel first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda each: [int(number) for number in each["series"].split(".")])


def page(results: Sequence[Mapping[str, Any]] | None = None) -> str:
    """The whole page."""
    results = recorded() if results is None else results
    rows = fact_rows(results)
    different = [row for row in rows if len(set(row[1:])) > 1]
    same = [row for row in rows if len(set(row[1:])) == 1]
    series = [each["series"] for each in results]
    about = ["kernel", "package", "objects of `tw_sock_TCP`, `TCP`", "`tcp_max_tw_buckets`"]
    return HEAD.format(
        count=_in_words(len(results)),
        kernels=table(about, _kernels(results)),
        facts=table(["", *series], different),
        same=table(["", "all"], [row[:2] for row in same]),
        claims=table(["id", "lab", *series], claim_rows(results)),
        reasons=_reasons(results),
    )


def _in_words(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number] if number < len(words) else str(number)


def _kernels(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [
        [each["release"], each["packages"][0].removesuffix(".deb"), each["sizes"], each["buckets"]] for each in results
    ]


def fact_rows(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """One row for each fact: what it is, and what each kernel showed."""
    rows = {name: fact["row"] for each in results for name, fact in each["facts"].items()}
    return [
        [row, *(each["facts"].get(name, {"found": "not looked at"})["found"] for each in results)]
        for name, row in rows.items()
    ]


def claim_ids() -> dict[str, str]:
    """Every claim of claims.md, and the lab that owes its proof."""
    return {claim.id: claim.lab for claim in ledger(LEDGER.read_text(encoding="utf-8"))}


def claim_rows(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """One row for each claim: its id, its lab, and a sign for each kernel."""
    return [
        [claim, lab, *(SIGNS[each["claims"].get(claim, {"verdict": "not reached"})["verdict"]] for each in results)]
        for claim, lab in claim_ids().items()
    ]


def _reasons(results: Sequence[Mapping[str, Any]]) -> str:
    """What the cells said instead: one entry for each cell, and in it each answer with the kernels that gave it."""
    cells: dict[str, dict[tuple[str, str], dict[str, None]]] = {}
    bearing: dict[str, dict[str, None]] = {}
    for each in results:
        for claim, verdict in each["claims"].items():
            for reason in verdict["reasons"]:
                answers = cells.setdefault(reason["cell"], {})
                answers.setdefault((reason["stored"], reason["here"]), {})[each["series"]] = None
                bearing.setdefault(reason["cell"], {})[claim] = None
    if not cells:
        return "Nothing does."
    parts = []
    for cell, answers in sorted(cells.items()):
        parts.append(f"**{', '.join(bearing[cell])}** (lab {cell[:2]}, cell {cell.rpartition('-')[2]})")
        for (stored, here), kernels in answers.items():
            parts.append(f"{', '.join(kernels)}:\n\n{_fenced(stored, here)}")
    return "\n\n".join(parts)


def _fenced(stored: str, here: str) -> str:
    lines = [f"{sign} {line.rstrip()}" for sign, text in (("-", stored), ("+", here)) for line in text.splitlines()]
    return "\n".join(["```diff", *lines, "```"])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of CommonMark's common extension."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def short(result: Mapping[str, Any]) -> str:
    """What is printed when a kernel is done: how many claims held, and which did not, with their first reason."""
    verdicts = [claim["verdict"] for claim in result["claims"].values()]
    counts = ", ".join(f"{verdicts.count(name)} {'differ' if name == 'differs' else name}" for name in SIGNS)
    counts = counts.replace("holds", "hold")
    lines = [f"{result['series']:<6} {result['release']}: of {len(verdicts)} claims {counts}; {result['seconds']} s"]
    for name, claim in result["claims"].items():
        for reason in claim["reasons"][:1]:
            here = reason["here"].strip().splitlines()
            lines.append(f"       {SIGNS[claim['verdict']]} {name:<5} {reason['cell']}: {here[0] if here else ''}")
    return "\n".join(lines)
