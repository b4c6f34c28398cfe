"""The whole course in one go: how near its wall time comes to what can be."""

import json
import os
import sys
from pathlib import Path

import pytest
from bench.report import report
from bench.whole_course import ended_and_counted
from tcplab.command.needs import NEEDS, need

pytestmark = pytest.mark.long

MOST = 1.25
NUMBERS = os.environ.get("TCPLAB_LABS", "").split()  # a few, to try it


@pytest.mark.timeout(1500)
def test_whole_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 1.25 times the longest lab, or all computing shared by all cores, whichever is longer."""
    page = tmp_path / "run.html"
    argv = [sys.executable, "-m", "tcplab", "run", "--solutions", "--json", "--html", str(page), *NUMBERS]
    wall_s, computed_s, said = ended_and_counted(argv)
    labs, cores = json.loads(said)["labs"], len(os.sched_getaffinity(0))
    assert all(lab["passed"] for lab in labs), said
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
