"""Frames are decoded as scapy decodes them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw
from tcplab.errors import UnexpectedOutput
from tcplab.model.frame import FLAG_NAMES, flag_bits, parse
from tcplab.model.segment import Segment
from unit.packets import frame

word, number = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
ETHERNET = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
OPTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("MSS"), word),
        st.tuples(st.just("WScale"), st.integers(0, 14)),
        st.just(("SAckOK", b"")),
        st.tuples(st.just("Timestamp"), st.tuples(number, number)),
        st.tuples(st.just("SAck"), st.tuples(number, number)),
        st.just(("NOP", None)),
    ),
    max_size=3,
    unique_by=lambda option: option[0],
)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    """A TCP segment over IPv4 or IPv6, with IP options or extension headers, and perhaps Ethernet's padding."""
    tcp = TCP(
        sport=draw(word),
        dport=draw(word),
        seq=draw(number),
        ack=draw(number),
        flags=draw(st.integers(0, 255)),
        window=draw(word),
        options=draw(OPTIONS),
    ) / Raw(draw(st.binary(max_size=40)))
    if draw(st.booleans()):
        options = draw(st.sampled_from([[], b"\x07\x07\x04" + bytes(5)]))
        return ETHERNET / IP(src="192.0.2.1", dst="192.0.2.2", options=options) / tcp
    ip = IPv6(src="2001:db8::1", dst="2001:db8::2")
    for extension in draw(st.lists(st.sampled_from([IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt]), max_size=2)):
        ip = ip / extension()
    return ETHERNET / ip / (IPv6ExtHdrFragment(offset=0) / tcp if draw(st.booleans()) else tcp)


@settings(max_examples=60, database=None)
@given(packets(), st.binary(max_size=6))
def test_as_scapy_decodes_it(packet: Packet, padding: bytes) -> None:
    """Ports, numbers, flags, options and payload are those that scapy finds in the same bytes."""
    data = bytes(packet)
    segment = Segment.from_frame(data + padding)
    tcp = Ether(data)[TCP]

    assert (segment.source.port, segment.destination.port) == (tcp.sport, tcp.dport)
    assert (segment.seq, segment.ack, segment.window) == (tcp.seq, tcp.ack, tcp.window)
    assert segment.flags == str(tcp.flags)
    assert segment.payload == bytes(tcp.payload)
    assert segment.payload_bytes == len(tcp.payload)

    known = dict(tcp.options)
    options = segment.options
    assert options.mss == known.get("MSS")
    assert options.window_scale == known.get("WScale")
    assert options.sack_permitted == ("SAckOK" in known)
    assert options.timestamps == known.get("Timestamp")
    assert options.sack_blocks == ((known["SAck"],) if "SAck" in known else ())
    assert not options.broken


@settings(max_examples=60, database=None)
@given(packets(), st.data())
def test_a_frame_that_was_cut(packet: Packet, data: st.DataObject) -> None:
    """A record that kept less is decoded as far as it goes: the length on the wire stays known, nothing raises."""
    whole = bytes(packet)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    headers, cut_headers = parse(whole), parse(cut)
    assert headers is not None
    if cut_headers is not None:
        assert cut_headers[:9] == headers[:9]
        assert cut_headers[10:] == headers[10:]
        segment = Segment.from_frame(cut)
        assert segment.payload_bytes == Segment.from_frame(whole).payload_bytes
        assert Segment.from_frame(whole).payload.startswith(segment.payload)
    else:
        assert len(cut) < headers[10]


@settings(database=None)
@given(st.binary(max_size=120))
def test_noise(noise: bytes) -> None:
    """Whatever comes, it is a segment or it is not; nothing else is raised."""
    for data in (noise, bytes(12) + b"\x08\x00" + noise, bytes(12) + b"\x86\xdd" + noise):
        if parse(data) is not None:
            Segment.from_frame(data)


@pytest.mark.parametrize(
    "packet",
    [
        ETHERNET / ARP(),
        ETHERNET / IP() / UDP() / Raw(bytes(60)),
        ETHERNET / IP(frag=3) / TCP() / Raw(bytes(60)),
        ETHERNET / IPv6() / UDP() / Raw(bytes(60)),
        ETHERNET / IPv6() / IPv6ExtHdrFragment(offset=3) / TCP() / Raw(bytes(60)),
        ETHERNET / IP() / TCP(dataofs=4),
        ETHERNET / IP(len=30) / TCP(),
        Raw(b""),
    ],
)
def test_what_is_no_segment(packet: Packet) -> None:
    """Other protocols, later fragments and impossible lengths are no segments."""
    assert parse(bytes(packet)) is None
    with pytest.raises(UnexpectedOutput, match="without a TCP header"):
        Segment.from_frame(bytes(packet))


def test_flags_are_written_as_scapy_writes_them() -> None:
    """All 256 combinations, and back; letters may come in any order but not twice."""
    assert [str(TCP(flags=bits).flags) for bits in range(256)] == list(FLAG_NAMES)
    assert [flag_bits(name[::-1]) for name in FLAG_NAMES] == list(range(256))
    for wrong in ("X", "SS", "s"):
        with pytest.raises(ValueError, match="no set of TCP flags"):
            flag_bits(wrong)


def test_a_length_of_zero_means_to_the_end() -> None:
    """A frame too long for IPv4's 16 bits carries the length 0: its payload ends where the frame ends."""
    data = bytearray(frame("client", "A", 1, 1, b"x" * 10))
    data[16:18] = b"\0\0"
    assert Segment.from_frame(bytes(data)).payload == b"x" * 10


@pytest.mark.parametrize(
    "options", [b"\x01\x01\x01\x02", b"\x02\x00\0\0", b"\x08\x05\0\0\0\0\0\0", b"\x03\x04\0\0", b"\x02\x40\0\0"]
)
def test_broken_options(options: bytes) -> None:
    """An option that ends too early or has a wrong length is said to be broken; the segment stays readable."""
    segment = Segment.from_frame(frame("client", "S", 1, 0, options=options))
    assert segment.options.broken
    assert (segment.options.mss, segment.options.others) == (None, ())
    assert segment.flags == "S"


def test_an_option_that_is_not_known_is_kept() -> None:
    """Kinds without a name here are kept as they are, and reading goes on behind them."""
    options = Segment.from_frame(frame("client", "S", 1, 0, options=b"\x22\x02\x02\x04\x05\xb4\0\0")).options
    assert (options.others, options.mss) == (((0x22, b""),), 1460)
    assert str(options) == "MSS 1460, option 34 (0 bytes)"
