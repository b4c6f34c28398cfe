"""The wire's record, on the owner's side: segments decoded when looked at, a pcap when asked for."""

import errno
import os
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import overload

from tcplab.errors import SaveFailed
from tcplab.model.segment import Fate, Segment
from tcplab.wire.layout import CHANGE, ENTRY, FATES

_CHUNK_BYTES = 1 << 24
_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)  # nanoseconds, Ethernet
_PCAP_ENTRY = struct.Struct("<IIII")
_NO_TIME = -1


class Record:
    """All frames that came to the wire, in order, each with its fate."""

    def __init__(self, descriptor: int, hosts: Mapping[bytes, str]) -> None:
        self._descriptor = descriptor
        self._hosts = hosts  # packed address → name
        self._read = 0
        self._frames: list[tuple[int, int, int, int, int]] = []  # offset, kept, length, time, end
        self._fates: list[int] = []
        self._delivered_ns: list[int] = []
        self._tcp: list[int] = []  # indices into _frames
        self.start_ns: int | None = None

    def extend(self, written: int) -> None:
        """Take note of what the wire has written up to a size (bytes)."""
        while self._read < written:
            data = os.pread(self._descriptor, min(_CHUNK_BYTES, written - self._read), self._read)
            self._read += self._index(data, self._read)

    def _index(self, data: bytes, base: int) -> int:
        at, size = 0, len(data)
        while at + ENTRY.size <= size:
            kind, end, fate, number, time_ns, length, kept = ENTRY.unpack_from(data, at)
            if at + ENTRY.size + kept > size:
                break
            at += ENTRY.size
            if kind == CHANGE:
                self._fates[number - 1] = fate
                self._delivered_ns[number - 1] = time_ns if _arrived(fate) else _NO_TIME
            else:
                self.start_ns = time_ns if self.start_ns is None else self.start_ns
                if _is_tcp(data, at):
                    self._tcp.append(len(self._frames))
                self._frames.append((base + at, kept, length, time_ns, end))
                self._fates.append(fate)
                self._delivered_ns.append(time_ns if _arrived(fate) else _NO_TIME)
                at += kept
        return at

    def segments(self) -> "Segments":
        """Return the TCP segments so far, oldest first."""
        return Segments(self, tuple(self._tcp))

    def segments_of(self, numbers: Sequence[int]) -> list[Segment]:
        """Return the segments of frames that the wire calls by number."""
        return [self.segment(self._tcp.index(number - 1)) for number in numbers]

    def segment(self, place: int) -> Segment:
        """Decode one TCP segment, by its place in the record."""
        index = self._tcp[place]
        offset, kept, _, time_ns, _ = self._frames[index]
        frame = os.pread(self._descriptor, kept, offset)
        delivered_ns = self._delivered_ns[index]
        return Segment.from_frame(
            frame,
            number=place + 1,
            time_s=self._seconds(time_ns),
            fate=Fate(FATES[self._fates[index]]),
            delivered_s=None if delivered_ns == _NO_TIME else self._seconds(delivered_ns),
            from_host=self._hosts.get(frame[26:30] if frame[12] == 8 else frame[22:38], ""),
            to_host=self._hosts.get(frame[30:34] if frame[12] == 8 else frame[38:54], ""),
        )

    def _seconds(self, time_ns: int) -> float:
        return (time_ns - (self.start_ns or 0)) / 1e9

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all frames as a pcap file with nanosecond time stamps, whole or not at all.

        Every frame that came to the wire is in it, also those that a rule dropped: it is a capture
        at the wire, before the rules.

        Raises:
            SaveFailed: The disk is full, the folder is missing or not writable.
        """
        target = Path(path)
        temporary = ""
        try:
            if target.exists() and not target.is_file():
                raise OSError(errno.EINVAL, "it is a device or a folder")  # noqa: TRY301 (replacing would destroy it)
            descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_PCAP_HEADER)
                for offset, kept, length, time_ns, _ in self._frames:
                    file.write(_PCAP_ENTRY.pack(*divmod(time_ns, 1_000_000_000), kept, length))
                    file.write(os.pread(self._descriptor, kept, offset))
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except OSError as error:
            Path(temporary or target.with_name(f".{target.name}.none")).unlink(missing_ok=True)
            raise SaveFailed(target, error) from error
        return target

    def close(self) -> None:
        """Give the memory back; nothing can be read after it."""
        os.close(self._descriptor)


class Segments(Sequence[Segment]):
    """TCP segments, oldest first, each decoded when it is looked at. Prints as a table."""

    def __init__(self, record: Record, places: Sequence[int]) -> None:
        self._record = record
        self._count = len(places)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Segment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Segment]: ...
    def __getitem__(self, index: int | slice) -> Segment | list[Segment]:
        if isinstance(index, slice):
            return [self._record.segment(place) for place in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"segment {index} of {self._count}")
        return self._record.segment(index % self._count)

    def __iter__(self) -> Iterator[Segment]:
        return (self._record.segment(place) for place in range(self._count))

    def __repr__(self) -> str:
        shown = [repr(segment) for segment in self[:20]]
        more = [f"… and {self._count - 20} more"] if self._count > 20 else []
        return "\n".join(shown + more) or "no segments yet"


def _arrived(fate: int) -> bool:
    return FATES[fate] in ("delivered", "duplicated")


def _is_tcp(data: bytes, at: int) -> bool:
    if data[at + 12 : at + 14] == b"\x08\x00":
        return data[at + 23] == 6
    return data[at + 20] == 6


def packed(addresses: Mapping[str, Sequence[str]]) -> dict[bytes, str]:
    """Return packed address → name, from name → addresses."""
    return {ip_address(text).packed: name for name, texts in addresses.items() for text in texts}
