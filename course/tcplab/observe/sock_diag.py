"""Ask the kernel for its TCP sockets over netlink: the question and the answer, byte by byte.

Source: sock_diag(7), `include/uapi/linux/inet_diag.h`. Rows stay bytes here until someone looks at them.
"""

import errno
import os
import socket
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from socket import ntohs
from struct import Struct

from tcplab.errors import NotPermitted, NotReady, UnexpectedOutput
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.state import KERNEL_NEW_SYN_RECV, TcpState

NETLINK_SOCK_DIAG = 4
BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY: the type of the question, and of each row of the answer
_NOOP, _ERROR, _DONE = 1, 2, 3
_REQUEST_DUMP = 0x1 | 0x300
_MULTI = 0x2
_INTERRUPTED = 0x10  # NLM_F_DUMP_INTR: the table changed under the reader
_ATTEMPTS = 10
_LARGEST_ERROR = 4095  # MAX_ERRNO of the kernel
_RECEIVE_BYTES = 1 << 18  # the kernel fills 32 KiB at a time; room for one that fills more

_HEAD = Struct("=IHHII")  # length, type, flags, sequence, port
_QUESTION = Struct("=IHHII BBBxI 48x")
_CODE = Struct("=i")
_ROW = Struct("=16x BBBB HH 16s16s 12x IIIII")
ROW_BYTES = 88
"""A netlink header and a `struct inet_diag_msg`, without the attributes that may follow it."""
# idiag_timer. Linux tells the last one since 7.1 (c698f5cc940d).
_TIMERS = (None, "retransmit", "keepalive", "timewait", "probe", "delayed ack")
_STATES = {number: TcpState(number) for number in (*TcpState, KERNEL_NEW_SYN_RECV)}
_MAPPED = bytes(10) + b"\xff\xff"


def states_mask(states: Iterable[TcpState]) -> int:
    """Name states as the kernel's filter does: one bit each."""
    mask = 0
    for state in states:
        mask |= 1 << state
        if state is TcpState.SYN_RECV:
            mask |= 1 << KERNEL_NEW_SYN_RECV
    return mask


def state(number: int) -> TcpState:
    """Name a state by the kernel's number; a request that has no socket yet is in SYN_RECV.

    Raises: UnexpectedOutput for a number that is not known.
    """
    if number not in _STATES:
        raise UnexpectedOutput("sock_diag", f"state {number}")
    return _STATES[number]


def ask(link: socket.socket, family: int, mask: int, sequence: int) -> None:
    """Send the question for all TCP sockets of one address family in the states of `mask`."""
    link.send(_QUESTION.pack(_QUESTION.size, BY_FAMILY, _REQUEST_DUMP, sequence, 0, family, 6, 0, mask))


def dump(link: socket.socket, family: int, mask: int) -> bytes:
    """Read all TCP sockets of one address family that are in one of the states of `mask`.

    Args:
        link: a netlink socket of the host whose table is meant.
        family: AF_INET or AF_INET6.
        mask: from states_mask().

    Returns: ROW_BYTES per socket, one after the other, in the kernel's order.
    """
    buffer = bytearray(_RECEIVE_BYTES)
    for sequence in range(1, _ATTEMPTS + 1):
        ask(link, family, mask, sequence)
        chunks: list[bytes] = []
        quiet, done = True, False
        while not done:
            size = link.recv_into(buffer, 0, socket.MSG_TRUNC)
            if size > len(buffer):
                raise UnexpectedOutput("sock_diag", f"a message of {size} bytes")
            rows, done, kept_still = taken(bytes(memoryview(buffer)[:size]), sequence)
            chunks.append(rows)
            quiet = quiet and kept_still
        if quiet:
            return b"".join(chunks)
    raise NotReady("A socket table that keeps still while it is read", 0)


def taken(chunk: bytes, sequence: int) -> tuple[bytes, bool, bool]:
    """Take the rows out of what one recv() gave.

    Returns: the rows; whether that was the end of the table; whether the table kept still meanwhile.
    """
    if length := _one_length(chunk, sequence):
        return b"".join(row for (row,) in Struct(f"{ROW_BYTES}s{length - ROW_BYTES}x").iter_unpack(chunk)), False, True

    rows: list[bytes] = []
    at, done, quiet = 0, False, True
    while at < len(chunk):
        if len(chunk) - at < _HEAD.size:
            raise UnexpectedOutput("sock_diag", chunk[at:].hex(" "))
        length, kind, flags, number, _ = _HEAD.unpack_from(chunk, at)
        if length < _HEAD.size or at + length > len(chunk) or number != sequence:
            raise UnexpectedOutput("sock_diag", chunk[at : at + ROW_BYTES].hex(" "))
        quiet = quiet and not flags & _INTERRUPTED
        if kind == BY_FAMILY and length >= ROW_BYTES:
            rows.append(chunk[at : at + ROW_BYTES])  # what follows are attributes, which nobody asked for
        elif kind in (_DONE, _ERROR) and length >= _HEAD.size + _CODE.size:
            _raise_for(*_CODE.unpack_from(chunk, at + _HEAD.size))
            done = True
        elif kind != _NOOP:
            raise UnexpectedOutput("sock_diag", chunk[at : at + length].hex(" "))
        at += (length + 3) & ~3
    return b"".join(rows), done, quiet


def _one_length(chunk: bytes, sequence: int) -> int:
    """The length of every message, if all have the same head, as in TIME_WAIT's thousands: no loop over them."""
    length, kind, flags, number, _ = _HEAD.unpack_from(chunk.ljust(_HEAD.size, b"\0"))
    if (
        (kind, flags, number) != (BY_FAMILY, _MULTI, sequence)
        or length < ROW_BYTES
        or length % 4
        or len(chunk) % length
    ):
        return 0
    count = len(chunk) // length
    alike = all(chunk[at::length] == chunk[at : at + 1] * count for at in range(_HEAD.size))
    return length if alike else 0


def _raise_for(code: int) -> None:
    if code == -errno.ENOENT:
        raise NotPermitted(
            "This kernel does not list TCP sockets over netlink (CONFIG_INET_TCP_DIAG). Load it: sudo modprobe tcp_diag"
        )
    if not -_LARGEST_ERROR <= code <= 0:
        raise UnexpectedOutput("sock_diag", f"error {code}")
    if code:
        raise OSError(-code, os.strerror(-code))


def connection(row: bytes) -> Connection:
    """Make a row readable.

    Raises: UnexpectedOutput for a family, state or timer that is not known.
    """
    family, number, timer, again, port, peer_port, source, target, left_ms, received, sending, uid, inode = _ROW.unpack(
        row
    )
    try:
        known, name = _STATES[number], _TIMERS[timer]
    except LookupError:
        raise UnexpectedOutput("sock_diag", row.hex(" ")) from None
    return Connection(
        known,
        Endpoint(_address(family, source), ntohs(port)),
        _peer(family, target, peer_port),
        name,
        left_ms / 1000 if name else None,
        again if name == "retransmit" else 0,
        received,
        sending,
        uid,
        inode,
    )


@lru_cache(maxsize=256)
def _peer(family: int, data: bytes, port: int) -> Endpoint:
    """An endpoint that many rows share, as a client's thousands share their server's."""
    return Endpoint(_address(family, data), ntohs(port))


@lru_cache(maxsize=256)
def _address(family: int, data: bytes) -> IPv4Address | IPv6Address:
    if family == socket.AF_INET:
        return IPv4Address(data[:4])
    if family != socket.AF_INET6:
        raise UnexpectedOutput("sock_diag", f"address family {family}")
    if data[:12] == _MAPPED:
        return IPv4Address(data[12:])
    return IPv6Address(data)
