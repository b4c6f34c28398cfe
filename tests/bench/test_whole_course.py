"""The whole course in one go: how near its wall time comes to what can be."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.report import report
from tcplab.command.needs import NEEDS, need

pytestmark = pytest.mark.long

MOST = 1.25
NUMBERS = os.environ.get("TCPLAB_LABS", "").split()  # a few, to try it
PR_SET_CHILD_SUBREAPER = 36


def cpu_s() -> float:
    """Seconds that all children have computed, and theirs, once each was waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ended_and_counted(argv: list[str]) -> tuple[float, float, str]:
    """Run a program; wall and CPU seconds of it and whatever it leaves behind (a world's processes), and its output."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, begun = cpu_s(), time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, timeout=1200, check=False)
    wall_s = time.monotonic() - begun
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    assert done.returncode == 0, done.stdout + done.stderr
    return wall_s, cpu_s() - before, done.stdout


@pytest.mark.timeout(1500)
def test_whole_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 1.25 times the longest lab, or all computing shared by all cores, whichever is longer."""
    page = tmp_path / "run.html"
    argv = [sys.executable, "-m", "tcplab", "run", "--solutions", "--json", "--html", str(page), *NUMBERS]
    wall_s, computed_s, said = ended_and_counted(argv)
    labs, cores = json.loads(said)["labs"], len(os.sched_getaffinity(0))
    longest_s = max(lab["seconds"] for lab in labs)
    ratio = wall_s / max(longest_s, computed_s / cores)
    with capsys.disabled():
        columns = {"wall s": wall_s, "CPU s": computed_s, "CPU / cores": computed_s / cores, "longest s": longest_s}
        report("whole course", {f"{len(labs)} labs": columns | {"ratio": ratio, "at most": MOST}})
        awake = {lab["name"]: lab["seconds"] - need(lab["name"][:2]).asleep_s for lab in labs}
        report("seconds awake", {name: {"here": here, "table": need(name[:2]).awake_s} for name, here in awake.items()})
    if not NUMBERS:
        assert len(labs) == len(NEEDS)
        assert ratio <= MOST
