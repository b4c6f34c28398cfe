"""What a test could leave on the machine: taken before and after, the two must be the same.

All of it is read in the machine's own namespaces. Another user's or another run's worlds, listeners and files are not
ours to judge: ours are those with our uid, of a process that bears this run's mark or whose owner does.

Tests that run beside each other share the machine, but each worker has a mark and a temporary directory of its own:
they are compared around each test, and the whole machine around the whole run.
"""

import contextlib
import os
import re
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from struct import Struct

from tcplab import TcpState
from tcplab.observe import sock_diag

ROOT = Path(__file__).resolve().parents[1]
MARK = "TCPLAB_TEST_RUN"
# Counts and clocks of the kernel, which move by themselves.
_RESTLESS = re.compile(r"nf_conntrack_count$|/route/flush$|/stable_secret$|/fib_multipath_hash_seed$")
# By these a file in a directory that all share speaks of us; the scratch of another run of the suite is its own affair.
_OURS = re.compile(r"^(?!tcplab-test-).*(tcplab|nginx|jupyter|ipython|\.(pcap|pcapng|ipynb|conf|db)$)")
_OURS_ALONE = re.compile(rf"(?!tcplab-\w{{8}}$){_OURS.pattern}")  # the folder of somebody's `tcplab lab` left out
_SHARED = ("/tmp", "/dev/shm", "/var/tmp")
_ROW = Struct(f"={sock_diag.ROW_BYTES}s")
_PORT_AND_INODE = Struct(">20xH62x"), Struct("=84xI")


@dataclass(frozen=True, slots=True)
class Traces:
    """The state of the machine, as far as a test could have changed it."""

    processes: frozenset[str] = field(default_factory=frozenset)
    listeners: frozenset[str] = field(default_factory=frozenset)
    interfaces: frozenset[str] = field(default_factory=frozenset)
    mounts: frozenset[str] = field(default_factory=frozenset)
    sysctls: frozenset[str] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)

    def left_since(self, before: "Traces") -> list[str]:
        """What is here now and was not before: one line each, empty when nothing."""
        found = []
        for each in fields(self):
            now, then = getattr(self, each.name), getattr(before, each.name)
            found += [f"{each.name}: {text}" for text in sorted(now - then)]
            if each.name in ("interfaces", "mounts", "sysctls"):
                found += [f"{each.name}: no longer {text}" for text in sorted(then - now)]
        return found


def traces(*, alone: bool = True, temporary: bool = True) -> Traces:
    """Look at the machine; if others run beside us, only at what is this worker's own.

    Args:
        temporary: whether the temporary directory is this test's, or this run's, alone.
    """
    ours = our_processes()
    own = {
        "processes": frozenset(f"{pid} {words}" for pid, words in ours.items() if pid != os.getpid()),
        "listeners": listeners({os.getpid(), *ours}),
    }
    if not alone:
        return Traces(**own, files=own_files())
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return Traces(
        **own,
        interfaces=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
        mounts=frozenset(" ".join(row.split()[3:5]) for row in mounts),
        sysctls=sysctls(),
        files=shared_files() | (own_files() if temporary else frozenset()),
    )


def left_after(before: Traces, *, within_s: float = 3.0, alone: bool = True, temporary: bool = True) -> list[str]:
    """What was left, once what is ending has had its time to end: what every look has found."""
    deadline = time.monotonic() + within_s
    found = traces(alone=alone, temporary=temporary).left_since(before)
    while found and time.monotonic() < deadline:
        time.sleep(0.05)
        # Others' worlds that end at this moment are new each time.
        now = set(traces(alone=alone, temporary=temporary).left_since(before))
        found = [each for each in found if each in now]
    return found


def mark_this_process() -> None:
    """Add this process to the mark that its children inherit: a run's mark begins with that of what started it."""
    os.environ[MARK] = f"{os.environ.get(MARK, '')}{os.getpid()}/"


def our_processes() -> dict[int, str]:
    """Processes of this run: those that bear its mark, and those of worlds that it, or a process now dead, owns."""
    found = processes()
    us = {pid for pid, (_, marked) in found.items() if marked} | {os.getpid()}
    ours = {}
    for pid, (words, marked) in found.items():
        owner = owner_of_world(words)
        if marked or (owner is not None and (owner in us or not Path(f"/proc/{owner}").exists())):
            ours[pid] = b" ".join(words).strip().decode(errors="replace")[:160]
    return ours


def processes() -> dict[int, tuple[list[bytes], bool]]:
    """The processes of this user: their command lines, and whether they bear this run's mark."""
    mark = f"{MARK}={os.environ.get(MARK, '-')}".encode()
    found: dict[int, tuple[list[bytes], bool]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid != os.geteuid():
                continue
            words = words_of(folder)
            marked = mark in (folder / "environ").read_bytes()
        except OSError:
            continue  # ended while we looked, or another's
        if words != [b""]:
            found[int(folder.name)] = (words, marked)
    return found


def words_of(folder: Path, *, within_s: float = 1.0) -> list[bytes]:
    """The words of a process's command line; `[b""]` for a zombie or a thread of the kernel.

    In the midst of execve(2) a program has its file and not yet its words: Popen() returns a little before it has.
    """
    deadline = time.monotonic() + within_s
    while (words := (folder / "cmdline").read_bytes().split(b"\0")) == [b""]:
        try:
            (folder / "exe").readlink()
        except OSError:
            break  # it has no memory: a zombie, or the kernel's
        if time.monotonic() > deadline:
            break
        time.sleep(0.001)
    return words


def owner_of_world(words: list[bytes]) -> int | None:
    """The pid that a world's process was made for; None for any other process."""
    try:
        return int(words[words.index(b"tcplab-world") + 2])
    except (ValueError, IndexError):
        return None


def listeners(pids: set[int]) -> frozenset[str]:
    """TCP sockets of these processes that listen in the machine's own network."""
    held = set()
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended while we looked
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):  # closed, like the one we read the folder with
                    held.add(str(entry.readlink()))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
        mask = sock_diag.states_mask([TcpState.LISTEN])  # /proc/net/tcp takes 16 ms: the kernel walks all its buckets
        rows = sock_diag.dump(link, socket.AF_INET, mask) + sock_diag.dump(link, socket.AF_INET6, mask)
    found = set()
    for (row,) in _ROW.iter_unpack(rows):
        (port,), (inode,) = _PORT_AND_INODE[0].unpack_from(row), _PORT_AND_INODE[1].unpack_from(row)
        if f"socket:[{inode}]" in held:
            found.add(f"port {port}")
    return frozenset(found)


@cache
def sysctl_paths() -> tuple[str, ...]:
    """Every file under /proc/sys/net that was there at the first look; what comes with an interface is told by that."""
    names = (f"{folder}/{name}" for folder, _, names in os.walk("/proc/sys/net") for name in names)
    return tuple(name for name in names if not _RESTLESS.search(name))


def sysctls() -> frozenset[str]:
    """Every readable value under /proc/sys/net."""
    found = set()
    for path in sysctl_paths():
        try:
            descriptor = os.open(path, os.O_RDONLY)  # a thousand of them for each test: no file object
        except OSError:
            continue  # write-only, or for root
        with contextlib.suppress(OSError):
            found.add(f"{path}={os.read(descriptor, 4096).decode(errors='replace').strip()}")
        os.close(descriptor)
    return frozenset(found)


def own_files() -> frozenset[str]:
    """Files in the temporary directory of this test or run: all of them count. One that is everybody's does not."""
    folder = tempfile.gettempdir()
    return frozenset() if folder in _SHARED else frozenset(str(path) for path in Path(folder).iterdir())


def shared_files() -> frozenset[str]:
    """Files in everybody's directories that a lab could have made, and (in CI) what git sees of the tree.

    Others use the machine too: here only names count that speak of us. In a tree that people edit meanwhile, none does.
    """
    names = set()
    judged = _OURS_ALONE if others_at_work() else _OURS
    for folder in _SHARED:
        with os.scandir(folder) as entries:
            names |= {entry.path for entry in entries if judged.search(entry.name) and is_ours(entry)}
    if "CI" in os.environ:
        status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)
        names |= {f"git: {row}" for row in status.stdout.splitlines()}
    return frozenset(names)


def others_at_work() -> bool:
    """Whether a `tcplab` of this user runs that this run has not started: what it keeps meanwhile is its own affair."""
    return any(b"tcplab" in words[:3] and not marked for words, marked in processes().values())


def is_ours(entry: "os.DirEntry[str]") -> bool:
    """Whether this user made it."""
    try:
        return entry.stat(follow_symlinks=False).st_uid == os.geteuid()
    except OSError:
        return False
