"""Measure what the course promises of its speed, side by side with others. Run by ./env/bench."""

import argparse
import json
import sys
from pathlib import Path

from bench.machine import busy
from bench.page import PAGE, RECORDED, ROOT, recorded, write
from bench.run import BENCHES, listed, merged, run
from bench.table import table
from traces import mark_this_process

AT_REST = 0.1
"""More of all cores in use than this, and a machine is not at rest."""


def main() -> int:
    """Run what is asked for; 0 unless a bench failed: a bound that is missed is a figure like any other."""
    parser = argparse.ArgumentParser(prog="./env/bench")
    parser.add_argument("names", nargs="*", help="some of the benches; all without")
    parser.add_argument("--list", action="store_true", help="name them, and stop")
    parser.add_argument("--rounds", type=int, help="how many; from fewer than five no interval follows")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all that was measured, every round of it")
    parser.add_argument("--record", action="store_true", help="keep it, and write course/bench.md and README's table")
    parser.add_argument("--busy", action="store_true", help="with --record: although the machine is not at rest")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in BENCHES]:
        parser.error(f"there is no bench {unknown[0]}; there are {', '.join(BENCHES)}")
    if asked.rounds is not None and asked.rounds < 1:
        parser.error(f"--rounds {asked.rounds}: 1 or more")
    if asked.list:
        print(listed())
        return 0
    if asked.record and not asked.busy and (used := busy()) > AT_REST:
        parser.error(f"{used:.0%} of this machine is in use: wait until it is at rest, or say --busy, too")

    mark_this_process()
    for found in run(asked.names or BENCHES, asked.rounds):  # whatever comes then, what is measured is kept
        if asked.json:
            asked.json.write_text(_json(found), encoding="utf-8")
        if asked.record:
            RECORDED.write_text(_json(merged(recorded(), found)), encoding="utf-8")
            write()
    print(table(found))
    if asked.record:
        print(f"Written: {PAGE.relative_to(ROOT)}, {RECORDED.relative_to(ROOT)} and README.md")
    return int(any(bench["failed"] for bench in found["benches"].values()))


def _json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
