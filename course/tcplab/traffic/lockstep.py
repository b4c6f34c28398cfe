"""Short connections, one after the other: the program that opens and closes them, inside a world.

It stands in the client, and its standard input is a listener of the server's: a socket stays where it was born. So
one process holds both ends, each step is over before the next, and a latency has no other program's haste in it.

Started as `python -I -S lockstep.py ADDRESS PORT CLOSER COUNT HOW [START:STOP:STEP …]`. It writes records, each of a
local port and the nanoseconds that connect() took; after a refusal two more, of port 0: the errno, the nanoseconds.

Without ranges the kernel picks, COUNT times, and its first refusal is the end. With them their ports are taken one by
one, HOW being "option" or "sysctl"; a port that is in use already has 0 ns.
"""

from __future__ import annotations

import _socket
import errno
import os
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = struct.Struct("=HxxI")
IP_LOCAL_PORT_RANGE = 51  # <linux/in.h>
_RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range"
_AT_ONCE = 128 * RECORD.size
_AT_LEAST_NS = 30_000_000  # so often it writes what it has: somebody may watch
_MOST = 2**32 - 1


def main(to: tuple[str, int], closer: str, wanted: Iterator[int], how: str) -> None:
    """Open and close, and say how each went."""
    listener = _socket.socket(fileno=0)
    said = bytearray()
    wrote = time.perf_counter_ns()
    for port in wanted:
        connecting = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        if port:
            _leave_one_port(connecting, port, how)
        began = time.perf_counter_ns()
        error = connecting.connect_ex(to)
        took = min(time.perf_counter_ns() - began, _MOST)
        if not error:
            said += RECORD.pack(connecting.getsockname()[1], took)
            accepted = listener._accept()[0]  # type: ignore[attr-defined]  # noqa: SLF001 (what socket.accept calls)
            _close(connecting.detach(), accepted, closer)
        elif port and error == errno.EADDRNOTAVAIL:
            said += RECORD.pack(port, 0)
        else:
            said += RECORD.pack(0, error) + RECORD.pack(0, took)
            break
        if len(said) >= _AT_ONCE or began - wrote > _AT_LEAST_NS:
            _write(said)
            said.clear()
            wrote = began
    _write(said)


def _leave_one_port(connecting: _socket.socket, port: int, how: str) -> None:
    """Leave connect() one port to pick, without bind(): that would take the port for every destination."""
    if how == "option":
        connecting.setsockopt(_socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("=I", port << 16 | port))
        return
    file = os.open(_RANGE_FILE, os.O_WRONLY)  # whoever started us puts the old value back
    try:
        os.write(file, b"%d %d" % (port, port))
    finally:
        os.close(file)


def _close(connecting: int, accepted: int, closer: str) -> None:
    first, second = (connecting, accepted) if closer == "client" else (accepted, connecting)
    os.close(first)
    os.read(second, 1)  # comes back empty when the FIN is there
    os.close(second)


def _write(said: bytearray) -> None:
    data = bytes(said)
    while data:
        data = data[os.write(1, data) :]


def _ports(count: int, ranges: list[str]) -> Iterator[int]:
    if not ranges:
        yield from (0 for _ in range(count))
    for one in ranges:
        yield from range(*map(int, one.split(":")))


if __name__ == "__main__":
    _address, _port, _closer, _count, _how, *_ranges = sys.argv[1:]
    main((_address, int(_port)), _closer, _ports(int(_count), _ranges), _how)
