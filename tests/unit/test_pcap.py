"""Capture files are read, counted and written, or refused."""

import random
import tempfile
from pathlib import Path
from struct import pack

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tcplab.errors import BadValue, SaveFailed, UnexpectedOutput
from tcplab.model.conversation import conversations
from tcplab.observe import pcap
from tcplab.observe.flows import _by_flow
from unit.packets import frame, script

RECORDED = Path(__file__).parents[1] / "recorded"


def capture(*packets: bytes, order: str = "<", magic: int = 0xA1B23C4D, link_type: int = 1, step: int = 1000) -> bytes:
    """A capture file, by hand."""
    data = pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)
    for number, packet in enumerate(packets):
        data += pack(f"{order}IIII", 7, number * step, len(packet), len(packet)) + packet
    return data


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test's capture file may lie."""
    return tmp_path / "test.pcap"


def test_a_capture_of_tcpdump() -> None:
    """Ten segments over IPv4, ten over IPv6: the request, the answer, and a close in three or four segments."""
    segments = pcap.read(RECORDED / "close.pcap")
    four, six = conversations(segments)
    assert [segment.flags for segment in four.segments] == ["S", "SA", "A", "PA", "A", "PA", "A", "FA", "FA", "A"]
    assert four[3].segment.payload == b"GET / HTTP/1.0\r\n\r\n"
    assert (str(six.server), len(six)) == ("[2001:db8::2]:80", 10)
    assert four[0].segment.options.mss == 1460
    assert four[0].segment.options.timestamps is not None
    assert segments[0].time_s == 0
    assert [segment.number for segment in segments] == list(range(1, 21))


def test_a_cooked_capture() -> None:
    """What `tcpdump -i any` writes is read as well."""
    (talk,) = conversations(pcap.read(RECORDED / "close-cooked.pcap"))
    assert [turn.segment.flags for turn in talk] == ["S", "SA", "A", "PA", "A", "PA", "A", "FA", "FA", "A"]
    assert pcap.flows(RECORDED / "close-cooked.pcap")[0].packets == 10


@pytest.mark.parametrize("name", ["close.pcap", "close-cooked.pcap"])
def test_flows_count_what_read_reads(name: str) -> None:
    """Both ways of reading tell the same of the same file."""
    flows = pcap.flows(RECORDED / name)
    talks = conversations(pcap.read(RECORDED / name))
    assert len(flows) == len(talks)
    for flow, talk in zip(flows, talks, strict=True):
        assert flow.four_tuple == talk.four_tuple
        assert flow.packets == len(talk)
        assert flow.payload_bytes == sum(segment.payload_bytes for segment in talk.segments)
        assert (flow.first_s, flow.last_s) == (talk[0].segment.time_s, talk[-1].segment.time_s)
        assert flow.flags == "FSPA"
    assert repr(flows).startswith("192.0.2.1:")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "tick_s"), [(0xA1B23C4D, 1e-9), (0xA1B2C3D4, 1e-6)])
def test_byte_order_and_clock(file: Path, order: str, magic: int, tick_s: float) -> None:
    """Files of either byte order, in microseconds or nanoseconds."""
    file.write_bytes(capture(frame("client", "S", 5, 0), frame("server", "SA", 9, 6), order=order, magic=magic))
    syn, answer = pcap.read(file)
    assert (syn.time_s, answer.time_s) == (0, pytest.approx(1000 * tick_s))
    assert (answer.seq, answer.flags) == (9, "SA")
    assert pcap.flows(file)[0].last_s == pytest.approx(1000 * tick_s)


@pytest.mark.parametrize("link_type", [12, 101])
def test_raw_ip(file: Path, link_type: int) -> None:
    """A capture without a link header."""
    file.write_bytes(capture(frame("client", "S", 5, 0)[14:], link_type=link_type))
    assert pcap.read(file)[0].flags == "S"
    assert pcap.flows(file)[0].packets == 1


def test_written_and_read_again(file: Path) -> None:
    """What was written is read back the same, to the nanosecond, also what was kept in part."""
    segments = script("client > S at 0.000000001\nserver > SA at 0.5\nclient > A")
    assert pcap.read(pcap.write(file, segments))[1].time_s == pytest.approx(0.499999999, abs=1e-12)
    assert [segment.frame for segment in pcap.read(file)] == [segment.frame for segment in segments]
    assert pcap.read(pcap.write(file, [])) == []


def test_a_newer_capture(file: Path) -> None:
    """A pcapng file is read; counting a large one asks for the older kind, with the command that makes it."""
    from scapy.layers.l2 import Ether
    from scapy.utils import wrpcapng

    wrpcapng(str(file), [Ether(frame("client", "S", 5, 0)), Ether(frame("server", "SA", 9, 6))])
    assert [segment.flags for segment in pcap.read(file)] == ["S", "SA"]
    with pytest.raises(BadValue, match="tshark -F pcap"):
        pcap.flows(file)


@pytest.mark.parametrize("content", [b"", b"\xa1\xb2", b"#!/bin/sh\n" * 10, capture()[:20], b"\n\r\r\n" + b"x" * 40])
def test_what_is_no_capture(file: Path, content: bytes) -> None:
    """A file of another kind is named, with what is allowed."""
    file.write_bytes(content)
    for reader in (pcap.read, pcap.flows):
        with pytest.raises(BadValue, match="pcap"):
            reader(file)


def test_a_link_that_is_not_known(file: Path) -> None:
    """A capture of another kind of link is refused, not misread."""
    file.write_bytes(capture(link_type=127))
    for reader in (pcap.read, pcap.flows):
        with pytest.raises(BadValue, match="link type 127"):
            reader(file)


def test_an_impossible_length(file: Path) -> None:
    """A record longer than any packet means that the file is broken."""
    file.write_bytes(capture() + pack("<IIII", 0, 0, 2**30, 2**30) + bytes(100))
    for reader in (pcap.read, pcap.flows):
        with pytest.raises(UnexpectedOutput, match="packet 1 of"):
            reader(file)


@pytest.mark.parametrize("missing", [1, 54, 60])
def test_a_file_cut_in_the_middle_of_a_packet(file: Path, missing: int) -> None:
    """What is whole is read, and the rest is said."""
    file.write_bytes(capture(frame("client", "S", 5, 0), frame("server", "SA", 9, 6))[:-missing])
    for reader in (pcap.read, pcap.flows):
        with pytest.warns(UserWarning, match="ends in the middle of a packet: read the 1 before it"):
            assert len(reader(file)) == 1


def test_nothing_and_nothing_of_tcp(file: Path) -> None:
    """A capture may be empty, or hold no TCP."""
    for packets in ((), (b"\xff" * 12 + b"\x08\x06" + bytes(46),)):
        file.write_bytes(capture(*packets))
        assert pcap.read(file) == []
        assert len(pcap.flows(file)) == 0
        assert repr(pcap.flows(file)) == "no TCP packets"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Nothing half-written stays, and the system's reason is told."""
    with pytest.raises(SaveFailed, match="No such file"):
        pcap.write(tmp_path / "missing" / "x.pcap", [])
    assert list(tmp_path.iterdir()) == []


LINES = st.lists(
    st.tuples(
        st.sampled_from(["client", "server"]),
        st.sampled_from(["S", "SA", "A", "PA", "FA", "R"]),
        st.integers(0, 50),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=40, database=None)
@given(LINES)
def test_flows_against_conversations(lines: list[tuple[str, str, int, int]]) -> None:
    """Whatever crosses the wire: both ways of counting agree on who is the client, how much, and which flags."""
    packets = []
    for side, flags, length, host in lines:
        packet = bytearray(frame(side, flags, 1, 1, b"x" * length))
        packet[29 if side == "client" else 33] = host  # one of four clients
        packets.append(bytes(packet))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.pcap"
        file.write_bytes(capture(*packets))
        flows, talks = pcap.flows(file), conversations(pcap.read(file))
        first = {}
        for talk in talks:
            first.setdefault(frozenset((talk.client, talk.server)), talk)
        assert [frozenset((flow.four_tuple.local, flow.four_tuple.peer)) for flow in flows] == list(first)
        assert sum(flow.packets for flow in flows) == len(packets)
        assert sum(flow.payload_bytes for flow in flows) == sum(length for _, _, length, _ in lines)
        for flow, talk in zip(flows, first.values(), strict=True):
            alone = sum(1 for other in talks if {other.client, other.server} == {talk.client, talk.server}) == 1
            assert not alone or flow.four_tuple == talk.four_tuple


@pytest.mark.parametrize("spread", [1, 1 << 20, 1 << 47])
def test_the_order_of_flows(spread: int) -> None:
    """Packets of a flow follow each other as in the file, however far apart its addresses are."""
    chance = random.Random(0)
    low, high = (np.array([chance.randrange(7) * spread for _ in range(500)], np.uint64) for _ in range(2))
    assert _by_flow(low, high).tolist() == np.lexsort((high, low)).tolist()
