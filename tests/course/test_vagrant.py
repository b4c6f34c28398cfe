"""The Vagrantfile is one that Vagrant understands, for every provider, and says plainly what cannot be."""

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUBY = [ROOT / "Vagrantfile", *sorted((ROOT / "env" / "vagrant").glob("*.rb"))]
SCRIPTS = ("provision", "box", "steps/box_files/setup", "up", "test", "pin", "nginx")
# As vagrant-qemu's own lib/vagrant-qemu/config.rb names them.
QEMU_OPTIONS = """
    ssh_host ssh_port ssh_auto_correct arch machine cpu smp memory net_device drive_interface image_path qemu_bin
    qemu_dir disk_resize extra_qemu_args extra_netdev_args extra_drive_args control_port debug_port no_daemonize
    firmware_format other_default extra_image_opts numactl_args
"""
QEMU = f"""
class FakeQemu < Vagrant.plugin("2")
  name "a stand-in for vagrant-qemu"
  provider(:qemu, box_format: %w[qemu libvirt]) do
    Class.new(Vagrant.plugin("2", :provider)) {{ def state = Vagrant::MachineState.new(:not_created, "", "") }}
  end
  config(:qemu, :provider) {{ Class.new(Vagrant.plugin("2", :config)) {{ attr_accessor(*%i[{QEMU_OPTIONS}]) }} }}
end
"""


@pytest.fixture
def vagrant(tmp_path):
    """Run Vagrant with a home of its own, and stand-ins for the providers that this machine lacks."""
    if not shutil.which("vagrant"):
        pytest.skip("there is no vagrant here: sudo apt-get install --no-install-recommends vagrant vagrant-libvirt")
    box_manager = tmp_path / "bin" / "VBoxManage"
    box_manager.parent.mkdir()
    box_manager.write_text('#!/bin/sh\ncase "$*" in *--version*|*-v*) echo 7.0.20r163906;; esac\n')
    box_manager.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    (home / "Vagrantfile").write_text(QEMU)
    tree = tmp_path / "a tree"
    (tree / "env").mkdir(parents=True)
    shutil.copy(ROOT / "Vagrantfile", tree)
    shutil.copy(ROOT / "env" / "provision", tree / "env")
    shutil.copytree(ROOT / "env" / "vagrant", tree / "env" / "vagrant")
    own = {"HOME": str(home), "VAGRANT_HOME": str(home), "VAGRANT_CHECKPOINT_DISABLE": "1"}
    path = f"{box_manager.parent}{os.pathsep}{os.environ['PATH']}"

    def run(*words, provider="virtualbox", **env):
        given = os.environ | own | {"PATH": path, "VAGRANT_DEFAULT_PROVIDER": provider} | env
        argv = ["vagrant", *words, "--no-color"]
        done = subprocess.run(argv, cwd=tree, env=given, capture_output=True, text=True, check=False, timeout=240)
        return done.returncode, done.stdout + done.stderr

    return run


def has_libvirt():
    """Whether vagrant-libvirt is here."""
    return any(Path("/usr/share/rubygems-integration/all/gems").glob("vagrant-libvirt-*"))


@pytest.mark.parametrize("path", RUBY, ids=lambda path: path.name)
def test_ruby_can_read_it(path):
    """No Vagrant is needed to see that a file is Ruby."""
    if not shutil.which("ruby"):
        pytest.skip("there is no ruby here: sudo apt-get install ruby")
    done = subprocess.run(["ruby", "-wc", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr


@pytest.mark.parametrize("provider", ["virtualbox", "libvirt", "qemu"])
def test_every_provider_validates(vagrant, provider):
    """Vagrant checks the block of one provider at a time: an option that it does not know is an error."""
    if provider == "libvirt" and not has_libvirt():
        pytest.skip("there is no vagrant-libvirt here: sudo apt-get install --no-install-recommends vagrant-libvirt")
    code, said = vagrant("validate", provider=provider)
    assert (code, "validated successfully" in said) == (0, True), said


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("TCPLAB_VM_MEMORY", "2 GB", "a whole number from 1024"),
        ("TCPLAB_VM_DRIVER", "xen", "it is kvm, or qemu"),
    ],
)
def test_setting_that_cannot_be(vagrant, name, value, word):
    """One sentence with the value and what it may be; no stack of Ruby's."""
    code, said = vagrant("validate", **{name: value})
    assert code == 1
    assert f'{name} is "{value}"' in said
    assert word in said
    assert ".rb:" not in said


def test_without_a_box_it_says_how_to_have_one(vagrant):
    """And begins nothing."""
    code, said = vagrant("up")
    assert code == 1
    assert "./env/box --provider virtualbox" in said
    assert "TCPLAB_BOX_URL=" in said


NOTEBOOKS = """
module Vagrant; module Errors; class VagrantError < StandardError; def initialize(*) = super(); end; end; end
require File.join(ARGV[0], "settings")
Tcplab::Settings.send(:remove_const, :ROOT); Tcplab::Settings::ROOT = Dir.pwd
require File.join(ARGV[0], "notebooks")
puts Tcplab::Notebooks.new(nil, nil).send(:unpack, File.open("there.tar", "rb"))
"""


def test_of_two_notebooks_the_newer_one_stays(tmp_path):
    """What comes out of the machine never takes the place of something newer, nor lands beside my-labs."""
    if not shutil.which("ruby"):
        pytest.skip("there is no ruby here: sudo apt-get install ruby")
    here = tmp_path / "my-labs"
    here.mkdir()
    for name, mtime in (("old.ipynb", 1_000), ("new.ipynb", 3_000)):
        (here / name).write_text("here")
        os.utime(here / name, (mtime, mtime))
    with tarfile.open(tmp_path / "there.tar", "w") as tar:
        for name in ("./old.ipynb", "./new.ipynb", "./notes/more.ipynb", "../outside.ipynb"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = 5, 2_000
            tar.addfile(info, io.BytesIO(b"there"))

    argv = ["ruby", "-e", NOTEBOOKS, ROOT / "env" / "vagrant"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2\n", "")
    found = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.ipynb")}
    assert found == {
        "my-labs/old.ipynb": "there",
        "my-labs/new.ipynb": "here",
        "my-labs/notes/more.ipynb": "there",
    }
    assert (here / "old.ipynb").stat().st_mtime == 2_000


@pytest.mark.parametrize("name", SCRIPTS)
def test_shell_is_sound(name):
    """Shellcheck has nothing to say; each script tells what it is."""
    path = ROOT / "env" / name
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    if not shutil.which("shellcheck"):
        pytest.skip("there is no shellcheck here: sudo apt-get install shellcheck")
    done = subprocess.run(["shellcheck", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["provision", "box"])
def test_help(name):
    """--help says what it does, and does nothing."""
    done = subprocess.run([ROOT / "env" / name, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"env/{name}" in done.stdout
    assert "--help" in done.stdout


def test_line_ends_are_those_of_linux():
    """A checkout on Windows has scripts that a Linux machine can run."""
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text().splitlines()
    for path in (ROOT / "Vagrantfile", *(ROOT / "env" / name for name in SCRIPTS)):
        assert b"\r" not in path.read_bytes()
