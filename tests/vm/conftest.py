"""One virtual machine for all tests here, from nothing: a copy of the course, a box built from it, vagrant up."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from vm.house import House, house, lacking
from vm.wheels import fetch

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.11.2"  # Debian 12's
# Of the tests, not of the course: a disk that forgets, the box's own key (two minutes less in emulation), and what the
# machine was like before the course came.
BESIDE = """
Vagrant.configure("2") do |config|
  config.ssh.insert_key = false
  config.vm.provider("libvirt") { |machine| machine.disk_driver cache: "unsafe" }
  config.vm.provision "before", type: "shell",
    inline: "[ -e /var/tmp/before ] || sh /vagrant/tests/vm/state.sh >/var/tmp/before"
end
"""


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where the log and the screenshot stay; git ignores it."""
    folder = Path(__file__).with_name("shots")
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def say(shots: Path) -> Iterator[Callable[[str], None]]:
    """Tell a line now, on the terminal and in the log that stays."""
    with (shots / "vm.log").open("w") as log:

        def line(text: str) -> None:
            print(text, flush=True)
            print(text, file=log, flush=True)

        yield line


@pytest.fixture(scope="session")
def course(say: Callable[[str], None]) -> Iterator[Path]:
    """A copy of what git knows, at a path with spaces, with wheels, and the box that ./env/box builds there."""
    if what := lacking():
        pytest.exit(f"A virtual machine cannot be tried here yet:\n    {what}", returncode=1)
    scratch = Path(tempfile.mkdtemp(prefix="tcplab vm ", dir="/var/tmp"))
    try:
        copy = scratch / "the course"
        copy.mkdir()
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(
            ["tar", "-c", "--null", "-T", "-", "-f", copy.with_suffix(".tar")], cwd=ROOT, input=names, check=True
        )
        subprocess.run(["tar", "-x", "-f", copy.with_suffix(".tar")], cwd=copy, check=True)
        began = time.monotonic()
        fetch(copy / ".wheels", PYTHON)
        say(f"{time.monotonic() - began:6.0f} s  {len(list((copy / '.wheels').glob('*.whl')))} wheels")
        began = time.monotonic()
        if given := os.environ.get("TCPLAB_TEST_BOX"):  # built before: for who works on these tests
            shutil.copytree(given, copy / ".box")
        else:
            subprocess.run([copy / "env" / "box"], check=True)
        say(f"{time.monotonic() - began:6.0f} s  the box")
        yield copy
    finally:
        shutil.rmtree(scratch)


@pytest.fixture(scope="session")
def inside(course: Path, say: Callable[[str], None]) -> Iterator[House]:
    """Namespaces with a libvirt in them, and Vagrant's own home."""
    home = course.parent / "vagrant home"
    home.mkdir()
    (home / "Vagrantfile").write_text(BESIDE)
    with house(course.parent, say) as one:
        one.folder = course
        one.env = {
            "HOME": str(home),
            "VAGRANT_HOME": str(home),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_DEFAULT_PROVIDER": "libvirt",
            "TCPLAB_VM_DRIVER": "qemu",
            "TCPLAB_VM_CPUS": "1",
            "TCPLAB_VM_MEMORY": "1536",
            "TCPLAB_VM_PATIENCE": "3600",
        }
        yield one


@pytest.fixture(scope="session")
def up(inside: House) -> str:
    """What `vagrant up` said."""
    return inside.run(["vagrant", "up", "--provider=libvirt"], within_s=7200)


@pytest.fixture(scope="session")
def page(inside: House, shots: Path) -> Callable[[str, str], str]:
    """Open an address in Chromium, from where the learner is, and keep a picture of it."""

    def look(address: str, name: str) -> str:
        script = str(Path(__file__).with_name("look.py"))
        return inside.run([sys.executable, script, address, str(shots / name)], within_s=2400)

    return look
