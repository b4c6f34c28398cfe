"""A world whose owner is another process, to be interrupted, killed or looked at from outside."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tcplab import wait_until
from traces import owner_of_world


def parts_of(owner: int) -> set[int]:
    """The processes of all worlds that a process owns, with what was started in their hosts."""
    own = {pid for pid, words in _command_lines() if owner_of_world(words) == owner}
    spaces = {space for pid in own if (space := _pid_namespace(pid)) not in (None, _pid_namespace(os.getpid()))}
    return own | {pid for pid, _ in _command_lines() if _pid_namespace(pid) in spaces}


def _command_lines() -> Iterator[tuple[int, list[bytes]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            yield int(folder.name), (folder / "cmdline").read_bytes().split(b"\0")


def _pid_namespace(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")  # noqa: PTH115 (no path, a name)
    except OSError:
        return None


def alive(pids: set[int]) -> set[int]:
    """Those that have not ended; a zombie has."""
    found = set()
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


def all_gone(pids: set[int], *, within_s: float = 5.0) -> bool:
    """Wait until none of them is left."""
    return wait_until(lambda: not alive(pids), within_s=within_s, what=f"the processes {sorted(pids)} end")


@contextlib.contextmanager
def owner(
    script: str, *, before: Sequence[str] = (), arguments: Sequence[str] = ()
) -> "Iterator[subprocess.Popen[str]]":
    """Run a script in a process of its own until it prints a line, "ready"; it is killed at the end of the block.

    Args:
        script: Python; it may read standard input, a line for each thing it is to go on with.
        before: what stands before the Python in the command, such as setpriv.
        arguments: what the script finds in sys.argv[1:].
    """
    process = subprocess.Popen(
        [*before, sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout.readline().strip() == "ready"
            yield process
        finally:
            process.kill()
