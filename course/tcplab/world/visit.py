"""Find the worlds of this user that are up, from another process, and go in: `tcplab shell`, a grader.

A world leaves no file. Its first process is found in /proc, and its agents listen on sockets in its
private /run, which its owner reaches through /proc/PID/root and nobody else does.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_interface
from pathlib import Path

from tcplab.errors import NotPermitted, WorldDown
from tcplab.world.channel import Channel
from tcplab.world.host import Host


@dataclass(frozen=True, slots=True)
class Found:
    """A world that is up, as seen from outside: its first process, its owner, its hosts."""

    pid: int
    owner_pid: int
    started: float  # clock ticks since boot: a larger number is newer
    hosts: tuple[str, ...]


def worlds() -> list[Found]:
    """Return this user's worlds, newest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"tcplab-world" not in words or words[0].endswith(b"unshare"):
                continue
            if folder.stat().st_uid != os.geteuid() or not _is_first(folder):
                continue
            hosts = tuple(sorted(p.stem for p in (folder / "root/run/tcplab").glob("*.sock")))
            started = float((folder / "stat").read_text().rpartition(")")[2].split()[19])
            owner = int(words[words.index(b"tcplab-world") + 2])
        except (OSError, ValueError, IndexError):
            continue  # it ended while we looked
        if not hosts:
            continue  # it is coming up
        found.append(Found(int(folder.name), owner, started, hosts))
    return sorted(found, key=lambda world: -world.started)


def _is_first(folder: Path) -> bool:
    """Tell pid 1 of a namespace from the agents that it forked, which share its command line."""
    status = (folder / "status").read_text()
    numbers = [line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:")]
    return numbers == ["1"]  # none: it has ended


@contextmanager
def visit(world: Found, name: str) -> Iterator[Host]:
    """Go into a host of a world that another process owns; what is started ends with the visit.

    Raises:
        WorldDown: The world has ended.
    """
    path = f"/proc/{world.pid}/root/run/tcplab/{name}.sock"
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.connect(path)
    except PermissionError as error:
        sock.close()
        raise NotPermitted(f"The world of process {world.owner_pid} is not yours. Run as its user: {error}") from None
    except OSError:
        sock.close()
        raise WorldDown(name) from None
    channel = Channel(sock, name)
    try:
        host = Host(name, (), lambda: channel, lambda: None, {})
        seen = json.loads(host.run(["ip", "-json", "address"]).stdout)
        host.interfaces = tuple(
            ip_interface(f"{a['local']}/{a['prefixlen']}")
            for link in seen
            if link["ifname"] != "lo"
            for a in link["addr_info"]
        )
        yield host
    finally:
        channel.close()
