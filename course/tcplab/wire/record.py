"""The wire's record, on the owner's side: segments decoded when looked at, a pcap when asked for."""

import os
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, overload

from tcplab.errors import SaveFailed
from tcplab.model.frame import parse
from tcplab.model.segment import Fate, Segment
from tcplab.wire.layout import CHANGE, ENTRY, FATES
from tcplab.wire.whole import whole

if TYPE_CHECKING:
    from tcplab.model.frame import Headers

_CHUNK_BYTES = 1 << 17  # small: who reads in a thread lets the others go on between two chunks
_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)  # nanoseconds, Ethernet
_PCAP_ENTRY = struct.Struct("<IIII")
_NO_TIME = -1
_AT_ONCE = 100  # frames, where headers alone are read


@dataclass(frozen=True, slots=True)
class Tally:
    """How many segments came to a wire: by what became of them, and from its first and its second host."""

    fates: Mapping[Fate, int]
    sent_by: tuple[int, int]
    behind: bool = False

    @property
    def segments(self) -> int:
        """Return how many there are."""
        return sum(self.sent_by)


class Record:
    """All frames that came to the wire, in order, each with its fate."""

    def __init__(self, descriptor: int, hosts: Mapping[bytes, str]) -> None:
        self._descriptor = descriptor
        self._all: bytes | None = None  # once the world is down
        self._reading = threading.Lock()
        self._closed_ns = 0
        self._hosts = hosts  # packed address → name
        self._read = 0
        self._frames: list[tuple[int, int, int, int, int]] = []  # offset, kept, length, time, end
        self._fates: list[int] = []
        self._delivered_ns: list[int] = []
        self._tcp: list[int] = []  # indices into _frames
        self._tallied = (0, Tally({}, (0, 0)))  # at which size, and what
        self.start_ns: int | None = None

    def extend(self, written: int) -> None:
        """Take note of what the wire has written up to a size (bytes)."""
        with self._reading:
            while self._read < written:
                data = self._bytes(min(_CHUNK_BYTES, written - self._read), self._read)
                taken = self._index(data, self._read)
                if not taken:
                    return  # the world ended in the middle of an entry
                self._read += taken

    @property
    def size_bytes(self) -> int:
        """Return how much of the record has been taken note of."""
        return self._read

    def _bytes(self, count: int, offset: int) -> bytes:
        if self._all is not None:
            return self._all[offset : offset + count]
        return os.pread(self._descriptor, count, offset)

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
                if parse(data[at : at + kept]) is not None:
                    self._tcp.append(len(self._frames))
                self._frames.append((base + at, kept, length, time_ns, end))
                self._fates.append(fate)
                self._delivered_ns.append(time_ns if _arrived(fate) else _NO_TIME)
                at += kept
        return at

    def tally(self, *, behind: bool = False) -> "Tally":
        """Count what was taken note of, without decoding a segment."""
        with self._reading:
            if self._tallied[0] != self._read:
                fates = Counter(map(self._fates.__getitem__, self._tcp))
                right = sum(self._frames[at][4] for at in self._tcp)
                counted = {Fate(FATES[fate]): count for fate, count in fates.items()}
                self._tallied = (self._read, Tally(dict(sorted(counted.items())), (fates.total() - right, right)))
            return replace(self._tallied[1], behind=behind)

    def segments(self) -> "Segments":
        """Return the TCP segments so far, oldest first."""
        with self._reading:
            return Segments(self, len(self._tcp), self._read)

    def segments_of(self, numbers: Sequence[int]) -> list[Segment]:
        """Return the segments of frames that the wire calls by number."""
        return [self.segment(self._tcp.index(number - 1)) for number in numbers]

    def segment(self, place: int) -> Segment:
        """Decode one TCP segment, by its place in the record."""
        index = self._tcp[place]
        offset, kept, _, time_ns, _ = self._frames[index]
        frame = self._bytes(kept, offset)
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

    def headers(self, start: int, stop: int) -> "Iterator[Headers]":
        """Read the headers of TCP segments from one place up to another, many at once."""
        frames = [self._frames[index] for index in self._tcp[start:stop]]
        for at in range(0, len(frames), _AT_ONCE):
            some = frames[at : at + _AT_ONCE]
            first, (last, kept, *_) = some[0][0], some[-1]
            data = self._bytes(last + kept - first, first)
            for offset, size, *_ in some:
                headers = parse(data[offset - first : offset - first + size])
                assert headers is not None
                yield headers

    @property
    def now_s(self) -> float:
        """Return the time by the clock of its segments; it stands still once the world is down."""
        return self._seconds(self._closed_ns or time.time_ns())

    @property
    def is_over(self) -> bool:
        """Tell whether nothing will be added any more."""
        return self._all is not None

    def _seconds(self, time_ns: int) -> float:
        return (time_ns - (self.start_ns or 0)) / 1e9

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all frames as a pcap file with nanosecond timestamps, whole or not at all.

        Every frame that came to the wire is in it, also those that a rule dropped: it is a capture
        at the wire, before the rules.

        Raises:
            SaveFailed: The disk is full, the folder is missing or not writable.
        """
        target = Path(path)
        try:
            with whole(target) as file:
                file.write(_PCAP_HEADER)
                for offset, kept, length, time_ns, _ in self._frames:
                    file.write(_PCAP_ENTRY.pack(*divmod(time_ns, 1_000_000_000), kept, length))
                    file.write(self._bytes(kept, offset))
        except OSError as error:
            raise SaveFailed(target, error) from error
        return target

    def close(self) -> None:
        """Take what the wire has written, to its end, and let go of the memory shared with it."""
        if self._all is None:
            size = os.fstat(self._descriptor).st_size
            self.extend(size)
            self._closed_ns = time.time_ns()
            with self._reading:
                self._all = b"".join(
                    os.pread(self._descriptor, _CHUNK_BYTES, at) for at in range(0, size, _CHUNK_BYTES)
                )
                os.close(self._descriptor)


class Segments(Sequence[Segment]):
    """TCP segments, oldest first, each decoded when it is looked at. Prints as a table."""

    def __init__(self, record: Record, count: int, version: int) -> None:
        self._record = record
        self._count = count
        self.version = version
        """The same where nothing has come to the wire since, and no fate has changed."""

    def headers(self, start: int) -> "Iterator[Headers]":
        """Read the headers only, from a place on: for who must look at very many."""
        return self._record.headers(start, self._count)

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


def packed(addresses: Mapping[str, Sequence[str]]) -> dict[bytes, str]:
    """Return packed address → name, from name → addresses."""
    return {ip_address(text).packed: name for name, texts in addresses.items() for text in texts}
