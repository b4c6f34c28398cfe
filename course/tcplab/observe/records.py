"""Where each packet lies in a capture file of the classic kind.

Source: the pcap file format (draft-ietf-opsawg-pcap), the list of link types at tcpdump.org.
"""

import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from tcplab.errors import BadValue, UnexpectedOutput

_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
PCAPNG = b"\x0a\x0d\x0d\x0a"
FILE_HEADER_BYTES, RECORD_HEADER_BYTES = 24, 16
_MOST_KEPT = 262_144  # libpcap's own limit

# How the packet begins, by link type: (bytes before the IP header, offset of the EtherType or None).
LINK_TYPES: dict[int, tuple[int, int | None]] = {
    1: (14, 12),  # Ethernet
    12: (0, None),  # raw IP, three spellings
    14: (0, None),
    101: (0, None),
    113: (16, 14),  # Linux cooked: `tcpdump -i any`
    276: (20, 0),  # Linux cooked, second version
}


@dataclass(frozen=True, slots=True)
class Records:
    """A capture file and where its records begin.

    `order` is "<" or ">", `tick_ns` 1 or 1000, `truncated` whether the file ends inside a record, which is left out.
    """

    path: Path
    data: bytes
    offsets: "array[int]"
    order: str
    tick_ns: int
    link_type: int
    truncated: bool

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Each packet: when, in ns since the epoch, and what was kept of it."""
        unpack = Struct(f"{self.order}III").unpack_from
        for at in self.offsets:
            seconds, fraction, kept = unpack(self.data, at)
            begin = at + RECORD_HEADER_BYTES
            yield seconds * 1_000_000_000 + fraction * self.tick_ns, self.data[begin : begin + kept]


def records(path: str | os.PathLike[str]) -> Records:
    """Index a classic capture file; a record that the file's end cuts off is left out.

    Raises:
        BadValue: it is no classic pcap file.
        UnexpectedOutput: a record claims a length that cannot be.
    """
    file = Path(path)
    data = file.read_bytes()
    if data[:4] == PCAPNG:
        raise BadValue("path", str(path), "a classic pcap file; make one of it: tshark -F pcap -r OLD -w NEW")
    if data[:4] not in _MAGIC or len(data) < FILE_HEADER_BYTES:
        raise BadValue("path", str(path), "a capture file, as tcpdump -w writes it")
    order, tick_ns = _MAGIC[data[:4]]
    (link_type,) = Struct(f"{order}I").unpack_from(data, 20)
    known_link_type(path, link_type & 0xFFFF)

    length = Struct(f"{order}8xI").unpack_from
    offsets = array("q")
    at, size, header, most = FILE_HEADER_BYTES, len(data), RECORD_HEADER_BYTES, _MOST_KEPT
    last, found = size - header, offsets.append
    while at <= last:  # a million times: nothing is looked up in here that need not be
        found(at)
        (kept,) = length(data, at)
        at += header + kept
        if kept > most:
            raise UnexpectedOutput(str(path), f"packet {len(offsets)} of {kept} bytes at byte {offsets[-1]}")
    if at > size:
        offsets.pop()
    return Records(file, data, offsets, order, tick_ns, link_type & 0xFFFF, at != size)


def known_link_type(path: str | os.PathLike[str], link_type: int) -> tuple[int, int | None]:
    """How packets of this link type begin.

    Raises: BadValue for a link type that is not known.
    """
    if link_type not in LINK_TYPES:
        raise BadValue(
            "path", str(path), f"captures of Ethernet, Linux cooked or raw IP (this is link type {link_type})"
        )
    return LINK_TYPES[link_type]
