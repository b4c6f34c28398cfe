"""A home and a checkout that cannot be written, mounted so for an ordinary user: what needs no disk works all the same.

(Permissions say little where the tests run as root, who is not asked for them: this is a mount, as a CD is one.)
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import breaking
import pytest

if TYPE_CHECKING:
    import subprocess

READ_ONLY = [sys.executable, str(Path(breaking.__file__)), "read-only", "--", sys.executable]
LEARNER = """
import os
os.chdir(os.environ["HOME"])
from tcplab import check, hint, predict
predict("mbit_per_s", 3)
check("overtaken_from", 125e6)
check("overtaken_from", 125)
hint("overtaken_from")
"""


@pytest.fixture
def read_only(ordinary_user: Callable[..., "subprocess.CompletedProcess[str]"]):
    """Run Python with these arguments where nothing can be written."""
    return lambda *words, **more: ordinary_user([*READ_ONLY, *words], **more)


def test_answers_are_judged_and_forgotten(read_only):
    """Predict, check and hint say what they always say, and once that nothing is kept."""
    done = read_only("-c", LEARNER)
    assert done.returncode == 0, done.stderr
    assert "In Mbit/s, please: that is bits a second." in done.stdout
    assert "■ passed  125 Mbit/s." in done.stdout
    assert "\nhint: " in done.stdout
    assert done.stdout.count("Your progress is not kept in .tcplab-progress.db: it cannot be written") == 1
    assert "Traceback" not in done.stderr


def test_progress_is_shown(read_only):
    """There is none, and nothing to be written in order to say so."""
    done = read_only("-m", "tcplab", "progress")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 of ")


def test_copies_of_the_labs_want_a_folder(read_only):
    """The way out is a command, and no errno without words."""
    done = read_only("-m", "tcplab", "lab", "--no-browser")
    assert done.returncode == 1
    assert "cannot be written by you (Read-only file system). Name a folder of your own: tcplab lab DIR" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_lab_runs(read_only):
    """From top to bottom, with its world, and what the kernel keeps lies elsewhere."""
    done = read_only("-m", "tcplab", "run", "00", within_s=240)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 passed." in done.stdout
