"""A packet socket with a receive ring: frames come without a system call each, and none is lost.

PACKET_RX_RING, version 2: packet(7) and Documentation/networking/packet_mmap.rst. A plain packet
socket holds net.core.rmem_default of frames, and an ordinary user may not have more: a transfer of
40 MB lost a thousand frames. One ring takes the frames of both devices, in the order of arrival.
"""

from __future__ import annotations

import _socket
import _thread
import mmap
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SOL_PACKET = 263
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
TPACKET_V2 = 1
ETH_P_ALL = 3

HEADER = struct.Struct("=IIIHxxII12xi")
"""tpacket2_hdr and sockaddr_ll: status, length, kept, start of the frame, seconds, nanoseconds, device index."""
STATUS = struct.Struct("=I")
IN_USER_SPACE = 1

_BLOCK_BYTES = 1 << 16
_SLOTS = 1024  # what two hosts may have on the way at once, by their tcp_rmem; 8 MB made the fiftieth world slow
_JUMBO_SLOTS = 512


class Ring:
    """All frames that come in by any device of this network namespace, oldest first."""

    def __init__(self, mtu: int) -> None:
        self.slot_bytes = 2048
        while self.slot_bytes < mtu + 128:
            self.slot_bytes *= 2
        self.slots = _SLOTS if self.slot_bytes == 2048 else _JUMBO_SLOTS
        self._bytes = self.slots * self.slot_bytes
        self.slot = 0
        self.lost = 0
        self.socket = _socket.socket(_socket.AF_PACKET, _socket.SOCK_RAW, _socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        # The kernel makes a ring only after an RCU grace period of some 20 ms: a child waits for it,
        # on the socket that both have, while the links are laid.
        self._child = os.fork()
        if self._child == 0:
            os._exit(self._make())

    def _make(self) -> int:
        request = struct.pack("IIII", _BLOCK_BYTES, self._bytes // _BLOCK_BYTES, self.slot_bytes, self.slots)
        try:
            self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        except OSError as error:
            return error.errno or 1
        return 0

    def open(self) -> None:
        """Wait until the ring is made, and look into its memory.

        Raises:
            OSError: What the kernel refused.
        """
        _, status = os.waitpid(self._child, 0)
        if refused := os.waitstatus_to_exitcode(status):
            raise OSError(refused, os.strerror(refused), "PACKET_RX_RING")
        self.memory = mmap.mmap(self.socket.fileno(), self._bytes)

    def count_lost(self) -> int:
        """Return how many frames found the ring full, since the start."""
        said = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)  # reading sets it back to 0
        self.lost += struct.unpack("II", said)[1]
        return self.lost


class End:
    """One end of the wire: the device towards a host, and what has gone in and out there."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.index = _socket.if_nametoindex(device)
        self.received = 0
        self.sent = 0
        self.socket = _socket.socket(_socket.AF_PACKET, _socket.SOCK_RAW, 0)  # protocol 0: it only sends
        self.socket.bind((device, 0))

    def send(self, frame: bytes) -> bool:
        """Send a frame to the host; False when its device is down."""
        try:
            self.socket.send(frame)
        except OSError:
            return False
        self.sent += 1
        return True


def let_go(ring: Ring, ends: Iterable[End]) -> None:
    """Close all packet sockets at once: at each the kernel waits for an RCU grace period or two, some 20 ms each.

    A process that is killed closes them one after the other.
    """
    for end in ends:
        _thread.start_new_thread(end.socket.close, ())
    ring.memory.close()
    ring.socket.close()
