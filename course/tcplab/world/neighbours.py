"""A host's static neighbours, laid again when its device has been down: the kernel forgets them then.

Nobody asks who has an address here (ARP is off, so that it is never in a lesson's way), and so nobody would answer.
Addresses of IPv6 and routes through a gateway go with the device on any Linux; those stay the learner's affair.
"""

from __future__ import annotations

import _socket
import errno
import struct

from tcplab.world import device

_NETLINK_ROUTE, _LINKS = 0, 1  # RTMGRP_LINK: a word about each change of a device
_HEAD = struct.Struct("=IHHII")
_ABOUT = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, which of them have changed
_NEW_LINK = 16
_IFF_UP = 1
_BYTES = 1 << 16


class Neighbours:
    """What is to be laid, and the socket on which the kernel tells of devices."""

    def __init__(self, setup: list[str]) -> None:
        self._commands = [words for words in setup if words.startswith("neighbour ")]
        self._socket = _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW, _NETLINK_ROUTE)
        self._socket.bind((0, _LINKS))
        self._socket.settimeout(0)

    def fileno(self) -> int:
        """Return what to wait for."""
        return self._socket.fileno()

    def lay_again(self) -> None:
        """Read what the kernel tells, and give each device that has come up its neighbours back."""
        for name in self._risen():
            wanted = [words.replace(" add ", " replace ", 1) for words in self._commands if f" dev {name} " in words]
            if wanted:
                try:
                    device.ip(wanted)
                except RuntimeError:
                    pass  # it has gone down again: there will be more news

    def _risen(self) -> set[str]:
        found: set[str] = set()
        while True:
            try:
                said = self._socket.recv(_BYTES)
            except BlockingIOError:
                return found
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                continue  # more changes than were read: those that are left tell how it is now
            found |= risen(said)


def risen(said: bytes) -> set[str]:
    """Name the devices that came up, by one reading from the kernel."""
    found, at = set(), 0
    while at + _HEAD.size + _ABOUT.size <= len(said):
        length, kind, *_ = _HEAD.unpack_from(said, at)
        _, _, index, flags, changed = _ABOUT.unpack_from(said, at + _HEAD.size)
        if kind == _NEW_LINK and flags & changed & _IFF_UP:
            try:
                found.add(_socket.if_indextoname(index))
            except OSError:
                pass  # gone meanwhile
        at += max((length + 3) & ~3, _HEAD.size)
    return found
