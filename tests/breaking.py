"""Break one thing of the machine for one program, for real where an ordinary user can, and become that program.

    python breaking.py BREAKAGE -- PROGRAM ARGUMENT…

All of it is the program's own (confined.py): it ends with the program, and the machine never sees it.
"""

import errno
import fcntl
import os
import resource
import shutil
import socket
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from confined import (
    BIND,
    OWN_NETWORK,
    READ_ONLY,
    RECURSIVE,
    UNTYPED,
    cover,
    libc,
    make_read_only,
    mount,
    own,
    own_mounts,
    refuse,
    replace,
    worked,
)

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("ip", "ss", "nginx", "tcpdump", "curl", "sysctl", "ab", "netstat", "telnet", "nft", "conntrack", "nsenter")
PLACES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", str(ROOT / ".tools/bin"))

PLAYED = """#!/bin/sh
[ "$1" = --version ] && echo "unshare from util-linux {version}" && exit
echo "{said}" >&2
exit 1
"""

NETLINK, PACKET, NETFILTER, SOCK_DIAG, SOL_PACKET, PACKET_RX_RING = 16, 17, 12, 4, 263, 5


def places_of(tool: str) -> list[str]:
    """Where the labs would find a program; a folder that is a link to another counts once."""
    found = (str(Path(place).resolve() / tool) for place in PLACES)
    return [path for path in dict.fromkeys(found) if os.access(path, os.X_OK)]


def tools_missing(names: Iterable[str] = TOOLS) -> None:
    """Put what cannot be executed over each program."""
    own_mounts()
    for tool in names:
        for place in places_of(tool):
            mount("/dev/null", place, None, BIND)


def old_unshare() -> None:
    """util-linux 2.34, of Ubuntu 20.04, knows no --keep-caps."""
    own_mounts()
    replace("/usr/bin/unshare", PLAYED.format(version="2.34", said="unshare: unrecognized option '--keep-caps'"))


def settings(files: dict[str, str]) -> None:
    """Show sysctls of the kernel that this one does not have, and an unshare that ends as it does there."""
    own_mounts()
    cover("/proc/sys/kernel", files)
    said = "unshare: write failed /proc/self/uid_map: Operation not permitted"
    replace("/usr/bin/unshare", PLAYED.format(version="2.39", said=said))


def no_veth() -> None:
    """Ask for a kind of interface that no kernel has: a kernel without veth answers the same."""
    own_mounts()
    probe = ROOT / "course/tcplab/doctor/probe.py"
    replace(probe, probe.read_text().replace('b"veth"', 'b"nosuch"'))


def masked_proc() -> None:
    """Docker and Podman mount over parts of /proc, and make others read-only."""
    own_mounts()
    mount("/proc/sys", "/proc/sys", None, BIND | RECURSIVE)
    make_read_only("/proc/sys")


def read_only() -> None:
    """Somebody else's disk: the project and the home cannot be written."""
    own_mounts()
    for place in (str(ROOT), os.environ["HOME"]):
        mount(place, place, None, BIND | RECURSIVE)
        make_read_only(place)


def full_disk() -> None:
    """The project, on a disk of 64 kB; its parts stay what they are."""
    own_mounts()
    mount(ROOT, "/mnt", None, BIND | RECURSIVE)
    mount("tmpfs", ROOT, "tmpfs", UNTYPED, "size=64k,mode=777")
    for part in Path("/mnt").iterdir():
        here = ROOT / part.name
        if part.is_symlink():
            here.symlink_to(part.readlink())
        else:
            here.mkdir() if part.is_dir() else here.touch()
            mount(part, here, None, BIND | RECURSIVE)
    os.environ["TMPDIR"] = str(ROOT)


def no_temporary_place() -> None:
    """Neither $TMPDIR nor /tmp, /var/tmp, /usr/tmp or where the program runs can be written."""
    own_mounts()
    mount(ROOT, "/mnt", None, BIND | RECURSIVE)
    for place in (os.environ["TMPDIR"], "/tmp", "/var/tmp"):
        mount("tmpfs", place, "tmpfs")
        if ROOT.is_relative_to(place):  # a checkout in /tmp stays where it is
            ROOT.mkdir(parents=True)
            mount("/mnt", ROOT, None, BIND | RECURSIVE)
        make_read_only(place)


def no_sqlite() -> None:
    """A Python that was built where SQLite's headers were missing."""
    own_mounts()
    import _sqlite3

    mount("/dev/null", _sqlite3.__file__, None, BIND)


def no_python() -> None:
    """A machine whose Pythons do not start, or are too old."""
    own_mounts()
    names = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
    for place in dict.fromkeys(str(Path(place).resolve()) for name in names for place in places_of(name)):
        mount("/dev/null", place, None, BIND)
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"


def no_jupyterlab() -> None:
    """An environment in which nothing but an empty folder is left of JupyterLab."""
    own_mounts()
    mount("tmpfs", next(Path(sys.prefix).glob("lib/python3*/site-packages/jupyterlab")), "tmpfs", READ_ONLY)


def port_taken() -> None:
    """Another listener on Jupyter's port, in a network of its own; it ends with the program, which inherits it."""
    own(OWN_NETWORK)
    with socket.socket() as asking:
        up_and_running, set_flags = 0x41, 0x8914
        fcntl.ioctl(asking, set_flags, struct.pack("16sH22x", b"lo", up_and_running))
    os.set_inheritable(socket.create_server(("127.0.0.1", 8888)).detach(), True)


def in_little(files: dict[str, str]) -> None:
    """A container's limits, as its root of the control groups shows them."""
    own_mounts()
    cover("/sys/fs/cgroup", files)


BREAKAGES: dict[str, Callable[[], None]] = {
    "seccomp refuses unshare": lambda: refuse("unshare", errno.EPERM),
    "seccomp refuses mount": lambda: refuse("mount", errno.EPERM),
    "seccomp refuses host names": lambda: refuse("sethostname", errno.EPERM),
    "seccomp refuses packet sockets": lambda: refuse("socket", errno.EPERM, [(0, PACKET)]),
    "no packet sockets in the kernel": lambda: refuse("socket", errno.EAFNOSUPPORT, [(0, PACKET)]),
    "no packet ring": lambda: refuse("setsockopt", errno.ENOPROTOOPT, [(1, SOL_PACKET), (2, PACKET_RX_RING)]),
    "no sock_diag": lambda: refuse("socket", errno.EPROTONOSUPPORT, [(0, NETLINK), (2, SOCK_DIAG)]),
    "no nf_tables": lambda: refuse("socket", errno.EPROTONOSUPPORT, [(0, NETLINK), (2, NETFILTER)]),
    "no veth": no_veth,
    "AppArmor": lambda: settings({"apparmor_restrict_unprivileged_userns": "1", "cap_last_cap": "40"}),
    "Debian's unprivileged_userns_clone": lambda: settings({"unprivileged_userns_clone": "0", "cap_last_cap": "40"}),
    "masked /proc": masked_proc,
    "tools missing": tools_missing,
    "no unshare": lambda: tools_missing(["unshare"]),
    "old unshare": old_unshare,
    "no Python": no_python,
    "no sqlite3": no_sqlite,
    "no JupyterLab": no_jupyterlab,
    "port taken": port_taken,
    "read-only": read_only,
    "full disk": full_disk,
    "no temporary place": no_temporary_place,
    "little memory": lambda: in_little({"memory.max": f"{300 << 20}", "memory.current": f"{200 << 20}"}),
    "few processes": lambda: in_little({"pids.max": "100", "pids.current": "20"}),
    "few processes of a user": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (250, 250)),
    "few open files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096)),
    "few open files for good": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)),
    "32 bits": lambda: worked(libc.personality(8) < 0),
}


def main() -> None:
    """Break it, and become the program."""
    name, _, *argv = sys.argv[1:]
    os.environ["PYTHONPATH"] = str(ROOT / "course")  # the library that lies beside this file
    BREAKAGES[name]()
    os.execv(shutil.which(argv[0]) or argv[0], argv)


if __name__ == "__main__":
    main()
