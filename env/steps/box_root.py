"""The box's files: a small Debian with what the course unpacks or installs otherwise, and no server but sshd."""

import os
import re
import shlex
from pathlib import Path

import debian
from box_disk import BOOT, Arch
from place import clean_environment, remove
from say import Refused, doing, run, tail

RELEASE = "bookworm"
SYSTEM = (
    "linux-image-{arch}",
    "systemd-sysv",
    "dbus",
    "udev",
    "kmod",
    "initramfs-tools",
    "ifupdown",
    "isc-dhcp-client",
    "openssh-server",
    "sudo",
    "rsync",
    "ca-certificates",
)
COURSE = (
    "python3",
    "python3-pip-whl",
    "iproute2",
    "procps",
    "net-tools",
    "tcpdump",
    "curl",
    "nginx",
    "apache2-utils",
    "bubblewrap",
    "inetutils-telnet",
    "nftables",
    "conntrack",
)
_HARDWARE = ("sound", "drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/iio", "drivers/net/wireless")
# What no virtual machine has, and no learner reads there.
NOT_UNPACKED = (
    "/usr/share/locale/*",
    "/usr/share/doc/*",
    "/usr/share/man/*",
    *(
        f"/lib/modules/*/kernel/{part}/*"
        for part in (
            "sound",
            "drivers/gpu",
            "drivers/media",
            "drivers/infiniband",
            "drivers/iio",
            "drivers/net/wireless",
        )
    ),
)
FILES = Path(__file__).with_name("box_files")


def machines_mirror() -> str:
    """The mirror that this machine's own apt has Debian from, whatever its release."""
    found: list[str] = []
    if "ID=debian\n" in Path("/etc/os-release").read_text() and debian.available():
        argv = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"]
        sources = (row.split() for row in run(argv, env=clean_environment()).stdout.splitlines())
        found = [uri for name, uri in sources if re.fullmatch(r"[a-z]+", name) and uri.rstrip("/").endswith("/debian")]
    if not found:
        raise Refused(
            "This machine's apt has no mirror of Debian, which the box is made of.",
            "Name one: ./env/box --mirror URL   (https://www.debian.org/mirror/list)",
        )
    return found[0]


def options(arch: Arch, root: Path) -> list[str]:
    """The words of mmdebstrap: a root tree with these packages, and what set-up makes of it."""
    # The tree is thrown away if the machine stops in the midst of it: no need to wait for the disk.
    packages = [name.format(arch=arch) for name in SYSTEM] + list(COURSE) + list(BOOT[arch].packages)
    said = ["--variant=minbase", "--format=directory", f"--architectures={arch}", f"--include={','.join(packages)}"]
    said += ["--dpkgopt=force-unsafe-io"]
    said += [f"--dpkgopt=path-exclude={pattern}" for pattern in NOT_UNPACKED]
    # Before the kernel comes: its small initramfs is made once.
    files = [shlex.quote(str(FILES / name)) for name in ("initramfs", "modules", "setup")]
    said += [
        '--essential-hook=mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"',
        f"--essential-hook=copy-in {files[0]} /etc/initramfs-tools/conf.d",
        f"--essential-hook=copy-in {files[1]} /usr/share/initramfs-tools/modules.d",
        f"--customize-hook=copy-in {files[2]} /root",
        f'--customize-hook=chroot "$1" sh /root/setup {BOOT[arch].grub_format} {shlex.quote(BOOT[arch].grub_prefix)}',
    ]
    return [*said, RELEASE, str(root)]


def apart() -> list[str]:
    """What mmdebstrap is run with as root, where it mounts the machine's /dev/shm and /sys into the tree.

    These mounts are then in a namespace that ends with it, however it ends: who removes the tree finds only the tree.
    An ordinary user's mmdebstrap has a namespace anyway.
    """
    alone = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return alone if os.geteuid() == 0 else []


def unshared() -> list[str]:
    """What a command is run with, to see the tree's owners as they are: nothing as root."""
    return [] if os.geteuid() == 0 else ["mmdebstrap", "--unshare-helper"]


def make_root(arch: Arch, scratch: Path, *, mirror: str | None) -> Path:
    """Make the tree of files."""
    root = scratch / "root"
    source = mirror or machines_mirror()
    with doing("packages", f"Debian 12 for {arch} from {source}"):
        result = run([*apart(), "mmdebstrap", *options(arch, root), source], env=clean_environment(), within_s=3600)
    if result.returncode:
        remove(root)
        raise Refused(
            "Debian's packages could not be made into a system.",
            "See that the network is there, or name another mirror: ./env/box --mirror URL",
            tail(result.stdout, 16),
        )
    return root
