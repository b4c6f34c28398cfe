"""One message, with descriptors beside it, over a SOCK_SEQPACKET pair: the language of a world.

Runs in the owner and inside the world alike. Both ends are the same interpreter, so marshal does.
"""

from __future__ import annotations

import _socket  # the socket module's enums would add 10 ms to the start of every world
import marshal
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

LARGEST_BYTES = 200_000  # one packet must fit the default net.core.wmem_max of 212,992
_MOST_DESCRIPTORS = 16
_SPACE = _socket.CMSG_SPACE(4 * _MOST_DESCRIPTORS)


def send(sock: _socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    """Send one message; the receiver gets duplicates of the descriptors."""
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack(f"{len(descriptors)}i", *descriptors))]
    sock.sendmsg([marshal.dumps(message)], rights if descriptors else [])


def receive(sock: _socket.socket, *, flags: int = 0) -> tuple[Any, list[int]]:
    """Receive one message and its descriptors; `(None, [])` when the other side has closed."""
    try:
        data, ancillary, _, _ = sock.recvmsg(LARGEST_BYTES + 4096, _SPACE, _socket.MSG_CMSG_CLOEXEC | flags)
    except ConnectionResetError:
        return None, []
    descriptors = [
        descriptor
        for level, kind, rights in ancillary
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS)
        for descriptor in struct.unpack(f"{len(rights) // 4}i", rights)
    ]
    return (marshal.loads(data) if data else None), descriptors
