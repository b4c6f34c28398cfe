"""./env/nginx: what came is held against its pin, and a machine that is no Debian is told so."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ENV = Path(__file__).resolve().parents[2] / "env"


@pytest.fixture
def steps(monkeypatch):
    """The module, as ./env/nginx runs it."""
    monkeypatch.syspath_prepend(str(ENV / "steps"))
    for name in ("nginx_versions", "debian", "place", "say", "suites", "tools", "packages"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("nginx_versions")


def refused(steps, version, debs):
    """What check() says."""
    with pytest.raises(steps.Refused) as said:
        steps.check(version, debs)
    return said.value.what


def test_a_package_that_is_not_what_was_pinned(steps, tmp_path, monkeypatch):
    """Another hash is refused; an unknown package only where the suite no longer moves."""
    fixed, moving = steps.VERSIONS
    name, pinned = next(iter(steps.pins(steps.FILE).items()))
    (tmp_path / name).write_bytes(b"not this")
    assert refused(steps, fixed, tmp_path) == f"{name} is not what was pinned."
    assert refused(steps, moving, tmp_path) == f"{name} is not what was pinned."

    (tmp_path / name).unlink()
    (tmp_path / "nginx_9.9_amd64.deb").write_bytes(b"newer")
    monkeypatch.setattr(steps, "run", lambda argv: subprocess.CompletedProcess(argv, 0, "amd64\n"))
    steps.check(moving, tmp_path)
    assert "is not in env/nginx-versions.txt" in refused(steps, fixed, tmp_path)
    assert len(pinned) == 64


def test_every_package_is_pinned(steps):
    """Those of each version, on the architecture that most have."""
    for package in {package for version in steps.VERSIONS for package in version.packages}:
        assert any(name.startswith(f"{package}_") for name in steps.pins(steps.FILE)), "Run ./env/nginx --pin"


def test_what_is_pinned_passes(steps, tmp_path, monkeypatch):
    """The same bytes, from whichever mirror."""
    (tmp_path / "nginx_1_amd64.deb").write_bytes(b"this")
    digest = dict(steps.digests(tmp_path))["nginx_1_amd64.deb"]
    monkeypatch.setattr(steps, "pins", lambda _: {"nginx_1_amd64.deb": digest})
    for version in steps.VERSIONS:
        steps.check(version, tmp_path)


def test_the_mirror_is_the_machines_own(steps, tmp_path, monkeypatch):
    """Of all its sources the one that its release comes from; without one, or without Debian, it is refused."""
    suites = sys.modules["suites"]
    release = tmp_path / "os-release"
    release.write_text('NAME="Debian GNU/Linux"\nID=debian\nVERSION_CODENAME=bookworm\n')
    said = "nodistro near/node\nbookworm near/debian/\nbookworm-security near/security/\n"
    monkeypatch.setattr(suites, "Path", lambda path: release if path == "/etc/os-release" else Path(path))
    monkeypatch.setattr(suites.debian, "available", lambda: True)
    monkeypatch.setattr(suites, "run", lambda argv, **_: subprocess.CompletedProcess(argv, 0, said))
    assert suites.mirror() == "near/debian/"
    assert suites.mirror("-security") == "near/security/"
    release.write_text('NAME="Debian GNU/Linux"\nID=debian\nVERSION_CODENAME=trixie\n')
    with pytest.raises(suites.Refused, match="no source for trixie"):
        suites.mirror()
    release.write_text("NAME=Ubuntu\nID=ubuntu\nVERSION_CODENAME=noble\n")
    with pytest.raises(suites.Refused, match="this is Ubuntu"):
        suites.mirror()


def test_a_version_that_cannot_be_had_is_named(steps, tmp_path, monkeypatch, capsys):
    """Each in a line of its own, and the next is tried."""
    monkeypatch.setattr(steps, "BIN", tmp_path)

    def fail(version):
        raise steps.Refused("The network is away.", "")

    monkeypatch.setattr(steps, "make", fail)
    assert steps.make_versions() == ["1.18: The network is away.", "1.30: The network is away."]
    assert capsys.readouterr().out.count("goes missing: The network is away.") == 2


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("-h", 0), ("--pinned", 2)])
def test_words(word, code):
    """Help tells every option; a word that is not understood begins nothing."""
    done = subprocess.run([ENV / "nginx", word], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("--pin  " in done.stdout) if code == 0 else ("there is no option --pinned" in done.stderr)
