"""Frames and captures that nobody has sent: read or refused, never a crash, and never read as something else."""

import struct
import warnings
from pathlib import Path

import pytest
from mutations import inputs
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import Ether
from scapy.packet import Padding, Raw
from tcplab.errors import TcplabError
from tcplab.model.conversation import conversations
from tcplab.model.frame import parse
from tcplab.model.segment import Segment
from tcplab.observe import pcap

MILLIONS = [pytest.mark.long, pytest.mark.timeout(3600)]
RECORDED = Path(__file__).parents[1] / "recorded"
CAPTURES = [path.read_bytes() for path in sorted(RECORDED.glob("*.pcap"))]
ETHERNET = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
FOUR, SIX = IP(dst="192.0.2.2"), IPv6(dst="2001:db8::2")
TALK = TCP(options=[("MSS", 1460), ("SAck", (1, 2)), ("Timestamp", (3, 4))]) / Raw(b"hello")
FRAMES = [
    *(segment.frame for path in sorted(RECORDED.glob("*.pcap")) for segment in pcap.read(path)[::2]),
    *(
        bytes(ETHERNET / SIX / more / TALK)
        for more in (IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment())
    ),
    bytes(ETHERNET / IP(dst="192.0.2.2", options=b"\x07\x07\x04" + bytes(5)) / TALK),
]


@pytest.mark.parametrize("count", [4_000, pytest.param(3_000_000, marks=MILLIONS)])
def test_a_frame_is_a_segment_or_none(count: int) -> None:
    """Whatever comes: no segment, or one that can be printed, drawn and asked for its options."""
    found = 0
    for frame in inputs(FRAMES, count, seed=1):
        if parse(frame) is None:
            continue
        segment = Segment.from_frame(frame)
        found += 1
        assert len(segment.payload) <= segment.payload_bytes <= 65_535 + len(frame)
        assert 0 <= segment.sequence_length - segment.payload_bytes <= 2
        if not found % 10:
            assert repr(segment)
            assert len(segment.header_lines()) >= 9
    assert found > count // 10


@pytest.mark.parametrize("count", [200, pytest.param(100_000, marks=MILLIONS)])
def test_what_is_read_is_what_scapy_reads(count: int) -> None:
    """No wrong parse: each segment that is found is there for scapy, too, with the same numbers and payload."""
    agreed = 0
    for frame in inputs(FRAMES, count, seed=2):
        headers = parse(frame)
        if headers is None:
            continue
        try:
            packet = Ether(frame)
        except struct.error:
            continue  # scapy cannot read it at all
        tcp = packet.getlayer(TCP)
        assert tcp is not None, frame.hex()
        _, source, target, *numbers = headers
        ip = packet[IPv6] if IPv6 in packet else packet[IP]
        assert bytes(ip)[12:20] == source + target if IP in packet else bytes(ip)[8:40] == source + target
        assert numbers[:6] == [tcp.sport, tcp.dport, tcp.seq, tcp.ack, int(tcp.flags) & 255, tcp.window], frame.hex()
        payload = bytes(tcp.payload)
        padding = len(bytes(tcp[Padding])) if Padding in tcp else 0
        assert Segment.from_frame(frame).payload == payload[: len(payload) - padding], frame.hex()
        agreed += 1
    assert agreed > count // 10


@pytest.mark.parametrize("count", [40, pytest.param(20_000, marks=MILLIONS)])
def test_a_capture_is_read_or_refused(count: int, tmp_path: Path) -> None:
    """Both ways of reading a file, packet by packet and in numpy, refuse it alike or find the same in it."""
    warnings.filterwarnings("ignore", message=".*ends in the middle of a packet")
    file = tmp_path / "x.pcap"
    for data in inputs(CAPTURES, count, seed=3, most_bytes=2_000):
        file.write_bytes(data)
        try:
            segments = pcap.read(file)
        except TcplabError as error:
            with pytest.raises(type(error)):
                pcap.flows(file)
            continue
        flows = pcap.flows(file)
        assert (len(segments), sum(segment.payload_bytes for segment in segments)) == (
            sum(flow.packets for flow in flows),
            sum(flow.payload_bytes for flow in flows),
        )
        assert sum(len(talk) for talk in conversations(segments)) == len(segments)
        assert repr(flows)


def test_a_cooked_packet_that_is_no_ip(tmp_path: Path) -> None:
    """What Linux cooked says of the protocol counts, and not how the bytes behind it look."""
    data = bytearray(next(path for path in RECORDED.glob("*cooked*")).read_bytes())
    file = tmp_path / "x.pcap"
    first = 24 + 16  # behind the headers of file and packet; version 2 begins with the protocol
    assert data[first : first + 2] == b"\x08\x00"
    data[first : first + 2] = b"\x88\xcc"
    file.write_bytes(data)
    assert len(pcap.read(file)) == sum(flow.packets for flow in pcap.flows(file)) == 9


@pytest.mark.parametrize(("kind", "version"), [(b"\x08\x00", 6), (b"\x86\xdd", 4)])
def test_a_version_that_ethernet_denies(kind: bytes, version: int) -> None:
    """A packet of the other version than Ethernet says is no segment: no kernel takes it."""
    whole = bytes(ETHERNET / (SIX if version == 6 else FOUR) / TALK)
    assert parse(whole) is not None
    assert parse(whole[:12] + kind + whole[14:]) is None
