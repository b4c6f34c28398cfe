"""Something else that keeps the machine busy."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def all_cores_loaded() -> Iterator[None]:
    """Run a computing process for each core."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in os.sched_getaffinity(0)]
    yield
    for burner in burners:
        burner.kill()
        burner.wait()
