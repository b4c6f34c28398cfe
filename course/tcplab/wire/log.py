"""The record, as the wire's process writes it: gathered while packets come, written when there is time."""

from __future__ import annotations

import os

from tcplab.wire.layout import CHANGE, ENTRY, FRAME, FULL_BYTES, HEADERS_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_MANY = 512


class Log:
    """Frames and their fates, appended to the memory that the owner reads; alike to that of a witness."""

    def __init__(self, descriptors: Sequence[int]) -> None:
        self._descriptors = descriptors
        self._waiting: list[bytes] = []
        self.written = 0  # bytes

    def frame(self, end: int, fate: int, number: int, time_ns: int, length: int, frame: bytes) -> None:
        """Record a frame, its end and first fate; beyond FULL_BYTES its headers only."""
        if self.written > FULL_BYTES:
            frame = frame[:HEADERS_BYTES]
        self._waiting.append(ENTRY.pack(FRAME, end, fate, number, time_ns, length, len(frame)) + frame)

    def change(self, number: int, time_ns: int, fate: int) -> None:
        """Record a later fate of a frame."""
        self._waiting.append(ENTRY.pack(CHANGE, 0, fate, number, time_ns, 0, 0))

    @property
    def waits(self) -> bool:
        """Tell whether something is not yet written."""
        return bool(self._waiting)

    @property
    def presses(self) -> bool:
        """Tell whether so much waits that it should be written also while packets come."""
        return len(self._waiting) >= _MANY

    def write(self) -> None:
        """Write what waits."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        self.written += len(data)
        for descriptor in self._descriptors:
            left = data
            while left:
                left = left[os.write(descriptor, left) :]
