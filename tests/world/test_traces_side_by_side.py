"""Tests that run beside each other: no false alarm, and no trace is missed."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytestmark = pytest.mark.by_anyone

TESTS = Path(__file__).resolve().parents[1]

BUSY = """
import socket, subprocess, sys, tempfile, time
import pytest
from tcplab import Testbed

@pytest.mark.parametrize("turn", range(4))
def test_busy(turn):
    with tempfile.NamedTemporaryFile(), socket.create_server(("127.0.0.1", 0)), Testbed.two_hosts() as bed:
        bed.client.start(["sleep", "100"])
        with subprocess.Popen(["sleep", "0.05"]):
            pass

@pytest.mark.parametrize("turn", range(2))
def test_its_owner_is_killed(turn):
    script = "import os; from tcplab import Testbed; bed = Testbed.two_hosts().up(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", script], check=False)
"""
LEAKS = {
    "process": "subprocess.Popen(['sleep', '6'], start_new_session=True)",
    "listener": "subprocess.Popen([sys.executable, '-c', SERVER])",
    "file": "tempfile.mkstemp()",
}
LEAKING = """
import subprocess, sys, tempfile
SERVER = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(6)"
def test_leaks(request):
    request.session.kept = {leak}
"""


def outcome(folder: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run the tests of a folder as this course's own are run, and return the files of those that failed."""
    argv = [sys.executable, "-m", "pytest", "-p", "conftest", "-c", str(TESTS.parent / "pyproject.toml")]
    argv += [f"--rootdir={folder}", f"--basetemp={folder / 'b'}", f"--junitxml={folder / 'report.xml'}"]
    argv += ["-p", "no:cacheprovider", *options, str(folder)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    cases = ET.parse(folder / "report.xml").iter("testcase")
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return done, {case.get("classname", "").rpartition(".")[2] for case in bad}


@pytest.mark.timeout(300)
def test_each_leak_is_laid_to_the_test_that_leaks(tmp_path):
    """A process, a listener and a file that stay fail their test; worlds made and killed beside it raise no alarm."""
    for number in range(2):
        (tmp_path / f"test_{number}.py").write_text(BUSY)
    for name, leak in LEAKS.items():
        (tmp_path / f"test_{name}.py").write_text(LEAKING.format(leak=leak))
    done, failed = outcome(tmp_path, "-n4")
    assert failed == {f"test_{name}" for name in LEAKS}, done.stdout
    assert done.returncode == 1


def test_what_belongs_to_no_worker_fails_the_run(tmp_path):
    """A file in everybody's directory is nobody's fault in particular; the run as a whole fails."""
    left = Path("/tmp") / f"{tmp_path.name}-left-{os.getpid()}.pcap"
    (tmp_path / "test_a.py").write_text(f"def test_a():\n    open({str(left)!r}, 'w').close()\n")
    (tmp_path / "test_b.py").write_text("def test_b():\n    pass\n")
    try:
        done, failed = outcome(tmp_path, "-n2")
        assert (failed, done.returncode) == (set(), 1), done.stdout
        assert f"files: {left}" in done.stdout
    finally:
        left.unlink()
