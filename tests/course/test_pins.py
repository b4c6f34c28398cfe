"""What ./env/up installs is pinned, hashed, complete, and names no address."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "requirements.txt",
    "requirements-test.txt",
    "requirements-build.txt",
    "requirements-uv.txt",
    "requirements-hub.txt",
    "requirements-nbgrader.txt",
    "requirements-bench.txt",
)


def pinned(name):
    """The packages of a file of pins, each with its lines."""
    blocks = re.split(r"\n(?=\w)", (ROOT / "env" / name).read_text())
    return {re.split(r"[=\s]", block)[0]: block for block in blocks if not block.startswith("#")}


def names(requirements):
    """The package names of requirements as pyproject.toml writes them, normalised."""
    return {re.match(r"[\w.-]+", each)[0].lower().replace("_", "-") for each in requirements}


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_and_hashed_without_an_address(name):
    """A mirror or another network serves the same bytes, or the installation stops."""
    text = (ROOT / "env" / name).read_text()
    assert "://" not in text, f"env/{name} names an address; run ./env/pin"
    for package, block in pinned(name).items():
        assert re.match(rf"{package}==\S+", block), f"{package} in env/{name} is not pinned; run ./env/pin"
        assert "--hash=sha256:" in block, f"{package} in env/{name} has no hash; run ./env/pin"


def test_pins_hold_every_dependency():
    """A dependency added to pyproject.toml is pinned too; if not: ./env/pin."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    running, testing = set(pinned("requirements.txt")), set(pinned("requirements-test.txt"))
    assert names(project["dependencies"]) <= running
    assert names(project["optional-dependencies"]["test"]) <= testing
    assert names(project["optional-dependencies"]["hub"]) <= set(pinned("requirements-hub.txt"))
    assert names(project["optional-dependencies"]["nbgrader"]) <= set(pinned("requirements-nbgrader.txt"))
    assert {"hatchling", "editables"} <= set(pinned("requirements-build.txt"))


def test_files_of_pins_agree():
    """./env/up, ./env/test and ./env/hub/up install the same version of the same package."""
    running = pinned("requirements.txt")
    for name in (
        "requirements-test.txt",
        "requirements-hub.txt",
        "requirements-nbgrader.txt",
        "requirements-bench.txt",
    ):
        for package, block in pinned(name).items():
            if package in running:
                assert running[package].split()[0] == block.split()[0], f"{package} differs; run ./env/pin"


def test_versions_of_nginx_are_pinned_and_hashed_without_an_address():
    """A mirror or another network serves the same bytes, or the version is refused."""
    text = (ROOT / "env" / "nginx-versions.txt").read_text()
    assert "://" not in text
    rows = [row.split() for row in text.splitlines() if row and not row.startswith("#")]
    assert all(re.fullmatch(r"[\w.+%~-]+\.deb", name) for name, _ in rows)
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for _, digest in rows)
