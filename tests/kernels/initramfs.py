"""What a guest starts with: busybox, the modules that reach the machine's files, and a script. Pure but for reading.

The guest has no disk. It mounts the machine's root read-only by 9P, a tmpfs over it for what is written, and goes on
there: same Python, same tools, same course, another kernel.
"""

import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
# What must be there before the machine's files are; everything else the kernel asks modprobe for.
FIRST = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
APPLETS = ("sh", "mount", "insmod", "mkdir", "switch_root", "ln", "cp", "cat")


def load_order(index: str, wanted: Sequence[str] = FIRST) -> list[str]:
    """The modules to insert, each after those it needs; one that is built in has no line, and is left out.

    Args:
        index: modules.dep, as depmod(8) writes it
    """
    needs = {path: rest.split() for path, _, rest in (row.partition(":") for row in index.splitlines())}
    by_name = {PurePosixPath(path).stem.replace("-", "_"): path for path in needs}
    order: list[str] = []

    def add(path: str) -> None:
        if path not in order:
            for other in needs[path]:
                add(other)
            order.append(path)

    for name in wanted:
        if name in by_name:
            add(by_name[name])
    return order


def archive(files: Mapping[str, bytes], links: Mapping[str, str], folders: Iterable[str]) -> bytes:
    """A cpio archive in the form that the kernel unpacks ("newc").

    Source:
        kernel.org, driver-api/early-userspace/buffer-format
    """
    made = b"".join(
        (
            *(_entry(name, stat.S_IFDIR | 0o755) for name in folders),
            *(_entry(name, stat.S_IFREG | 0o755, content) for name, content in files.items()),
            *(_entry(name, stat.S_IFLNK | 0o777, target.encode()) for name, target in links.items()),
        )
    )
    return made + _entry("TRAILER!!!", 0)


def _entry(name: str, mode: int, content: bytes = b"") -> bytes:
    called = name.encode() + b"\0"
    # inode, mode, uid, gid, links, mtime, size, device of the file and of what it stands for, length of the name, sum
    numbers = (0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(called), 0)
    head = b"070701" + b"".join(b"%08x" % number for number in numbers)
    return _padded(head + called) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def initramfs(kernel: Path, busybox: Path) -> bytes:
    """The archive for an unpacked kernel: vmlinuz, release, lib/modules/RELEASE."""
    modules = kernel / "lib/modules" / (kernel / "release").read_text().strip()
    order = load_order((modules / "modules.dep").read_text())
    files = {
        "init": (HERE / "init.sh").read_bytes(),
        "root.sh": (HERE / "root.sh").read_bytes(),
        "bin/busybox": busybox.read_bytes(),
        "order": "".join(f"/m/{PurePosixPath(path).name}\n" for path in order).encode(),
    }
    files |= {f"m/{PurePosixPath(path).name}": (modules / path).read_bytes() for path in order}
    folders = ("bin", "dev", "proc", "sys", "m", "below", "above", "new")
    return archive(files, {f"bin/{name}": "busybox" for name in APPLETS}, folders)
