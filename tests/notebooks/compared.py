"""Running nbval on copies of solutions, as the tests here do."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tcplab.command.claims import MASKS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
CELL_TIMEOUT_S = 90  # lab 02 waits for TIME_WAIT's 60 s
executes = pytest.mark.executes


@dataclass(frozen=True, slots=True)
class Comparison:
    """What nbval found: how many cells it ran, which failed (counting code cells from 0), and what it said.

    `duration_s` is that of the cells, without the start of kernel and nbval.
    """

    cells: int
    failed: tuple[int, ...]
    said: str
    duration_s: float = 0.0


def compared(notebook: Path, folder: Path, *, within_s: float = 240.0) -> Comparison:
    """Execute a notebook in a folder of its own, and compare every output with the stored one."""
    folder.mkdir(parents=True, exist_ok=True)
    if notebook.parent != folder:
        shutil.copy(notebook, folder)
    report = folder / "nbval.xml"
    argv = [sys.executable, "-m", "pytest", "--nbval", "-p", "nbval_shim", "-p", "no:cacheprovider", "-q"]
    argv += [f"--nbval-sanitize-with={MASKS}", f"--nbval-cell-timeout={CELL_TIMEOUT_S}", f"--junitxml={report}"]
    argv += ["--rootdir", str(folder), notebook.name]
    env = {name: value for name, value in os.environ.items() if name != "TCPLAB_DISPLAY"}  # as they were made
    path = os.pathsep.join((str(HERE), env.get("PYTHONPATH", ""))).rstrip(os.pathsep)
    env |= {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "", "COLUMNS": "200"}
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=within_s)
    if not report.exists():
        return Comparison(0, (), done.stdout + done.stderr)
    cells = list(ET.parse(report).iter("testcase"))
    bad = [cell for cell in cells if cell.find("failure") is not None or cell.find("error") is not None]
    duration_s = sum(float(cell.get("time", "0")) for cell in cells)
    return Comparison(len(cells), tuple(_number(cell) for cell in bad), done.stdout + done.stderr, duration_s)


def _number(cell: ET.Element) -> int:
    return int(cell.get("name", "").rpartition("Cell ")[2])
