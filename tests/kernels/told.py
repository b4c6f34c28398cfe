"""What a guest has told: judged, printed, and kept where course/kernels.md is made from."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from kernels.machine import Guest
from kernels.page import RECORDED, short
from kernels.plan import labs, selected
from tcplab.command.claims import judged


def told(guest: Guest) -> int:
    """How many cells a guest has told of."""
    return sum('"cell"' in line for line in story_lines(guest))


def story_lines(guest: Guest) -> list[str]:
    """What the guest has told so far; a line that is not whole yet is left out."""
    path = guest.out / "stories"
    return path.read_text(errors="replace").split("\n")[:-1] if path.exists() else []


def result_of(guest: Guest, seconds: float, only: Sequence[str]) -> dict[str, Any]:
    """What is kept of a run, or of the part that was asked for."""
    stories = [json.loads(line) for line in story_lines(guest)]
    root = json.loads((guest.out / "root.json").read_text())
    verdicts = judged((lab.cells for lab in selected(only, labs())), stories)
    return {
        "series": guest.kernel.name,
        **root,
        "packages": (guest.kernel / "packages").read_text().split(),
        "seconds": round(seconds),
        "accelerator": guest.accelerator,
        "facts": {each["fact"]: {"row": each["row"], "found": each["found"]} for each in stories if "fact" in each},
        "claims": {claim: verdict.as_dict() for claim, verdict in sorted(verdicts.items())},
    }


def told_of_claims(guest: Guest, seconds: float, *, only: Sequence[str], record: bool) -> bool:
    """Judge, print and, if asked to, keep; whether each claim was reached, none refuted, and it could be kept."""
    result = result_of(guest, seconds, only)
    print(short(result), flush=True)
    if "facts" in only:
        for fact in result["facts"].values():
            print(f"       {fact['row']}: {fact['found']}", flush=True)
    return all(claim["verdict"] in ("holds", "differs") for claim in result["claims"].values()) & (
        not record or kept(result, is_part=bool(only))
    )


def kept(result: dict[str, Any], *, is_part: bool) -> bool:
    """Write a run where the page is made from; a part of one goes into the whole that is there."""
    path = RECORDED / f"{result['series']}.json"
    if is_part:
        if not path.exists():
            print(f"There is no whole run yet: ./env/test --kernels {result['series']} --record", file=sys.stderr)
            return False
        before = json.loads(path.read_text(encoding="utf-8"))
        result = before | {name: before[name] | result[name] for name in ("facts", "claims")}
    RECORDED.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return True


def told_of_full(guest: Guest, seconds: float) -> bool:
    """Print what became of the whole solutions; whether all have passed."""
    story = json.loads(story_lines(guest)[-1])
    labs_run = story["full"].get("labs", [])
    passed = sum(each["passed"] for each in labs_run)
    print(f"{guest.kernel.name:<6} {passed} of {len(labs_run)} solutions passed, {seconds:.0f} s", flush=True)
    for each in labs_run:
        if not each["passed"]:
            print(f"       {each['name']}: code cell {each['cell']}: {each['source']}\n         {each['error']}")
    if not labs_run:
        print(story["said"], file=sys.stderr)
    return bool(labs_run) and passed == len(labs_run)
