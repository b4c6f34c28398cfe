"""The kernel's TCP socket table of one host, without a program in between."""

import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from struct import Struct
from typing import overload

from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.state import TcpState
from tcplab.observe import sock_diag
from tcplab.observe.place import Place, looked_at
from tcplab.observe.processes import holders
from tcplab.observe.sock_diag import ROW_BYTES

_SHOWN = 20
_ROW = Struct(f"{ROW_BYTES}s")
_SORTED_BY = slice(22, 24), slice(40, 56), slice(20, 22), slice(24, 40)  # the peer's port and address, and its own
_INODE = Struct("=84xI")
_LEFT_MS = Struct("=68xI")


def _rank(row: bytes) -> int:
    return 0 if row[17] == TcpState.LISTEN else row[17]


class SocketTable(Sequence[Connection]):
    """The sockets of one host at one moment, made readable one by one as they are looked at.

    LISTEN stands first, then the other states by the kernel's number, each in the order of its endpoints. `host` is
    the name of the host.
    """

    __slots__ = ("_in_order", "_processes", "_table", "host")

    def __init__(
        self, table: bytes, *, host: str = "", processes: Mapping[int, str] | None = None, in_order: bool = False
    ) -> None:
        self.host = host
        self._table = table
        self._processes = processes or {}
        self._in_order = in_order

    def __len__(self) -> int:
        return len(self._table) // ROW_BYTES

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> "SocketTable": ...
    def __getitem__(self, index: int | slice) -> "Connection | SocketTable":
        self._sort()
        if isinstance(index, slice):
            rows = [self._row(at) for at in range(*index.indices(len(self)))]
            return self._part(rows)
        return self._readable(self._row(range(len(self))[index]))

    def __iter__(self) -> Iterator[Connection]:
        self._sort()
        readable = self._readable if self._processes else sock_diag.connection
        return (readable(row) for (row,) in _ROW.iter_unpack(self._table))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # what may equal a list has no hash

    def on_port(self, port: int) -> "SocketTable":
        """Only the sockets with this port at either end."""
        wanted = port.to_bytes(2, "big")
        rows = [row for (row,) in _ROW.iter_unpack(self._table) if row[20:22] == wanted or row[22:24] == wanted]
        return self._part(rows)

    def by_state(self) -> dict[TcpState, int]:
        """How many there are in each state that occurs, in the kernel's order: for thousands."""
        states, counted = self._table[17::ROW_BYTES], Counter[TcpState]()
        for number in set(states):
            counted[sock_diag.state(number)] += states.count(number)
        return dict(sorted(counted.items()))

    def inodes(self) -> set[int]:
        """The inodes of those that a program may hold."""
        return {inode for (inode,) in _INODE.iter_unpack(self._table)} - {0}

    def clocks_ms(self) -> dict[bytes, int]:
        """What the clock of each TIME_WAIT shows (ms), by endpoints as the kernel writes them: for thousands."""
        rows = (row for (row,) in _ROW.iter_unpack(self._table) if row[17] == TcpState.TIME_WAIT)
        return {row[20:56]: _LEFT_MS.unpack_from(row)[0] for row in rows}

    def _part(self, rows: list[bytes]) -> "SocketTable":
        return SocketTable(b"".join(rows), host=self.host, processes=self._processes, in_order=self._in_order)

    def _row(self, number: int) -> bytes:
        return self._table[number * ROW_BYTES : (number + 1) * ROW_BYTES]

    def _readable(self, row: bytes) -> Connection:
        found = sock_diag.connection(row)
        return replace(found, process=self._processes.get(found.inode)) if self._processes else found

    def _sort(self) -> None:
        if not self._in_order:
            rows: list[bytes] = [row for (row,) in _ROW.iter_unpack(self._table)]
            for part in _SORTED_BY:  # sort() keeps the order of equals
                rows.sort(key=itemgetter(part))
            rows.sort(key=_rank)
            self._table = b"".join(rows)
            self._in_order = True

    def __repr__(self) -> str:
        if not self:
            return "no sockets"
        lines = [repr(connection) for connection in self[:_SHOWN]]
        if more := len(self) - len(lines):
            lines.append(f"… and {more:,} more")
        return "\n".join(lines)


def sockets(
    host: Place,
    *,
    state: TcpState | Iterable[TcpState] | None = None,
    port: int | None = None,
    processes: bool = False,
) -> SocketTable:
    """Look at the TCP sockets of a host, as `ss -tano` does, without waiting for `ss`.

    Everything sent so far has arrived before the look is taken.

    Args:
        host: bed.client, bed.server, …
        state: only sockets in this state, or in one of these; the kernel does the choosing.
        port: only sockets with this port at either end, 0 to 65535.
        processes: whether to find out which process holds each socket, as `ss -p` does.

    Returns: one per socket, IPv4 and IPv6; LISTEN first, then by state and endpoints; empty when there are none.

    Raises:
        BadValue: port is no port, state no TcpState, or host no host.
        NotPermitted: this kernel does not list its sockets.

    Example:
        >>> sockets(bed.server, state=TcpState.TIME_WAIT)  # doctest: +SKIP
        192.0.2.2:80 → 192.0.2.1:41234 TIME_WAIT 59 s

    Source: sock_diag(7); `ss(8)` is built on the same. Limit: the kernel keeps an orphan in FIN_WAIT2 as a small entry
    with the timer "timewait"; its state is FIN_WAIT2, although /proc/net/sockstat counts it as `tw`.
    """
    if port is not None and (type(port) is not int or not 0 <= port <= 65535):
        raise BadValue("port", port, "a whole number from 0 to 65535")
    chosen = (state,) if isinstance(state, TcpState) else tuple(TcpState if state is None else state)
    if not all(isinstance(one, TcpState) for one in chosen):
        raise BadValue("state", state, "a TcpState such as TcpState.TIME_WAIT, or several of them")
    mask = sock_diag.states_mask(chosen)

    rows = _rows(looked_at(host), mask)
    held_by = holders(SocketTable(rows).inodes()) if processes else None
    table = SocketTable(rows, host=host.name, processes=held_by)
    return table if port is None else table.on_port(port)


def glance(host: Place) -> SocketTable:
    """Look at the TCP sockets of a host as they are at this moment, and wait for nothing: for pictures that move.

    What was sent a moment ago may still be on its way; `sockets` waits for it.

    >>> glance(bed.client).by_state()                # doctest: +SKIP
    {TcpState.TIME_WAIT: 28232}
    """
    return SocketTable(_rows(host, sock_diag.states_mask(TcpState)), host=host.name)


def _rows(host: Place, mask: int) -> bytes:
    with host.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
        return sock_diag.dump(link, socket.AF_INET, mask) + sock_diag.dump(link, socket.AF_INET6, mask)
