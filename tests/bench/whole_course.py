"""All solutions by one `tcplab run`, beside what no schedule can be shorter than, and beside one after the other."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bench.rows import Bound, Row
from bench.scratch import scratch
from bench.side_by_side import Progress

ROUNDS = 5  # of two minutes each, more or less
OURS, LEAST, ONE_BY_ONE = "tcplab run --solutions", "max(longest lab, CPU time / cores)", "the sum of its labs"
BOUND = Bound(1.25)
REASON = "labs that measure a load run alone, and meanwhile a core may have nothing to do"
WITHIN_S = 1800
ORPHANS_S = 10
PR_SET_CHILD_SUBREAPER = 36


def run() -> dict[str, float]:
    """Run the whole course once; return, in seconds: how long it took, all labs together, the longest, CPU time."""
    cores = len(os.sched_getaffinity(0))
    argv = [sys.executable, "-m", "tcplab", "run", "--solutions", "--json", "--jobs", str(2 * cores)]
    env = os.environ | {"TCPLAB_SEED": ""}  # exercises ask what the solutions show
    with scratch() as folder:
        wall, computed, said = ended_and_counted(argv, cwd=folder, env=env)
    labs = json.loads(said)["labs"]
    failed = [lab["name"] for lab in labs if not lab["passed"]]
    assert not failed, f"{', '.join(failed)} did not pass"
    seconds = [lab["seconds"] for lab in labs]
    return {"wall": wall, "sum": sum(seconds), "longest": max(seconds), "cpu": computed / cores}


def ended_and_counted(
    argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> tuple[float, float, str]:
    """Run a program; wall and CPU seconds of it and whatever it leaves behind (a world's processes), and its output."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, begun = _children_s(), time.monotonic()
    done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, text=True, cwd=cwd, env=env, timeout=WITHIN_S)
    wall_s = time.monotonic() - begun
    with suppress(ChildProcessError):
        while time.monotonic() < begun + wall_s + ORPHANS_S:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
    return wall_s, _children_s() - before, done.stdout


def _children_s() -> float:
    """Seconds that all children have computed, and theirs, once each was waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(rounds: int, progress: Progress) -> Iterator[Row]:
    """Wall time of the whole; the labs' own times are those of the same run."""
    found = []
    for done in range(1, rounds + 1):
        found.append(run())
        progress(done, rounds)
    wall, parts = (tuple(each[name] for each in found) for name in ("wall", "sum"))
    least = tuple(max(each["longest"], each["cpu"]) for each in found)
    yield Row("course", "all labs", "s", OURS, wall, LEAST, least, BOUND, REASON)
    yield Row("course", "all labs", "s", OURS, wall, ONE_BY_ONE, parts)
