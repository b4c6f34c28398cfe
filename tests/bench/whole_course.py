"""All solutions by one `tcplab run`, beside what no schedule can be shorter than, and beside one after the other."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bench.rows import Bound, Row
from bench.side_by_side import Progress

ROUNDS = 1  # ten minutes, more or less
OURS, LEAST, ONE_BY_ONE = "tcplab run --solutions", "max(longest lab, CPU time / cores)", "the sum of its labs"
BOUND = Bound(1.25)
REASON = "labs that measure a load run alone, and meanwhile a core may have nothing to do"
WITHIN_S = 3600


def run() -> dict[str, float]:
    """Run the whole course once; return, in seconds: how long it took, all labs together, the longest, CPU time."""
    cores = len(os.sched_getaffinity(0))
    argv = [sys.executable, "-m", "tcplab", "run", "--solutions", "--json", "--jobs", str(2 * cores)]
    env = os.environ | {"TCPLAB_SEED": ""}  # exercises ask what the solutions show
    before, begun = _children_s(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="tcplab-bench-") as folder:
        done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, env=env, cwd=folder, timeout=WITHIN_S)
    wall = time.perf_counter() - begun
    labs = json.loads(done.stdout)["labs"]
    failed = [lab["name"] for lab in labs if not lab["passed"]]
    assert not failed, f"{', '.join(failed)} did not pass"
    seconds = [lab["seconds"] for lab in labs]
    return {"wall": wall, "sum": sum(seconds), "longest": max(seconds), "cpu": (_children_s() - before) / cores}


def _children_s() -> float:
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
