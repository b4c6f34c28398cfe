"""./env/up, once it has run: quick, offline, from anywhere."""

import os
import subprocess
from pathlib import Path

import pytest

UP = Path(__file__).resolve().parents[2] / "env" / "up"
OFFLINE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-current-user", "--keep-caps", "--net"]


def run(*argv, cwd="/"):
    """Run a command; nobody types anything."""
    return subprocess.run(
        argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_second_run_needs_no_network_and_takes_seconds():
    """It finds everything there, asks the doctor, and is done; in the processor's time, for others have some of it."""
    before = os.times()
    done = run(*OFFLINE, str(UP), "--no-lab")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unpacking" not in done.stdout
    assert "packages" not in done.stdout
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 10


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_says_what_it_does(word):
    """Every option of the script is told."""
    done = run(str(UP), word)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(option in done.stdout for option in ("--no-lab", "--python", "--for-tests", "No sudo"))


def test_an_unknown_option_is_refused():
    """Nothing is begun with a word that was not understood."""
    done = run(str(UP), "--no-labs")
    assert done.returncode == 2
    assert "there is no option --no-labs" in done.stderr


def test_a_python_that_will_not_do_is_refused():
    """Said before anything is made."""
    done = run(str(UP), "--no-lab", "--python", "/bin/true-not-there")
    assert done.returncode == 1
    assert "is no Python 3.11 to 3.14" in done.stderr
