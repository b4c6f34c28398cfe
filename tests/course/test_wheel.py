"""The wheel is whole: labs, solutions and configuration files travel in it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel built from this checkout, without a network."""
    where = tmp_path_factory.mktemp("wheel")
    built = subprocess.run([sys.executable, "-c", BUILD, where], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(where / built.stdout.split()[-1]) as file:
        return set(file.namelist())


@pytest.mark.parametrize("folder", ["labs", "solutions"])
def test_wheel_carries_the_notebooks(wheel, folder):
    """`tcplab lab` and `tcplab run` work from the wheel in an empty directory."""
    here = {f"tcplab/_{folder}/{path.name}" for path in (ROOT / folder).glob("*.ipynb")}
    assert here
    assert here <= wheel


def test_wheel_carries_every_file_of_the_package(wheel):
    """nginx's configuration, the sudo shim and py.typed are no Python, and are there."""
    package = ROOT / "course" / "tcplab"
    here = {str(path.relative_to(package.parent)) for path in package.rglob("*") if path.is_file()}
    here = {name for name in here if "__pycache__" not in name and ".ipynb_checkpoints" not in name}
    assert here <= wheel


def test_wheel_carries_nothing_else(wheel):
    """Neither tests nor pins nor a learner's copies."""
    assert {name.split("/")[0].partition("-")[0] for name in wheel} == {"tcplab"}
