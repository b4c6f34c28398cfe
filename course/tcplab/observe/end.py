"""One end of a connection as the kernel has it now, found by its four-tuple: for pictures that look often."""

import errno
import socket
from struct import Struct

from tcplab.errors import UnexpectedOutput
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.state import TcpState
from tcplab.observe import sock_diag
from tcplab.observe.place import Place
from tcplab.observe.sockets import SocketTable

_QUESTION = Struct("=IHHII BBBxI 2s2s 16s16s IQ")
_HEAD = Struct("=IHHII")
_CODE = Struct("=i")
_BY_FAMILY, _ERROR, _REQUEST = 20, 2, 0x1
_NUMBER = 1
_EVERY_STATE = 0xFFFFFFFF
_ANY_COOKIE = 0xFFFFFFFFFFFFFFFF
_RECEIVE_BYTES = 8192


def end_of(host: Place, four_tuple: FourTuple) -> Connection | None:
    """Look at one end of a connection, without waiting for what is on its way, and without a dump of the table.

    Args:
        host: bed.client, bed.server, …
        four_tuple: the connection, named from this host's side.

    Returns: None where the kernel has no such connection; a listener that would take it is none.

    Source: sock_diag(7), a request without NLM_F_DUMP; `inet_diag_find_one_icsk()` in `net/ipv4/inet_diag.c`, which
    finds request sockets and the small entries of TIME_WAIT, too.
    """
    family = socket.AF_INET if four_tuple.local.address.version == 4 else socket.AF_INET6
    ends = (four_tuple.local, four_tuple.peer)
    ports = [end.port.to_bytes(2, "big") for end in ends]
    addresses = [end.address.packed.ljust(16, b"\0") for end in ends]
    head = (_QUESTION.size, _BY_FAMILY, _REQUEST, _NUMBER, 0, family, socket.IPPROTO_TCP, 0, _EVERY_STATE)
    with host.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
        link.send(_QUESTION.pack(*head, *ports, *addresses, 0, _ANY_COOKIE))
        said = link.recv(_RECEIVE_BYTES)
    length, kind, *_ = _HEAD.unpack_from(said)
    if kind == _ERROR:
        (code,) = _CODE.unpack_from(said, _HEAD.size)
        if -code == errno.ENOENT:
            return None
        raise OSError(-code, "sock_diag refused the question")
    if length < sock_diag.ROW_BYTES:
        raise UnexpectedOutput("sock_diag", said[:length].hex(" "))
    found = sock_diag.connection(said[: sock_diag.ROW_BYTES])
    return None if found.state is TcpState.LISTEN else found


def listener_on(host: Place, port: int | None = None) -> Endpoint | None:
    """Find who listens on a port, or on any; the lowest port where there are several."""
    mask = sock_diag.states_mask([TcpState.LISTEN])
    with host.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
        rows = sock_diag.dump(link, socket.AF_INET, mask) + sock_diag.dump(link, socket.AF_INET6, mask)
    ports = {each.local for each in SocketTable(rows) if port in (None, each.local.port)}
    return min(ports, key=lambda end: end.port, default=None)
