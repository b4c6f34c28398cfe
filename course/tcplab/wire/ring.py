"""A packet socket with a receive ring: frames come without a system call each, and none is lost.

PACKET_RX_RING, version 2: packet(7) and Documentation/networking/packet_mmap.rst. A plain packet
socket holds net.core.rmem_default of frames, and an ordinary user may not have more: a transfer of
40 MB lost a thousand frames.
"""

import mmap
import struct

import _socket

SOL_PACKET = 263
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
TPACKET_V2 = 1
ETH_P_ALL = 3

HEADER = struct.Struct("=IIIHHII")
"""tpacket2_hdr: status, length, kept, start of the frame, start of IP, seconds, nanoseconds."""
STATUS = struct.Struct("=I")
IN_USER_SPACE = 1

_BLOCK_BYTES = 1 << 16
_RING_BYTES = 4 << 20


class Ring:
    """All frames that come in by one device, oldest first."""

    def __init__(self, device: str, mtu: int) -> None:
        self.device = device
        self.slot_bytes = 2048
        while self.slot_bytes < mtu + 128:
            self.slot_bytes *= 2
        self.slots = _RING_BYTES // self.slot_bytes
        self.slot = 0
        self.received = 0
        self.lost = 0
        self.socket = _socket.socket(_socket.AF_PACKET, _socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        request = struct.pack("IIII", _BLOCK_BYTES, _RING_BYTES // _BLOCK_BYTES, self.slot_bytes, self.slots)
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self.memory = mmap.mmap(self.socket.fileno(), _RING_BYTES)
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)

    def count_lost(self) -> int:
        """Return how many frames found the ring full, since the start."""
        said = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)  # reading sets it back to 0
        self.lost += struct.unpack("II", said)[1]
        return self.lost
