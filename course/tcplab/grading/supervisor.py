"""Outside the sandbox: start it, hear what the examiner says, end it in time."""

import base64
import json
import os
import select
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tcplab.grading.alike import Print
from tcplab.grading.limits import Limits
from tcplab.grading.sandbox import Running, around_the_examiner, python, refuse_closed_folders, started
from tcplab.model.evidence import Outcome, Verdict

_MOST_HEARD = 8 << 20
_BETTER = (Outcome.NOT_ATTEMPTED, Outcome.NOT_YET, Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook that was handed in: whose, its file's name, what is in it."""

    learner: str
    file: str
    notebook: bytes = field(repr=False)
    labs: str
    seed: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Graded:
    """What came of it: which lab, each exercise's best verdict, and what is to be said about its execution."""

    learner: str
    file: str
    lab: str = ""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    print: Print = field(default_factory=Print)
    seconds: float = 0.0


_running: set[Running] = set()


def end_all() -> None:
    """End all sandboxes that are at work in this process."""
    for process in list(_running):
        process.kill()


def graded(job: Job) -> Graded:
    """Execute one submission in its sandbox and return what came of it; whatever it does, nothing is raised for it."""
    result = Graded(job.learner, job.file)
    if len(job.notebook) > job.limits.notebook_bytes:
        result.notes.append(f"too large: {len(job.notebook):,} bytes; at most {job.limits.notebook_bytes:,}")
        return result
    refuse_closed_folders(Path(job.labs))
    began = time.monotonic()
    process = started([*around_the_examiner(job.limits, Path(job.labs), job.seed), *python("examiner")])
    _running.add(process)
    try:
        _heard(process, job, result)
    finally:
        _running.discard(process)
        process.kill()  # bwrap --die-with-parent: all that is in the sandbox goes with it
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    result.seconds = time.monotonic() - began
    return result


def _heard(process: Running, job: Job, result: Graded) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    said = {"notebook": base64.b64encode(job.notebook).decode(), "file": job.file, "labs": job.labs}
    try:
        process.stdin.write(json.dumps({**said, "limits": job.limits.as_dict()}).encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # why it ended stands in its last words
    deadline = time.monotonic() + job.limits.whole_s + 60
    waiting, heard = b"", 0
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        data = _said(process.stdout) if ready else b""
        heard += len(data)
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            if _note(json.loads(line), result):
                return
        if not ready:
            result.notes.append(f"not within {job.limits.whole_s} s")
            return
        if not data or heard > _MOST_HEARD:
            last = _said(process.stderr).decode(errors="replace").strip().splitlines()
            result.notes.append(f"its sandbox ended: {last[-1] if last else 'nothing was said'}")
            return


def _said(pipe: "IO[bytes] | None") -> bytes:
    """Read what there is."""
    return b"" if pipe is None else os.read(pipe.fileno(), 1 << 16)


def _note(said: dict[str, Any], result: Graded) -> bool:
    """Take note of one line; tell whether it is the last."""
    if "lab" in said:
        result.lab = said["lab"]
    if "chance" in said:
        result.print = Print(frozenset(said["chance"]), said["answers"])
    if "exercise" in said:
        name, outcome = said.pop("exercise"), Outcome(said.pop("outcome"))
        before = result.verdicts.get(name)
        if before is None or _BETTER.index(outcome) >= _BETTER.index(before.outcome):
            result.verdicts[name] = Verdict(outcome, **said)
    result.notes += [said[key] for key in ("note", "stopped") if key in said]
    return bool(said.get("done"))
