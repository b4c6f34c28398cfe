"""A disk image that boots, from a tree of files: no loop device, no mount, no root."""

import enum
from dataclasses import dataclass
from pathlib import Path

from say import Refused, doing, run, tail

MIB = 1 << 20
DISK_MIB = 8192  # what the machine sees; the file holds only what is written


class Arch(enum.StrEnum):
    """An architecture, by Debian's name."""

    AMD64 = "amd64"
    ARM64 = "arm64"


@dataclass(frozen=True)
class Boot:
    """How a machine of an architecture begins: BIOS and a master boot record, or EFI and a partition of its own."""

    packages: tuple[str, ...]
    grub_format: str
    grub_prefix: str
    root_at_mib: int


BOOT = {
    Arch.AMD64: Boot(("grub-common", "grub-pc-bin"), "i386-pc", "(hd0,msdos1)/boot/grub", 1),
    Arch.ARM64: Boot(("grub-common", "grub-efi-arm64-bin"), "arm64-efi", "(hd0,gpt2)/boot/grub", 33),
}
_EVERYWHERE = {"mmdebstrap": "mmdebstrap", "sfdisk": "fdisk", "mke2fs": "e2fsprogs", "qemu-img": "qemu-utils"}
PROGRAMS = {Arch.AMD64: _EVERYWHERE, Arch.ARM64: {**_EVERYWHERE, "mformat": "mtools", "mcopy": "mtools"}}


def layout(arch: Arch) -> str:
    """The partitions, as sfdisk reads them."""
    if arch is Arch.AMD64:
        return "label: dos\nstart=1MiB, type=L, bootable\n"
    return f"label: gpt\nstart=1MiB, size={BOOT[arch].root_at_mib - 1}MiB, type=U\nstart={BOOT[arch].root_at_mib}MiB\n"


def do(argv: list[str | Path], what: str) -> None:
    """Run a step of making the disk, or say which one failed."""
    result = run(argv)
    if result.returncode:
        raise Refused(f"{what} could not be made.", "Is the disk full? df -h .", tail(result.stdout))


def make_disk(root: Path, arch: Arch, scratch: Path) -> Path:
    """Make the image: partitions, the file system with all files, and what the firmware starts."""
    from box_root import unshared

    disk, script = scratch / "disk.raw", scratch / "layout"
    with disk.open("wb") as file:
        file.truncate(DISK_MIB * MIB)
    disk.chmod(0o666)  # written by the tree's owner, which is another for an ordinary user
    script.write_text(layout(arch))
    begin = BOOT[arch].root_at_mib
    with doing("disk", f"{DISK_MIB // 1024} GB, {BOOT[arch].grub_format}"):
        do(["sh", "-c", 'exec sfdisk --quiet "$1" <"$2"', "sfdisk", disk, script], "The table of partitions")
        # The last MiB stays free: a GPT has its copy at the end of the disk.
        size = f"{(DISK_MIB - begin - 1) * 1024}k"
        make: list[str | Path] = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-E", f"offset={begin * MIB}"]
        do([*unshared(), *make, "-d", root, disk, size], "The file system")
        write_boot(root, arch, disk, scratch)
        do([*unshared(), "rm", "-rf", root], "Room on the disk")
    return disk


def write_boot(root: Path, arch: Arch, disk: Path, scratch: Path) -> None:
    """Write what the firmware starts: GRUB in the gap behind the boot record, or as a file of the EFI partition."""
    core = root / "boot/grub/core.img"
    if arch is Arch.AMD64:
        boot = (root / "usr/lib/grub/i386-pc/boot.img").read_bytes()
        with disk.open("r+b") as file:
            file.write(boot[:440])  # what follows in the first sector are the partitions
            file.seek(512)
            file.write(core.read_bytes())
        return

    image = f"{disk}@@{MIB}"
    copy = scratch / "BOOTAA64.EFI"
    copy.write_bytes(core.read_bytes())
    size = (BOOT[arch].root_at_mib - 1) * MIB // 512
    do(["mformat", "-i", image, "-T", str(size), "-h", "64", "-s", "32", "-v", "EFI", "::"], "The EFI partition")
    do(["mmd", "-i", image, "::/EFI", "::/EFI/BOOT"], "The EFI partition")
    do(["mcopy", "-i", image, copy, "::/EFI/BOOT/BOOTAA64.EFI"], "The EFI partition")
