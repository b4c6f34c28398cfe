"""./env/box: what it writes is what Vagrant and VirtualBox read; what is missing is said with its command."""

import hashlib
import importlib
import json
import struct
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ENV = Path(__file__).resolve().parents[2] / "env"
MODULES = (
    "box",
    "box_catalog",
    "box_disk",
    "box_pack",
    "box_root",
    "needs",
    "debian",
    "place",
    "say",
    "tools",
    "packages",
)


@pytest.fixture
def step(monkeypatch):
    """Import a module, as ./env/box runs it."""
    monkeypatch.syspath_prepend(str(ENV / "steps"))
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module


def test_catalog_holds_each_box_once_with_its_hash(step, tmp_path):
    """A box made again takes the place of the one before; amd64 stands last, for an old Vagrant."""
    catalog, arch = step("box_catalog"), step("box_disk").Arch
    for version, provider, which in (("1", "libvirt", "amd64"), ("2", "libvirt", "arm64"), ("3", "libvirt", "amd64")):
        box = tmp_path / f"{provider}-{which}.box"
        box.write_bytes(version.encode())
        catalog.add(catalog.entry(box, provider, arch(which), base=None), tmp_path, name="a/b", version=version)

    said = json.loads((tmp_path / "metadata.json").read_text())
    assert said["name"] == "a/b"
    (version,) = said["versions"]
    assert version["version"] == "3"
    assert [box["architecture"] for box in version["providers"]] == ["arm64", "amd64"]
    last = version["providers"][-1]
    assert last["checksum_type"] == "sha256"
    assert last["checksum"] == hashlib.sha256(b"3").hexdigest()
    assert last["url"] == (tmp_path / "libvirt-amd64.box").as_uri()
    assert (last["default_architecture"], version["providers"][0]["default_architecture"]) == (True, False)


def test_addresses_of_boxes(step):
    """Where they lie, with spaces as a URL has them; or where they will be."""
    address = step("box_catalog").address
    assert address(Path("/a b/x.box"), None) == "file:///a%20b/x.box"
    assert address(Path("/a b/x.box"), "https://example.org/boxes/") == "https://example.org/boxes/x.box"


def test_box_file_is_what_vagrant_unpacks(step, tmp_path):
    """Metadata, a Vagrantfile and the disk, under the names that its providers ask for."""
    pack, arch = step("box_pack"), step("box_disk").Arch
    disk = tmp_path / "disk"
    disk.write_bytes(b"disk")
    pack.archive({"metadata.json": b"{}", "box.img": disk}, tmp_path / "x.box")
    with tarfile.open(tmp_path / "x.box") as tar:
        assert {member.name: tar.extractfile(member).read() for member in tar} == {
            "metadata.json": b"{}",
            "box.img": b"disk",
        }
    assert pack.metadata("libvirt", arch.AMD64)["format"] == "qcow2"
    assert pack.metadata("virtualbox", arch.ARM64) == {"provider": "virtualbox", "architecture": "arm64"}


@pytest.mark.parametrize("which", ["amd64", "arm64"])
def test_description_is_xml_with_one_disk_of_the_right_size(step, which):
    """OVF names a disk, and the disk names a file, which the box has."""
    pack, disk = step("box_pack"), step("box_disk")
    tree = ET.fromstring(pack.description(disk.Arch(which)))
    ovf = "{http://schemas.dmtf.org/ovf/envelope/1}"
    (one,) = tree.iter(f"{ovf}Disk")
    assert int(one.get(f"{ovf}capacity")) == disk.DISK_MIB * disk.MIB
    (file,) = tree.iter(f"{ovf}File")
    assert (file.get(f"{ovf}href"), file.get(f"{ovf}id")) == ("box.vmdk", one.get(f"{ovf}fileRef"))


def test_boot_record_leaves_the_partitions_alone(step, tmp_path):
    """GRUB's first 440 bytes, its second part from the second sector on, and nothing over the table between."""
    disk = step("box_disk")
    root = tmp_path / "root"
    for name, content in (("usr/lib/grub/i386-pc/boot.img", b"B" * 512), ("boot/grub/core.img", b"C" * 1000)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(content)
    image = tmp_path / "disk"
    image.write_bytes(b"." * 4096)
    disk.write_boot(root, disk.Arch.AMD64, image, tmp_path)
    said = image.read_bytes()
    assert struct.unpack("440s72s1000s", said[:1512]) == (b"B" * 440, b"." * 72, b"C" * 1000)
    assert len(said) == 4096


def test_layouts(step):
    """A boot record for a BIOS, a partition for EFI: the root begins where GRUB looks for it."""
    disk = step("box_disk")
    assert disk.layout(disk.Arch.AMD64) == "label: dos\nstart=1MiB, type=L, bootable\n"
    assert disk.layout(disk.Arch.ARM64).splitlines()[1:] == ["start=1MiB, size=32MiB, type=U", "start=33MiB"]
    assert disk.BOOT[disk.Arch.ARM64].grub_prefix.startswith("(hd0,gpt2)")


def test_what_is_missing_is_said_at_once(step, monkeypatch):
    """All programs, and the packages that have them, in one command."""
    needs = step("needs")
    monkeypatch.setattr(needs, "SYSTEM_PATH", "")
    with pytest.raises(importlib.import_module("say").Refused) as said:
        needs.require({"sfdisk": "fdisk", "mke2fs": "e2fsprogs", "mkfs.ext4": "e2fsprogs"}, "Building a box")
    assert said.value.what == "Building a box needs sfdisk, mke2fs, mkfs.ext4, which this machine lacks."
    assert said.value.mend == "sudo apt-get install --no-install-recommends e2fsprogs fdisk"


def test_box_brings_what_the_course_would_unpack(step):
    """A program of the course that every machine must have is in the box: no network is needed for it."""
    names = {package.name for package in step("packages").COURSE}
    named = {"telnet": "inetutils-telnet"}
    assert {named.get(name, name) for name in names} <= set(step("box_root").COURSE)


def test_nothing_listens_in_the_box_but_sshd(step):
    """Whatever package of it is a server is switched off while it is built."""
    setup = (ENV / "steps" / "box_files" / "setup").read_text()
    assert "systemctl disable --quiet nginx.service" in setup


def test_service_of_the_machine_and_its_settings_agree():
    """The port that is forwarded is the one that the service listens on."""
    settings = (ENV / "vagrant" / "settings.rb").read_text()
    assert "PORT = 8888 " in settings
    assert "--port 8888" in (ENV / "vagrant" / "tcplab.service").read_text()
    assert "BEHIND_NAT = 8889 " in settings
    assert "ListenStream=8889\n" in (ENV / "vagrant" / "tcplab-nat.socket").read_text()
    assert "127.0.0.1:8888" in (ENV / "vagrant" / "tcplab-nat.service").read_text()


def test_wheels_for_another_python():
    """Conditions are judged for that Python, whichever runs; the hashes stay."""
    sys.path.insert(0, str(ENV.parent / "tests"))
    try:
        wanted = importlib.import_module("vm.wheels").wanted
    finally:
        sys.path.pop(0)
    old = "a==1 ; python_full_version < '3.11.5' \\\n    --hash=sha256:00\n"
    new = "a==2 ; python_full_version >= '3.11.5' \\\n    --hash=sha256:01\n"
    pins = f"# head\n{old}{new}b==3 \\\n    --hash=sha256:02\n"
    assert wanted(pins, "3.11.2") == "a==1 \\\n    --hash=sha256:00\nb==3 \\\n    --hash=sha256:02\n\n"
    assert tomllib.loads((ENV.parent / "pyproject.toml").read_text())["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize(("words", "code"), [(["--arch", "mips"], 2), (["--provider", "xen"], 2)])
def test_words_that_are_not_understood(words, code):
    """Begin nothing."""
    done = subprocess.run([ENV / "box", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "invalid" in done.stderr
