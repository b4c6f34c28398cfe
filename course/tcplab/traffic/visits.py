"""Visits to a program that gives receipts: those who want one, those who only knock, those who hang up."""

import socket
import time
from struct import pack

from tcplab.errors import CommandFailed, NotReady
from tcplab.model.state import TcpState
from tcplab.model.trial import Trial
from tcplab.observe.sockets import sockets
from tcplab.traffic.program import Program, Running
from tcplab.world.host import Host

CUSTOMERS = (b"hello", b"x" * 9_000, b"\0" * 100, b"the last one")
_ROUNDS = ("pr", "ppr", "pr", "p")
"""Who comes after each customer: a probe, a reset."""

_WAIT_S, _NO_MORE_PATIENCE_S = 3.0, 0.2
_AT_REST_WITHIN_S = 2.0
_PAUSE_S = 0.01
_RESET = pack("ii", 1, 0)


def receipt(client: Host, server: Host, port: int, file: bytes, *, within_s: float = _WAIT_S) -> str | None:
    """Send a file, close that direction, and read the answer to its end.

    Returns: the answer without its last newline; None where the connection is refused or reset, or not ended in time.
    """
    try:
        with client.connect(server, port, timeout_s=within_s) as mine:
            mine.settimeout(within_s)
            mine.sendall(file)
            mine.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: mine.recv(4096), b"")).decode(errors="replace").strip()
    except OSError:
        return None


def visited(program: Program | None, client: Host, server: Host, *, port: int, open_files: int = 64) -> Trial | object:
    """Start a program in a host and let it be visited: by customers, probes, and some who cut their upload off.

    Args:
        program: Which; None for one that nobody has written yet.
        client: Where the visitors come from.
        server: Where it runs, and goes on running.
        port: Where it serves.
        open_files: How many descriptors it may hold.

    Returns: What came of it, once nothing changes any more; `...` for None.
    """
    if program is None:
        return ...
    fin_timeout_s = int(server.sysctl("tcp_fin_timeout"))
    try:
        running = program.start(server, port, open_files=open_files)
    except (CommandFailed, NotReady) as error:
        return Trial(port, (), 0, 0, (), 0, 0, exit_code=1, last_words=str(error), fin_timeout_s=fin_timeout_s)

    before = running.descriptors
    receipts: list[str | None] = []
    for file, others in zip(CUSTOMERS, _ROUNDS, strict=True):
        patience_s = _NO_MORE_PATIENCE_S if None in receipts else _WAIT_S
        receipts.append(receipt(client, server, port, file, within_s=patience_s))
        for other in others:
            _knock(client, server, port, hangs_up=other == "r")
    _wait_for_rest(running, before)

    return Trial(
        port,
        CUSTOMERS,
        "".join(_ROUNDS).count("p"),
        "".join(_ROUNDS).count("r"),
        tuple(receipts),
        before,
        running.descriptors,
        running.exit_code,
        running.last_words,
        fin_timeout_s,
    )


def _knock(client: Host, server: Host, port: int, *, hangs_up: bool) -> None:
    """Connect and close, as a load balancer's health check does; or cut an upload off with a RST."""
    try:
        with client.connect(server, port, timeout_s=_NO_MORE_PATIENCE_S) as mine:
            if hangs_up:
                mine.sendall(bytes(1000))
                client.settle()
                mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    except OSError:
        pass  # that the program refuses is seen elsewhere


def _wait_for_rest(running: Running, before: int) -> None:
    """Wait until the program holds no more than at first, and nobody waits for it; or until that is not to be."""
    deadline = time.monotonic() + _AT_REST_WITHIN_S
    while time.monotonic() < deadline and running.exit_code is None:
        open_ones = sockets(running.host, state=(TcpState.CLOSE_WAIT, TcpState.ESTABLISHED), port=running.port)
        if running.descriptors <= before and not open_ones:
            return
        running.waited(_PAUSE_S)
