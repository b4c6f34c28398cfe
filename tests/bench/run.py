"""Run benches one after the other, and keep what they find as what JSON can say."""

import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from bench.machine import busy, machine, versions
from bench.rows import Row, Skipped
from bench.side_by_side import Missing, Progress

# In this order: what takes minutes comes last.
BENCHES = {
    "world": "world_up",
    "worlds": "many_worlds",
    "wire": "wires",
    "sockets": "socket_table",
    "pcap": "captures",
    "ab": "load",
    "picture": "first_picture",
    "set-up": "set_up",
    "course": "whole_course",
}


def bench(name: str) -> ModuleType:
    """The module of a bench: `ROUNDS`, how many it has by itself, and `measured(rounds, progress)`, its rows."""
    return import_module(f"bench.{BENCHES[name]}")


def listed() -> str:
    """A line for each bench: its name, its rounds, and what it measures."""
    lines = []
    for name in BENCHES:
        said = (bench(name).__doc__ or "").partition("\n")[0]
        lines.append(f"{name:<8} {bench(name).ROUNDS:>3} rounds  {said}")
    return "\n".join(lines)


def run(names: Iterable[str], rounds: int | None) -> Iterator[dict[str, Any]]:
    """Run them; after each, yield all that there is to say so far: what it ran on, and each bench's rows."""
    benches = {}
    for name in names:
        benches[name] = one(name, rounds)
        yield {"machine": machine(), "versions": versions(), "benches": benches}


def one(name: str, rounds: int | None) -> dict[str, Any]:
    """Run one bench; whatever happens in it, the others follow."""
    module = bench(name)
    begun = time.monotonic()
    found: list[Row | Skipped] = []
    said: dict[str, Any] = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "busy": round(busy(), 3), "failed": ""}
    try:
        found.extend(module.measured(rounds or module.ROUNDS, _progress(name)))
    except Missing as missing:
        found.append(Skipped(name, "all", str(missing)))
    except Exception as error:  # noqa: BLE001 (it is told in the table, and in the exit code)
        traceback.print_exc()
        said["failed"] = f"{type(error).__name__}: {error}"
    said["seconds"] = round(time.monotonic() - begun, 1)
    said["rows"] = [each.as_dict() for each in found if isinstance(each, Row)]
    said["skipped"] = [asdict(each) for each in found if isinstance(each, Skipped)]
    print(f"{name}: {said['seconds']:.0f} s", file=sys.stderr, flush=True)
    return said


def _progress(name: str) -> Progress:
    def tell(done: int, whole: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}: round {done} of {whole} ", end="", file=sys.stderr, flush=True)

    return tell


def merged(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """What is recorded, with this run in it: a bench that was not run again keeps its rows, on the same machine.

    What failed replaces nothing.
    """
    kept = {} if before is None or before["machine"] != now["machine"] else before
    fresh = {name: each for name, each in now["benches"].items() if not each["failed"]}
    benches = {**kept.get("benches", {}), **fresh}
    return {
        "machine": now["machine"],
        "versions": {**kept.get("versions", {}), **now["versions"]},
        "benches": {name: benches[name] for name in BENCHES if name in benches},
    }
