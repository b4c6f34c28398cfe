"""Which process holds which socket, and which programs run in a host, from /proc: what `ss -p` does."""

import os
from collections import Counter
from collections.abc import Mapping
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


def programs(namespaces: Mapping[int, str]) -> dict[str, Counter[str]]:
    """Count the programs that run in hosts, by name.

    One look at the machine's /proc is enough for all hosts. The process that stands in a host for as long as there is
    a world counts as "agent".

    Args:
        namespaces: by `host.namespace`, the host's name

    >>> programs({bed.server.namespace: "server"})        # doctest: +SKIP
    {"server": Counter({"nginx": 2, "agent": 1})}
    """
    found: dict[str, Counter[str]] = {name: Counter() for name in namespaces.values()}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            host = namespaces.get((process / "ns/net").stat().st_ino)
            if host is not None:
                found[host][_name(process)] += 1
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue  # it ended, or belongs to someone else
    return found


def _name(process: Path) -> str:
    stands_for_host = b"\0tcplab-world\0" in (process / "cmdline").read_bytes()
    return "agent" if stands_for_host else (process / "comm").read_text().rstrip("\n")
