"""`tcplab new-lab SLUG`: what it writes runs, and keeps the conventions, before anybody has edited it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.by_anyone

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("course", "tests/course", "tests/unit", "tests/recorded", "labs", "solutions")
FILES = ("pyproject.toml", "env/up", *(f"tests/{path.name}" for path in (ROOT / "tests").glob("*.py")))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, as far as a new lab needs it; lab 06 and its claims are taken out."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for path in (*root.glob("*/06-*"), *root.glob("*/*/06-*"), *root.rglob("lab_06.py"), *root.rglob("06.toml")):
        path.unlink()
    return root


def ran(checkout: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python command on the copy's own library."""
    path = os.pathsep.join([str(checkout / "course"), str(checkout / "tests")])
    env = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *argv], cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=200
    )


def test_it_keeps_the_conventions_and_runs(checkout: Path) -> None:
    """Chapter, checks and wrong answers: generated, executed, judged; ruff has no complaint; its claims have cells."""
    said = ran(checkout, "-m", "tcplab", "new-lab", "06-who-keeps-it", "--json")
    assert said.returncode == 0, said.stderr
    files = json.loads(said.stdout)["files"]
    assert [Path(path).name for path in files] == ["06-who-keeps-it.md", "lab_06.py", "06.toml", "lab_06.py"]

    made = ran(checkout, "course/make_labs.py", "06")
    assert made.returncode == 0, made.stderr
    tests = [f"tests/course/test_{name}.py" for name in ("chapters", "exercises", "hints", "trees")]
    proof = ran(
        checkout, "-m", "pytest", "-q", f"--basetemp={checkout / 'b'}", "-k", "06 or lab_06 or S9 or X16", *tests
    )
    assert proof.returncode == 0, proof.stdout
    for words in (["check"], ["format", "--check", "--diff"]):
        style = ran(checkout, "-m", "ruff", *words, "--no-cache", *(path for path in files if path.endswith(".py")))
        assert style.returncode == 0, style.stdout + style.stderr


def test_nothing_is_overwritten(checkout: Path) -> None:
    """A number that is taken is refused, with those that are free; so is a file that is there."""
    before = (checkout / "course/chapters").stat().st_mtime_ns
    said = ran(checkout, "-m", "tcplab", "new-lab", "03-again")
    assert (said.returncode, said.stdout) == (2, "")
    assert "SLUG='03-again' is not possible. Allowed: a number that no lab has: " in said.stderr
    (checkout / "tests/course/wrong_answers/lab_55.py").write_text("kept\n")
    said = ran(checkout, "-m", "tcplab", "new-lab", "55-again")
    assert said.returncode == 2
    assert "(there is lab_55.py)" in said.stderr
    assert (checkout / "tests/course/wrong_answers/lab_55.py").read_text() == "kept\n"
    assert (checkout / "course/chapters").stat().st_mtime_ns == before


@pytest.mark.parametrize("slug", ["", "6-x", "Who", "who keeps", "../x", "08_x", "08-", "-x", "008-x"])
def test_what_is_no_slug(checkout: Path, slug: str) -> None:
    """Refused, with what one looks like."""
    said = ran(checkout, "-m", "tcplab", "new-lab", "--", slug)
    assert said.returncode == 2
    assert "lower case and hyphens" in said.stderr


def test_only_in_a_checkout(checkout: Path, tmp_path: Path) -> None:
    """From the wheel there is nothing to add a lab to, and it says so."""
    shutil.copytree(checkout / "course" / "tcplab", tmp_path / "site" / "tcplab")
    env = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    argv = [sys.executable, "-m", "tcplab", "new-lab", "who-keeps-it"]
    said = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (1, "")
    assert "New labs are made in a checkout" in said.stderr
