"""Captures, in and out. The only module that speaks with scapy."""

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.errors import BadValue, SaveFailed
from tcplab.model.frame import parse
from tcplab.model.segment import Segment
from tcplab.observe.records import PCAPNG, Records, known_link_type, records
from tcplab.wire.whole import whole

if TYPE_CHECKING:
    from tcplab.observe.flows import Flows

_ETHERNET = 1


def read(path: str | os.PathLike[str]) -> list[Segment]:
    """Read the TCP segments of a capture file, pcap or pcapng.

    Returns: one per segment, in the file's order; `number` is the packet's in the file, as Wireshark shows it, and
        `time_s` counts from the file's first packet. What is not TCP over IP is left out. A packet that was not
        captured on Ethernet gets an Ethernet header without addresses. A file that ends inside a packet is read up
        to there, with a warning.

    Raises:
        BadValue: it is no capture file, or one of another kind of link.
        UnexpectedOutput: the file is broken.

    Example:
        >>> read("close.pcap")[0]  # doctest: +SKIP
         1  0.0000 s  192.0.2.1:40000 → 192.0.2.2:80  S   seq 2918273645                    0 bytes  delivered
    """
    with Path(path).open("rb") as file:
        newer = file.read(4) == PCAPNG
    packets = _newer(path) if newer else _classic(_whole(path))

    segments = []
    first_ns: int | None = None
    for number, (time_ns, link_type, packet) in enumerate(packets, start=1):
        first_ns = time_ns if first_ns is None else first_ns
        frame = _ethernet(path, link_type, packet)
        if parse(frame) is not None:
            time_s = (time_ns - first_ns) / 1e9
            segments.append(Segment.from_frame(frame, number=number, time_s=time_s, delivered_s=time_s))
    return segments


def _whole(path: str | os.PathLike[str]) -> Records:
    found = records(path)
    if found.truncated:
        warnings.warn(
            f"{path} ends in the middle of a packet: read the {len(found.offsets)} before it."
            " Was tcpdump stopped with SIGKILL, or is it still writing?",
            stacklevel=3,  # who called read() or flows()
        )
    return found


def _classic(found: Records) -> Iterator[tuple[int, int, bytes]]:
    return ((time_ns, found.link_type, packet) for time_ns, packet in found)


def _newer(path: str | os.PathLike[str]) -> Iterator[tuple[int, int, bytes]]:
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapNgReader

    try:
        with Path(path).open("rb") as file:  # scapy itself would leave it open when it refuses
            for packet, about in RawPcapNgReader(file):
                ticks = (about.tshigh << 32) + about.tslow
                yield ticks * 1_000_000_000 // about.tsresol, about.linktype, packet
    except Scapy_Exception as error:
        raise BadValue("path", str(path), f"a whole pcapng file ({error})") from error


def _ethernet(path: str | os.PathLike[str], link_type: int, packet: bytes) -> bytes:
    if link_type == _ETHERNET:
        return packet
    before, kind_at = known_link_type(path, link_type)
    if kind_at is not None:
        kind = packet[kind_at : kind_at + 2]
    else:
        kind = b"\x86\xdd" if packet[before : before + 1] >= b"\x60" else b"\x08\x00"
    return bytes(12) + kind + packet[before:]


def write(path: str | os.PathLike[str], segments: Iterable[Segment]) -> Path:
    """Write segments as a pcap file with nanoseconds, whole or not at all; `time_s` counts from the epoch.

    Raises: SaveFailed when the file cannot be written.
    """
    from scapy.utils import PcapWriter

    target = Path(path)
    try:
        # The writer closes what it is given, so it gets a second file on the same descriptor.
        with (
            whole(target) as file,
            os.fdopen(file.fileno(), "wb", closefd=False) as lent,
            PcapWriter(lent, linktype=_ETHERNET, nano=True) as writer,
        ):
            writer.write_header(None)
            for segment in segments:
                seconds, nanoseconds = divmod(round(segment.time_s * 1e9), 1_000_000_000)
                missing = segment.payload_bytes - len(segment.payload)
                writer.write_packet(
                    segment.frame, sec=seconds, usec=nanoseconds, wirelen=len(segment.frame) + max(missing, 0)
                )
    except OSError as error:
        raise SaveFailed(target, error) from error
    return target


def flows(path: str | os.PathLike[str]) -> "Flows":
    """Count the segments of a large classic capture by connection, a million packets in a few seconds.

    Returns: one Flow per pair of endpoints, in the order of their first packets.

    Raises:
        BadValue: it is no classic pcap file, or one of another kind of link.
        UnexpectedOutput: the file is broken.

    Example:
        >>> flows("busy.pcap")[0]  # doctest: +SKIP
        192.0.2.1:40000 → 192.0.2.2:80  10 packets  331 bytes  0.0000 to 0.0124 s  FSPA
    """
    from tcplab.observe.flows import Flows

    return Flows.of(_whole(path))
