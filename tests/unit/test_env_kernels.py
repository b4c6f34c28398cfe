"""./env/kernels: the pins, the newest of a series where a pinned one is gone, and what is unpacked of a package."""

import importlib
import lzma
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENV = Path(__file__).resolve().parents[2] / "env"
NAMES = [
    "linux-image-6.1.0-9-amd64",
    "linux-image-6.1.0-10-amd64",
    "linux-image-6.1.0-11-rt-amd64",
    "linux-image-6.1.0-12-cloud-amd64",
    "linux-image-6.12.9+deb13-amd64",
    "linux-image-6.12.117+deb13-amd64",
    "linux-image-6.12.117+deb13-amd64-unsigned",
    "linux-image-7.3.4+deb13-amd64",
    "linux-binary-7.3.4+deb13-amd64",
    "linux-modules-7.3.4+deb13-amd64",
]


@pytest.fixture
def steps(monkeypatch):
    """The module, as ./env/kernels runs it."""
    monkeypatch.syspath_prepend(str(ENV / "steps"))
    for name in ("kernels", "debian", "place", "say", "suites", "tools", "packages"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("kernels")


@pytest.mark.parametrize(
    ("series", "packages"),
    [
        ("6.1", ["linux-image-6.1.0-10-amd64"]),
        ("6.12", ["linux-image-6.12.117+deb13-amd64"]),
        ("7.3", ["linux-binary-7.3.4+deb13-amd64", "linux-modules-7.3.4+deb13-amd64"]),
        ("6.2", []),
    ],
)
def test_newest_of_a_series(steps, series, packages):
    """By number, not by letter; no variant for the cloud (it lacks 9P); in two packages where it is parted."""
    assert steps.newest(series, NAMES) == packages


def test_every_series_is_pinned(steps):
    """By a hash for each of its packages, which apt can be asked for by name and version."""
    known = steps.pins(steps.FILE)
    for kernel in steps.PINNED:
        assert any(f"-{kernel.series}." in name for name in known), "Run ./env/kernels --pin"
    assert {len(digest) for digest in known.values()} == {64}
    assert "linux-image-6.1.0-56-amd64=6.1.192-2" in [steps.as_apt_has_it(name) for name in known]


class _Suite:
    """A mirror that has no pinned package any more."""

    asked: list[list[str]]

    def __init__(self, name, *, security=False):
        type(self).asked = []

    def download(self, packages, into):
        from say import Refused

        self.asked.append(list(packages))
        if "=" in packages[0]:
            raise Refused("Debian's bookworm could not be asked for it.", "")
        (into / "linux-image-6.1.0-99-amd64_6.1.999-1_amd64.deb").write_bytes(b"newer")

    def names(self, prefix):
        return ["linux-image-6.1.0-99-amd64"]

    def done(self):
        pass


def test_a_mirror_that_has_forgotten_it(steps, tmp_path, monkeypatch):
    """The newest of the series takes the place of a pinned kernel that is gone."""
    monkeypatch.setattr(steps, "Suite", _Suite)
    steps.download(steps.Kernel("6.1", "bookworm"), tmp_path)
    assert _Suite.asked[-1] == ["linux-image-6.1.0-99-amd64"]
    assert len(_Suite.asked) == 2


def test_another_hash_is_refused(steps, tmp_path, monkeypatch):
    """It is not taken for a mirror that has forgotten."""

    class Wrong(_Suite):
        def download(self, packages, into):
            (into / "linux-image-6.1.0-56-amd64_6.1.192-2_amd64.deb").write_bytes(b"not this")

    monkeypatch.setattr(steps, "Suite", Wrong)
    with pytest.raises(steps.Refused) as said:
        steps.download(steps.Kernel("6.1", "bookworm"), tmp_path)
    assert said.value.what.endswith("is not what was pinned.")


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this machine has no dpkg")
def test_what_is_unpacked(steps, tmp_path):
    """The kernel and the modules of the network, decompressed; neither drivers nor documents."""
    tree = tmp_path / "tree"
    modules = tree / "usr/lib/modules/7.3.4-amd64"
    for path, content in {
        tree / "DEBIAN/control": b"Package: k\nVersion: 1\nArchitecture: all\nMaintainer: k\nDescription: k\n",
        modules / "vmlinuz": b"kernel",
        modules / "kernel/net/9p/9p.ko.xz": lzma.compress(b"module"),
        modules / "kernel/drivers/net/veth.ko.xz": lzma.compress(b"veth"),
        modules / "kernel/drivers/gpu/gpu.ko.xz": lzma.compress(b"gpu"),
        tree / "usr/share/doc/k/changelog": b"text",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    deb = tmp_path / "k.deb"
    subprocess.run(["dpkg-deb", "--build", tree, deb], check=True, capture_output=True)
    made = tmp_path / "made"
    made.mkdir()
    steps.unpack(deb, made)
    found = {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert found == {
        "lib/modules/7.3.4-amd64/vmlinuz": b"kernel",
        "lib/modules/7.3.4-amd64/kernel/net/9p/9p.ko": b"module",
        "lib/modules/7.3.4-amd64/kernel/drivers/net/veth.ko": b"veth",
    }


def test_words_that_are_no_series(steps):
    """Neither a whole version nor a name: the form is shown."""
    assert [kernel.series for kernel in steps.chosen([])] == ["5.10", "6.1", "6.12", "6.18", "7.3"]
    assert [kernel.suite for kernel in steps.chosen(["6.1", "6.16"])] == ["bookworm", ""]
    with pytest.raises(steps.Refused) as said:
        steps.chosen(["newest"])
    assert "5.10 6.1" in said.value.mend


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("--pinned", 2)])
def test_words(word, code):
    """Help tells every option; a word that is not understood begins nothing."""
    done = subprocess.run([ENV / "kernels", word], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("--pin  " in done.stdout) if code == 0 else ("there is no option --pinned" in done.stderr)


def test_help_of_the_tests_names_it():
    """With how long it takes."""
    done = subprocess.run([ENV / "test", "--help"], capture_output=True, text=True, check=True)
    assert "--kernels  " in done.stdout
    assert "minutes" in done.stdout
