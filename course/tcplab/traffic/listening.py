"""A server that comes up in a host: observed listening, or its own last words are the error."""

import time
from collections.abc import Callable

from tcplab.errors import CommandFailed, NotReady
from tcplab.world.host import Host
from tcplab.world.process import Process

_LISTEN = "0A"  # column st of /proc/net/tcp
_PAUSE_S = 0.005


def listeners(host: Host) -> dict[str, int]:
    """Return inode → port of the listening TCP sockets of a host, in the kernel's order."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _rows(host, table):
            columns = line.split()
            if columns[3] == _LISTEN:
                found[columns[9]] = int(columns[1].rpartition(":")[2], 16)
    return found


def _rows(host: Host, table: str) -> list[str]:
    try:
        return host.read(table).splitlines()[1:]
    except FileNotFoundError:  # a kernel without IPv6
        return []


def until(
    happened: Callable[[], bool], process: Process, what: str, last_words: Callable[[], str], within_s: float
) -> None:
    """Wait for what can be seen of a server; that it ended is an answer as well.

    Raises:
        CommandFailed: It ended; the message holds its last words.
        NotReady: It runs, and what was awaited did not happen within within_s (seconds).
    """
    deadline = time.monotonic() + within_s
    while not happened():
        try:
            exit_code = process.wait(_PAUSE_S)
        except NotReady:
            if time.monotonic() > deadline:
                raise NotReady(f"{what} ({last_words() or 'it said nothing'})", within_s) from None
        else:
            mend = "See what listens there already: ss -tlnp (in the host)."
            raise CommandFailed(process.argv, exit_code, f"{last_words() or 'nothing'}.", mend=mend)
