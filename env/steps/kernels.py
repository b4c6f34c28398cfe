"""Kernels of other releases of Debian, and what boots them: QEMU and busybox. Into .tools, nothing is installed.

A kernel is pinned by its packages' hashes. Mirrors forget: if a pinned one is gone, the newest of its series takes its
place, and the line says so. Of its modules only what the labs could need is unpacked.
"""

import lzma
import platform
import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import debian
from packages import KERNELS as PROGRAMS
from place import CACHE, PINS, TOOLS, digest, fresh, put, remove
from say import Refused, doing, line, run, tail
from suites import Suite, digests, pins
from tools import make_programs

FILE = PINS / "kernels.txt"
AT = TOOLS / "kernels"


@dataclass(frozen=True)
class Kernel:
    """A series of kernels, and the suite of Debian that has it."""

    series: str
    suite: str

    @property
    def at(self) -> Path:
        """Where it lies unpacked: vmlinuz, release, packages, lib/modules/RELEASE."""
        return AT / self.series


PINNED = (
    Kernel("5.10", "bullseye"),
    Kernel("6.1", "bookworm"),
    Kernel("6.12", "trixie"),
    Kernel("6.18", "trixie-backports"),
    Kernel("7.3", "trixie-backports"),
)
# Where one that is not pinned may be found, in this order.
SUITES = ("bullseye", "bookworm", "trixie", "trixie-backports", "forky", "sid")
WANTED = (
    "boot/vmlinuz-*",
    "*/modules/*/vmlinuz",
    "*/modules.builtin*",
    "*/modules.order",
    *(
        f"*/kernel/{part}"
        for part in (
            "net/*",
            "lib/*",
            "crypto/*",
            "arch/x86/crypto/*",
            "arch/x86/lib/*",
            "fs/9p/*",
            "fs/netfs/*",
            "fs/fscache/*",
            "fs/overlayfs/*",
            "drivers/virtio/*",
            "drivers/net/veth.ko*",
            "drivers/net/dummy.ko*",
            "drivers/net/ifb.ko*",
        )
    ),
)


def make_kernels(series: Sequence[str]) -> list[str]:
    """Unpack what is not there yet.

    Args:
        series: `5.10`, `7.3`; the pinned ones when empty

    Returns:
        What could not be had, in a sentence each, with its series.
    """
    if platform.machine() != "x86_64":
        raise Refused(f"These kernels are x86-64's, and this machine is {platform.machine()}.", "Use an x86-64 one.")
    make_programs(PROGRAMS)
    missing = []
    for kernel in chosen(series):
        if is_current(kernel):
            continue
        try:
            with doing(f"kernel {kernel.series}", "fetching and unpacking it"):
                make(kernel)
            if not was_pinned(kernel):
                line(f"kernel {kernel.series}", f"is not a pinned one: {release(kernel)}, the newest of its series")
        except Refused as refused:
            missing.append(f"{kernel.series}: {refused.what}")
            line(f"kernel {kernel.series}", f"goes missing: {refused.what}")
    return missing


def chosen(series: Sequence[str]) -> list[Kernel]:
    """The kernels that are meant; one that is not pinned has no suite yet."""
    known = {kernel.series: kernel for kernel in PINNED}
    for word in series:
        if not re.fullmatch(r"\d+\.\d+", word):
            raise Refused(f"{word} is no series of kernels.", f"Write it as {' '.join(known)}, or 6.16.")
    return [known.get(word, Kernel(word, "")) for word in dict.fromkeys(series or known)]


def is_current(kernel: Kernel) -> bool:
    """Whether it lies here whole, and by today's pins."""
    stamp = kernel.at / ".stamp"
    return stamp.exists() and stamp.read_text() == digest([FILE, Path(__file__)])


def release(kernel: Kernel) -> str:
    """Its release, as `uname -r` says it."""
    return (kernel.at / "release").read_text().strip()


def was_pinned(kernel: Kernel) -> bool:
    """Whether all of its packages are those of the pins."""
    known = pins(FILE)
    return all(name in known for name in (kernel.at / "packages").read_text().split())


def make(kernel: Kernel) -> None:
    """Fetch, check, unpack."""
    debs = fresh(CACHE / "debs-kernel")
    download(kernel, debs)
    made = fresh(kernel.at.with_name(f"{kernel.series}.new"))
    (made / "packages").write_text("\n".join(deb.name for deb in sorted(debs.iterdir())))
    for deb in sorted(debs.iterdir()):
        unpack(deb, made)
    remove(debs)
    lay_out(made)
    (made / ".stamp").write_text(digest([FILE, Path(__file__)]))
    put(made, kernel.at)


def download(kernel: Kernel, into: Path) -> None:
    """Download the pinned packages of a series; where the mirror has them no longer, the newest ones."""
    known = pins(FILE)
    of_series = re.compile(rf"linux-\w+-{re.escape(kernel.series)}\.[\w.+-]+_")
    wanted = [as_apt_has_it(name) for name in known if of_series.match(name)]
    for name in [kernel.suite] if kernel.suite else SUITES:
        suite = Suite(name, security=name in ("bullseye", "bookworm", "trixie"))
        try:
            if wanted:
                try:
                    suite.download(wanted, into)
                    return check(known, into)
                except Refused as refused:
                    if refused.what.endswith("was pinned."):
                        raise
            if packages := newest(kernel.series, suite.names("linux-")):
                return suite.download(packages, into)
        finally:
            suite.done()
    raise Refused(f"Debian has no kernel {kernel.series} now.", "./env/test --kernels 6.1")


def as_apt_has_it(file: str) -> str:
    """What apt calls a package's file.

    >>> as_apt_has_it("linux-image-5.10.0-46-amd64_5.10.262-1_amd64.deb")
    'linux-image-5.10.0-46-amd64=5.10.262-1'
    """
    name, version, _ = file.split("_")
    return f"{name}={version.replace('%3a', ':')}"


def newest(series: str, names: Sequence[str]) -> list[str]:
    """The packages of a series' newest kernel, of all names that a suite has; empty when it has none.

    Since 7.0 the image is in linux-binary-…, and linux-image-… is empty.

    >>> newest("6.1", ["linux-image-6.1.0-9-amd64", "linux-image-6.1.0-10-amd64", "linux-image-6.1.0-11-rt-amd64"])
    ['linux-image-6.1.0-10-amd64']
    """
    form = re.compile(rf"linux-(?:image|binary)-({re.escape(series)}\.[\d.+deb~]+(?:-\d+)?-amd64)")
    found = {hit[1] for name in names if (hit := form.fullmatch(name))}
    if not found:
        return []
    last = max(found, key=lambda each: [int(number) for number in re.findall(r"\d+", each)])
    parted = [f"linux-binary-{last}", f"linux-modules-{last}"]
    return parted if set(parted) <= set(names) else [f"linux-image-{last}"]


def check(known: dict[str, str], debs: Path) -> None:
    """Hold what came against its pins."""
    for name, found in digests(debs):
        if known.get(name) != found:
            raise Refused(f"{name} is not what was pinned.", "Look at env/kernels.txt.")


def unpack(deb: Path, into: Path) -> None:
    """Unpack the kernel and the modules that are wanted, decompressed."""
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as files,
    ):
        for file in files:
            name = file.name.removeprefix("./")
            if not file.isfile() or not any(fnmatch(name, pattern) for pattern in WANTED):
                continue
            path = into / name.removeprefix("usr/").removesuffix(".xz")
            path.parent.mkdir(parents=True, exist_ok=True)
            content = files.extractfile(file)
            assert content is not None, "it is a file"
            with lzma.open(content) if name.endswith(".xz") else content as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
    if process.returncode:
        raise Refused(f"{deb.name} could not be unpacked.", f"Is the disk full? df -h '{TOOLS}'")


def lay_out(made: Path) -> None:
    """Bring every package's form to one: vmlinuz and release at the top; and index the modules."""
    images = [*made.glob("boot/vmlinuz-*"), *made.glob("lib/modules/*/vmlinuz")]
    folders = list(made.glob("lib/modules/*"))
    if len(images) != 1 or len(folders) != 1:
        raise Refused("What was unpacked is not one kernel with its modules.", f"ls -R '{made}'")
    images[0].rename(made / "vmlinuz")
    remove(made / "boot")
    (made / "release").write_text(f"{folders[0].name}\n")
    result = run([busybox(), "depmod", "-b", made, folders[0].name])
    if result.returncode:
        raise Refused("The modules could not be indexed.", "Run the same command again.", tail(result.stdout))


def busybox() -> Path:
    """A busybox that needs no library: the machine's own if it is such a one, else the unpacked."""
    own = shutil.which("busybox")
    if own and b"/ld-linux" not in Path(own).read_bytes()[:4096]:
        return Path(own)
    at = debian.unpacked("busybox-static", TOOLS / "busybox-static")
    return next(path for path in (at / "bin/busybox", at / "usr/bin/busybox") if path.exists())


def pin() -> int:
    """Write the pins anew: the newest of each series as the suites have them now; 0."""
    rows = ["# The packages of env/steps/kernels.py; written by ./env/kernels --pin."]
    for kernel in PINNED:
        debs = fresh(CACHE / "debs-kernel")
        with doing(f"kernel {kernel.series}", f"pinning what {kernel.suite} has"):
            suite = Suite(kernel.suite, security=not kernel.suite.endswith("-backports"))
            suite.download(newest(kernel.series, suite.names("linux-")), debs)
            suite.done()
        rows += [f"\n# {kernel.series}, {kernel.suite}", *(f"{name} sha256:{sum_}" for name, sum_ in digests(debs))]
        remove(debs)
    FILE.write_text("\n".join(rows) + "\n")
    return 0
