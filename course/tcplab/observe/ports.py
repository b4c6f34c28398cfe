"""The ephemeral ports of one host, thousands at a look: the socket table without a Python object for each socket."""

import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tcplab.errors import UnexpectedOutput
from tcplab.model.ports import BANDS, CODES, Ports
from tcplab.model.state import KERNEL_NEW_SYN_RECV, TcpState
from tcplab.observe import sock_diag
from tcplab.observe.place import Place, looked_at
from tcplab.observe.sock_diag import BY_FAMILY, ROW_BYTES

if TYPE_CHECKING:
    from numpy import bool_, uint8, uint16, uint32
    from numpy.typing import NDArray

RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range"
_ALL = sock_diag.states_mask(TcpState)
_UNKNOWN = 255
_SAME = 16  # bytes of a netlink message that are alike in a run of messages of one kind
_RECEIVE_BYTES = 1 << 18

Table = dict[int, bytes]
"""Rows by how long each is with its attributes: all rows of a length stand one after the other."""


class Columns(NamedTuple):
    """Some rows, column by column."""

    rows: bytes
    stride: int
    port: "NDArray[uint16]"
    state: "NDArray[uint8]"
    left_ms: "NDArray[uint32]"


def table(link: socket.socket, family: int, sequence: int = 1) -> Table:
    """Read all TCP sockets of an address family, as the kernel hands them out.

    Limit: a table that changes while it is read may lack a socket, or have one twice; the next look mends that.
    """
    sock_diag.ask(link, family, _ALL, sequence)
    buffer = bytearray(_RECEIVE_BYTES)
    found: dict[int, list[bytes]] = {}
    done = False
    while not done:
        size = link.recv_into(buffer)
        chunk = bytes(memoryview(buffer)[:size])
        length = int.from_bytes(chunk[:4], sys.byteorder)
        if (
            length > ROW_BYTES
            and int.from_bytes(chunk[4:6], sys.byteorder) == BY_FAMILY
            and not length % 4
            and not size % length
            and chunk[:_SAME] == chunk[size - length :][:_SAME]
        ):
            found.setdefault(length, []).append(chunk)
        else:
            rows, done, _ = sock_diag.taken(chunk, sequence)
            found.setdefault(ROW_BYTES, []).append(rows)
    return {length: _alike(length, chunks, sequence) for length, chunks in found.items()}


def _alike(length: int, chunks: list[bytes], sequence: int) -> bytes:
    """Join chunks whose messages all have one length, or else leave it to who reads message by message."""
    import numpy as np

    joined = b"".join(chunks)
    if length == ROW_BYTES or not joined:
        return joined
    heads = np.frombuffer(joined, np.uint32)[: len(joined) // 4].reshape(-1, length // 4)[:, : _SAME // 4]
    if bool((heads == heads[0]).all()):
        return joined
    padding = bytes(length - ROW_BYTES)
    rows = b"".join(sock_diag.taken(chunk, sequence)[0] for chunk in chunks)
    return b"".join(rows[at : at + ROW_BYTES] + padding for at in range(0, len(rows), ROW_BYTES))


def columns(*tables: Table) -> Iterator[Columns]:
    """Take out what a port map needs of each row."""
    import numpy as np

    for one in tables:
        for stride, rows in one.items():
            cells = np.frombuffer(rows, np.uint8).reshape(-1, stride)
            port = np.ascontiguousarray(cells[:, 20:22]).view(">u2").ravel().astype(np.uint16)
            left_ms = np.ascontiguousarray(cells[:, 68:72]).view(np.uint32).ravel()
            yield Columns(rows, stride, port, cells[:, 17], left_ms)


def seen(lowest: int, highest: int, *tables: Table) -> Ports:
    """Give each port of the range its kind.

    Raises: UnexpectedOutput for a state that is not known.
    """
    import numpy as np

    kinds = np.full(256, _UNKNOWN, np.uint8)
    for state, code in CODES.items():
        kinds[state] = code
    kinds[KERNEL_NEW_SYN_RECV] = CODES[TcpState.SYN_RECV]

    codes = np.zeros(65536, np.uint8)
    clocks_ms = np.zeros(65536, np.uint32)
    waiting = np.zeros(65536, np.int64)
    for part in columns(*tables):
        entry = part.state == TcpState.TIME_WAIT
        waits, left_ms = part.port[entry], part.left_ms[entry]
        counts = np.bincount(waits, minlength=65536)
        if waiting.any() or counts.max() > 1:
            np.maximum.at(clocks_ms, waits, left_ms)  # some ports have several
        else:
            clocks_ms[waits] = left_ms
        waiting += counts
        codes[waits] = np.maximum(codes[waits], 1)
        _shown(codes, part, ~entry, kinds)
    only = codes == 1
    codes[only] += np.searchsorted(np.array(BANDS[1:]) * 1000, clocks_ms[only], side="left").astype(np.uint8)

    inside = slice(lowest, highest + 1)
    ends_ms = clocks_ms[inside][only[inside]]
    waiting[inside] = 0
    return Ports(
        lowest,
        highest,
        codes[inside].tobytes(),
        float(ends_ms.min()) / 1000 if ends_ms.size else None,
        {int(port): int(waiting[port]) for port in np.flatnonzero(waiting)},
    )


def _shown(codes: "NDArray[uint8]", part: Columns, which: "NDArray[bool_]", kinds: "NDArray[uint8]") -> None:
    import numpy as np

    found = kinds[part.state[which]]
    if (found == _UNKNOWN).any():
        raise UnexpectedOutput("sock_diag", f"a socket in state {part.state[which][found == _UNKNOWN][0]}")
    np.maximum.at(codes, part.port[which], found)


def port_range(text: str) -> tuple[int, int]:
    """Read what ip_local_port_range says.

    >>> port_range("32768 60999")
    (32768, 60999)
    """
    lowest, highest = map(int, text.split())
    return lowest, highest


def ports(host: Place) -> Ports:
    """Look at the ports that connect() picks from on a host: which are free, and in which state the others are.

    Everything sent so far has arrived before the look is taken.

    Raises:
        BadValue: it is no host
        NotPermitted: this kernel does not list its sockets

    >>> ports(bed.client).lead                            # doctest: +SKIP
    '18,701 of 28,232 ports are in TIME_WAIT. The next one is free in 12 s.'

    Limit: a port that is bound, and neither listens nor is connected, is not in the kernel's table.
    """
    with looked_at(host).socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
        tables = table(link, socket.AF_INET), table(link, socket.AF_INET6)
    return seen(*port_range(host.read(RANGE_FILE)), *tables)
