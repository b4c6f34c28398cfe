"""What GitHub is told to do: valid by its schema, by commands that exist, with actions pinned by their commit."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from containers import BARE, NEEDED, lacking

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
OPTIONS = (ROOT / "env/test").read_text() + (ROOT / "env/up").read_text()


def test_the_workflows_are_valid() -> None:
    """By the schema that comes with check-jsonschema."""
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*argv, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_by_commit(file) -> None:
    """A tag can be moved, a commit cannot; the version stands beside it."""
    uses = re.findall(r"uses: (.*)", file.read_text())
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action), action


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_what_they_run_exists(file) -> None:
    """Each program of env/ is there and can be run; each option of ./env/test and ./env/up is one."""
    for program, words in re.findall(r"\./(env/[\w-]+)((?: --?\w[\w-]*)*)", file.read_text()):
        path = ROOT / program
        assert path.stat().st_mode & 0o100, f"{program} is not executable"
        if program in ("env/test", "env/up"):
            for word in words.split():
                assert re.search(rf"{re.escape(word)}\b", OPTIONS), f"{program} has no option {word}"


def test_nothing_more_is_allowed_than_is_used() -> None:
    """Read by default; only the job that commits its table may write."""
    texts = {file.name: file.read_text() for file in WORKFLOWS}
    assert all("\npermissions:\n  contents: read\n" in text for text in texts.values())
    rows = [line.strip() for text in texts.values() for line in text.splitlines()]
    assert [row for row in rows if row.endswith(": write")] == ["contents: write"]


def test_the_development_container_is_the_courses_own() -> None:
    """Its image is env/Containerfile's stage without the course, and it is given the least that root needs."""
    said = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    folder = ROOT / ".devcontainer"
    containerfile = (folder / said["build"]["dockerfile"]).resolve()
    assert (containerfile, (folder / said["build"]["context"]).resolve()) == (ROOT / "env/Containerfile", ROOT)
    assert f" AS {said['build']['target']}\n" in containerfile.read_text()
    assert (said["capAdd"], said["securityOpt"]) == (["SYS_ADMIN", "NET_ADMIN"], ["apparmor=unconfined"])
    assert said["postCreateCommand"].split()[0] == "./env/up"


def test_a_learner_is_told_the_options_that_are_tried() -> None:
    """README and Containerfile name those of tests/container, and the public image is only a default."""
    for file in ("README.md", "env/Containerfile"):
        assert f"podman run --rm -it --network host {' '.join(BARE)} tcplab\n" in (ROOT / file).read_text()
    assert re.search(r"^ARG BASE=\S+\n+FROM \$\{BASE\} AS", (ROOT / "env/Containerfile").read_text(), re.MULTILINE)


def test_who_lacks_podman_is_told_what_to_install(monkeypatch) -> None:
    """All packages that ./env/test --container needs; with $BASE, none to bootstrap a base image."""
    monkeypatch.setattr("containers.shutil.which", lambda *_, **__: None)
    monkeypatch.delenv("BASE", raising=False)
    assert lacking() == list(NEEDED.values())
    monkeypatch.setenv("BASE", "debian")
    assert lacking() == [package for package in NEEDED.values() if package != "mmdebstrap"]
