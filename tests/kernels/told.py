"""What a guest has told: judged, printed, and kept where course/kernels.md is made from."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from kernels.judged import judged
from kernels.machine import Guest
from kernels.page import RECORDED, short
from kernels.plan import labs


def told(guest: Guest) -> int:
    """How many cells a guest has told of."""
    return sum('"cell"' in line for line in story_lines(guest))


def story_lines(guest: Guest) -> list[str]:
    """What the guest has told so far; a line that is not whole yet is left out."""
    path = guest.out / "stories"
    return path.read_text(errors="replace").split("\n")[:-1] if path.exists() else []


def result_of(guest: Guest, seconds: float) -> dict[str, Any]:
    """What is kept of a run."""
    stories = [json.loads(line) for line in story_lines(guest)]
    root = json.loads((guest.out / "root.json").read_text())
    verdicts = judged(labs(), stories)
    return {
        "series": guest.kernel.name,
        **root,
        "packages": (guest.kernel / "packages").read_text().split(),
        "seconds": round(seconds),
        "accelerator": guest.accelerator,
        "facts": facts_of(stories),
        "claims": {claim: verdict.as_dict() for claim, verdict in sorted(verdicts.items())},
    }


def facts_of(stories: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What a guest has found of what differs: row and words of each fact."""
    return {each["fact"]: {"row": each["row"], "found": each["found"]} for each in stories if "fact" in each}


def told_of_facts(guest: Guest, *, record: bool) -> bool:
    """Print what was found, and, if asked to, keep it in a recorded run of the claims; whether it could be kept."""
    found = facts_of([json.loads(line) for line in story_lines(guest)])
    print(f"{guest.kernel.name:<6} {len(found)} facts", flush=True)
    for fact in found.values():
        print(f"       {fact['row']}: {fact['found']}")
    if not record:
        return bool(found)
    path = RECORDED / f"{guest.kernel.name}.json"
    if not path.exists():
        print(f"No run of the claims is recorded: ./env/test --kernels {guest.kernel.name} --record", file=sys.stderr)
        return False
    keep({**json.loads(path.read_text(encoding="utf-8")), "facts": found})
    return bool(found)


def keep(result: Mapping[str, Any]) -> None:
    """Write a run where the page is made from."""
    RECORDED.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True)
    (RECORDED / f"{result['series']}.json").write_text(text + "\n", encoding="utf-8")


def told_of_claims(guest: Guest, seconds: float, *, record: bool) -> bool:
    """Judge, print and, if asked to, keep; whether nothing was refuted."""
    result = result_of(guest, seconds)
    print(short(result), flush=True)
    if record:
        keep(result)
    return all(claim["verdict"] != "refuted" for claim in result["claims"].values())


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
