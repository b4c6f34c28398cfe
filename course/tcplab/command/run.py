"""`tcplab run`: labs from top to bottom, several at once, and a report."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tcplab.command.execution import Job, Result
from tcplab.command.needs import Need, need
from tcplab.command.places import LEDGER, Lab, keep_state, labs, named
from tcplab.command.report import Run, claims_of, page
from tcplab.command.workers import executed
from tcplab.errors import TcplabError
from tcplab.notebook.tasks import SEED

_AT_ONCE = 2
"""Labs for each core: they wait as much as they compute."""


def answer(asked: argparse.Namespace) -> int:
    """Execute what was named, or all; 1 unless every one of them passed."""
    shipped = labs(solutions=asked.solutions)
    if not shipped:
        raise TcplabError("This copy of tcplab has no labs in it. Make them: python course/make_labs.py")
    chosen = list(dict.fromkeys(named(word, shipped) for word in asked.names)) or shipped
    if asked.solutions:
        os.environ.setdefault(SEED, "")  # they show what is drawn for nobody

    at_once = min(asked.jobs or _AT_ONCE * len(os.sched_getaffinity(0)), len(chosen))
    needs = {lab.name: need(lab.number) for lab in chosen}

    with tempfile.TemporaryDirectory(prefix="tcplab-") as scratch:
        keep_state(Path(scratch))
        output = asked.output.expanduser().resolve() if asked.output else Path(scratch, "out")
        output.mkdir(parents=True, exist_ok=True)
        jobs = [_job(lab, output, Path(scratch), asked.cell_timeout) for lab in chosen]
        begun = time.monotonic()
        results = _results(jobs, needs, at_once, Path(scratch))
        if asked.html:
            claims = claims_of(jobs, LEDGER) if asked.solutions else []
            _write(Run(jobs, results, needs, claims, time.monotonic() - begun, at_once), asked.html.expanduser())

    print(_as_json(results) if asked.json else table(results))
    if asked.output:
        sys.stderr.write(f"The executed notebooks are in {output}\n")
    if asked.html:
        sys.stderr.write(f"The report is {asked.html}\n")
    return 0 if all(result.passed for result in results) else 1


def table(results: list[Result]) -> str:
    """Return one line a notebook, in the order asked for, and under a failed one where it stopped.

    >>> print(table([Result("00-a", 1.5), Result("01-b", 2.25, 3, "x = 1/0", "ZeroDivisionError: division by zero")]))
    ✓ 00-a    1.5 s  passed
    ✗ 01-b    2.2 s  failed in code cell 3
        x = 1/0
        ZeroDivisionError: division by zero
    <BLANKLINE>
    1 of 2 passed.
    """
    width = max(len(result.name) for result in results)
    lines = []
    for result in results:
        lines.append(
            f"{'✓' if result.passed else '✗'} {result.name:<{width}} {result.seconds:6.1f} s  {result.verdict}"
        )
        lines += [f"    {line}" for line in (result.source, result.error) if line]
    passed = sum(result.passed for result in results)
    return "\n".join([*lines, "", f"{passed} of {len(results)} passed."])


def _results(jobs: Sequence[Job], needs: Mapping[str, Need], at_once: int, scratch: Path) -> list[Result]:
    """Execute all, and return the results in the order of the jobs; an interrupt says what had passed."""
    found: dict[str, Result] = {}
    try:
        with contextlib.closing(executed(jobs, needs, at_once=at_once, scratch=scratch)) as results:
            found |= ((result.name, result) for result in results)
    except KeyboardInterrupt:
        passed = [job.name for job in jobs if job.name in found and found[job.name].passed]
        sys.stderr.write(f"\n{len(passed)} of {len(jobs)} had passed{': ' * bool(passed)}{', '.join(passed)}.")
        raise
    return [found[job.name] for job in jobs]


def _write(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(run, at=path), encoding="utf-8")


def _job(lab: Lab, output: Path, scratch: Path, cell_timeout_s: int) -> Job:
    # Each notebook in a folder of its own: what it saves is nobody else's, and goes with the run.
    folder = scratch / lab.name
    folder.mkdir()
    return Job(lab.name, str(lab.path), str(output / lab.path.name), str(folder), str(scratch / "k"), cell_timeout_s)


def _as_json(results: list[Result]) -> str:
    rows = [result.as_dict() for result in results]
    return json.dumps({"passed": all(result.passed for result in results), "labs": rows}, ensure_ascii=False, indent=2)
