"""What a test could leave on the machine: taken before and after, the two must be the same.

All of it is read in the machine's own namespaces. Another user's or another run's worlds, listeners and files are not
ours to judge: ours are those with our uid, of a process that bears this run's mark or whose owner does.
"""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARK = "TCPLAB_TEST_RUN"
# Counts and clocks of the kernel, which move by themselves.
_RESTLESS = re.compile(r"nf_conntrack_count$|/route/flush$|/stable_secret$|/fib_multipath_hash_seed$")


_OURS = re.compile(r"tcplab|nginx|jupyter|ipython|\.(pcap|pcapng|ipynb|conf|db)$")


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


def traces() -> Traces:
    """Look at the machine."""
    ours = our_processes()
    return Traces(
        processes=frozenset(f"{pid} {words}" for pid, words in ours.items() if pid != os.getpid()),
        listeners=listeners({os.getpid(), *ours}),
        interfaces=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
        mounts=frozenset(" ".join(row.split()[3:5]) for row in Path("/proc/self/mountinfo").read_text().splitlines()),
        sysctls=sysctls(),
        files=files(),
    )


def left_after(before: Traces, *, within_s: float = 3.0) -> list[str]:
    """What was left, once what is ending has had its time to end."""
    deadline = time.monotonic() + within_s
    while (found := traces().left_since(before)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def mark_this_process() -> None:
    """Add this process to the mark that its children inherit: a run's mark begins with that of what started it."""
    os.environ[MARK] = f"{os.environ.get(MARK, '')}{os.getpid()}/"


def our_processes() -> dict[int, str]:
    """Processes of this run: those that bear its mark, and those of worlds that it, or a process now dead, owns."""
    mark = f"{MARK}={os.environ.get(MARK, '-')}".encode()
    found: dict[int, tuple[list[bytes], bool]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid != os.geteuid():
                continue
            words = (folder / "cmdline").read_bytes().split(b"\0")
            marked = mark in (folder / "environ").read_bytes()
        except OSError:
            continue  # ended while we looked, or another's
        if words != [b""]:
            found[int(folder.name)] = (words, marked)

    us = {pid for pid, (_, marked) in found.items() if marked} | {os.getpid()}
    ours = {}
    for pid, (words, marked) in found.items():
        owner = owner_of_world(words)
        if marked or (owner is not None and (owner in us or not Path(f"/proc/{owner}").exists())):
            ours[pid] = b" ".join(words).strip().decode(errors="replace")[:160]
    return ours


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
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            words = row.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in held:
                found.add(f"port {int(words[1].rsplit(':', 1)[1], 16)}")
    return frozenset(found)


def sysctls() -> frozenset[str]:
    """Every readable value under /proc/sys/net."""
    found = set()
    for folder, _, names in os.walk("/proc/sys/net"):
        for name in names:
            path = f"{folder}/{name}"
            if _RESTLESS.search(path):
                continue
            try:
                with open(path, encoding="ascii") as file:  # noqa: PTH123  # a thousand of them for each test
                    found.add(f"{path}={file.read().strip()}")
            except (OSError, UnicodeDecodeError):
                continue  # write-only, or for root
    return frozenset(found)


def files() -> frozenset[str]:
    """Files in the temporary directories that a lab could have made, and (in CI) what git sees of the tree.

    Others use the machine too: in /tmp only names count that speak of us. A test's own temporary files lie elsewhere
    (conftest.py), and all of those count. In a tree that people edit meanwhile, nothing does.
    """
    names = {str(path) for path in Path(tempfile.gettempdir()).iterdir()}
    for folder in ("/tmp", "/dev/shm", "/var/tmp"):
        with os.scandir(folder) as entries:
            names |= {entry.path for entry in entries if _OURS.search(entry.name) and is_ours(entry)}
    if "CI" in os.environ:
        status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)
        names |= {f"git: {row}" for row in status.stdout.splitlines()}
    return frozenset(names)


def is_ours(entry: "os.DirEntry[str]") -> bool:
    """Whether this user made it."""
    try:
        return entry.stat(follow_symlinks=False).st_uid == os.geteuid()
    except OSError:
        return False
