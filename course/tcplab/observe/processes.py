"""Which process holds which socket, from /proc: what `ss -p` does."""

import os
from pathlib import Path


def holders(inodes: set[int]) -> dict[int, str]:
    """Name the processes that hold sockets.

    A world's processes are seen in the machine's /proc, and socket inodes are unique on the machine, so one look is
    enough for all hosts. The caller itself is "this process".

    Returns: by inode, the names of all holders ("nginx" once, however many workers), joined with a comma. A socket
    without an entry is held by no process that may be looked at.
    """
    links = {f"socket:[{inode}]": inode for inode in inodes}
    names: dict[int, set[str]] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or not links:
            continue
        try:
            held = {links[link] for link in map(_target, (process / "fd").iterdir()) if link in links}
            name = "this process" if int(process.name) == os.getpid() else (process / "comm").read_text().rstrip("\n")
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue  # it ended, or belongs to someone else
        for inode in held:
            names.setdefault(inode, set()).add(name)
    return {inode: ", ".join(sorted(found)) for inode, found in names.items()}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # closed meanwhile
