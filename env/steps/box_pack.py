"""A box file: a disk as the provider wants it, with what Vagrant must know of it."""

import io
import json
import tarfile
import tempfile
from pathlib import Path
from string import Template

from box_disk import DISK_MIB, MIB, Arch, do
from say import doing

PROVIDERS = ("libvirt", "virtualbox")
FILES = Path(__file__).with_name("box_files")
VAGRANTFILE = 'Vagrant.configure("2") {{ |config| config.vm.base_mac = {mac} }}\n'
MAC = "080027B0C5E1"


def metadata(provider: str, arch: Arch) -> dict[str, str | int]:
    """What the box says of itself."""
    said: dict[str, str | int] = {"provider": provider, "architecture": arch}
    return said | {"format": "qcow2", "virtual_size": DISK_MIB // 1024} if provider == "libvirt" else said


def description(arch: Arch) -> str:
    """VirtualBox's description of the machine (OVF 1.0): one disk, one card behind NAT."""
    platform = {Arch.AMD64: ("Debian_64", "x86"), Arch.ARM64: ("Debian_arm64", "ARM")}[arch]
    values = {"capacity": str(DISK_MIB * MIB), "system": platform[0], "mac": MAC, "platform": platform[1]}
    return Template((FILES / "box.ovf").read_text(encoding="utf-8")).substitute(values)


def pack(disk: Path, provider: str, arch: Arch, into: Path) -> Path:
    """Write PROVIDER-ARCH.box, whole or not at all."""
    box = into / f"{provider}-{arch}.box"
    with doing("box", f"packing for {provider}"), tempfile.TemporaryDirectory(dir=disk.parent) as folder:
        made = Path(folder)
        files: dict[str, bytes | Path] = {"metadata.json": json.dumps(metadata(provider, arch)).encode()}
        if provider == "libvirt":
            files["Vagrantfile"] = b'Vagrant.configure("2") { |config| }\n'
            files["box.img"] = convert(disk, made / "box.img", "-f", "raw", "-O", "qcow2", "-c")
        else:
            files["Vagrantfile"] = VAGRANTFILE.format(mac=f'"{MAC}"').encode()
            files["box.ovf"] = description(arch).encode()
            stream = ("-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized")
            files["box.vmdk"] = convert(disk, made / "box.vmdk", *stream)
        whole = made / "whole.box"
        archive(files, whole)
        whole.replace(box)
    return box


def convert(disk: Path, to: Path, *options: str) -> Path:
    """Convert the disk image; both formats compress."""
    do(["qemu-img", "convert", *options, disk, to], f"{to.name}")
    return to


def archive(files: dict[str, bytes | Path], to: Path) -> None:
    """Write a tar file of text and files, owned by nobody in particular."""
    with tarfile.open(to, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
                continue
            info.size = content.stat().st_size
            with content.open("rb") as file:
                tar.addfile(info, file)
