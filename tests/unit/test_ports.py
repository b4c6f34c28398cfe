"""The port map's frames and sentences, and how rows of the kernel's table become cells."""

import re
import struct
from ipaddress import ip_address

import pytest
from tcplab.errors import UnexpectedOutput
from tcplab.live.source import colours, script
from tcplab.model.ports import CODES, KINDS, Ports, Timed, packed, unpacked
from tcplab.model.state import TcpState
from tcplab.observe.port_sampler import Times
from tcplab.observe.ports import seen
from tcplab.traffic.lockstep import RECORD

ESTABLISHED = CODES[TcpState.ESTABLISHED]


def row(port: int, state: int, left_ms: int = 0, peer_port: int = 80) -> bytes:
    """One row of sock_diag, as far as a port map reads it."""
    client, server = (ip_address(one).packed.ljust(16, b"\0") for one in ("192.0.2.1", "192.0.2.2"))
    ports = struct.pack("!HH", port, peer_port)
    timer = 3 if state == TcpState.TIME_WAIT else 0
    return struct.pack("=16x BBBB 4s16s16s 12x IIIII", 2, state, timer, 0, ports, client, server, left_ms, 0, 0, 0, 0)


def at(lowest, *rows):
    """The kinds of ten ports, by their names."""
    return [KINDS[code].name for code in seen(lowest, lowest + 9, {88: b"".join(rows)}).codes]


@pytest.mark.parametrize("size", [1, 2, 9, 256, 28_232])
def test_a_frame_brings_every_port(size):
    """What is packed is unpacked, for an odd count too: half a byte each."""
    codes = bytes(at * at % len(KINDS) for at in range(size))
    head, told = unpacked(packed(Ports(32768, 32767 + size, codes), Timed(), new_us=[12.34]))
    assert told == codes
    assert sum(head["counts"]) == size
    assert (head["lowest"], head["highest"], head["new_us"]) == (32768, 32767 + size, [12.3])


def test_a_frame_is_small():
    """28,232 ports, TIME_WAITs of all ages in any order: below 10 kB."""
    mixed = bytes(1 + pow(3, at, 28_229) % 4 for at in range(28_232))
    assert len(packed(Ports(32768, 60999, mixed, 1.0), Timed((30.0,) * 128, 128))) < 9_000


@pytest.mark.parametrize(
    ("ports", "says"),
    [
        (Ports(32768, 60999, bytes(28_232)), "0 of 28,232 ports are in TIME_WAIT."),
        (Ports(40000, 40003, b"\1\4\4\0", 11.2), "3 of 4 ports are in TIME_WAIT. The next one is free in 12 s."),
        (Ports(40000, 40000, b"\4", 59.0), "1 of 1 port is in TIME_WAIT. It is free in 59 s."),
        (
            Ports(40000, 40001, b"\0\0", elsewhere={80: 25_000}),
            "0 of 2 ports are in TIME_WAIT. Outside the range, port 80 has 25,000.",
        ),
        (
            Ports(40000, 40001, b"\0\0", elsewhere={80: 25, 81: 5}),
            "0 of 2 ports are in TIME_WAIT. Outside the range, 2 ports have 30.",
        ),
    ],
)
def test_the_lead_sentence_counts(ports, says):
    """How many of how many, when the next one is free, and what lies outside the range."""
    assert ports.lead == says


def test_the_twin_says_what_the_picture_shows():
    """Lead, range, counts by state and seconds left, and the median connect()."""
    ports = Ports(40001, 40006, bytes([4, 1, 1, ESTABLISHED, 0, 0]), 3.0)
    assert ports.words(Timed((30.0, 40.0, 31.0), 3, refused="EADDRNOTAVAIL")).splitlines() == [
        "3 of 6 ports are in TIME_WAIT. The next one is free in 3 s.",
        "range       40001 to 40006, odd ports first",
        "TIME_WAIT   3, by seconds left: 60–45 s 1 · under 15 s 2",
        "ESTABLISHED 1",
        "free        2",
        "connect()   median 31 µs of the last 3; then EADDRNOTAVAIL",
    ]


def test_the_lowest_ports_parity_is_taken_first():
    """For an odd low bound the odd half is the first."""
    halves = Ports(40001, 40004, bytes([4, 0, 4, 0])).halves
    assert [(half["name"], half["free"], half["size"]) for half in halves] == [("odd", 0, 2), ("even", 2, 2)]
    assert halves[0]["says"] == "connect() takes these first: all 2 are in use"
    assert halves[1]["says"] == "then these: 2 of 2 are free"


def test_seconds_left_are_bands_of_15():
    """A band's upper end belongs to it."""
    rows = [
        row(40000 + at, 6, left) for at, left in enumerate((60_000, 45_001, 45_000, 30_001, 30_000, 15_001, 15_000, 0))
    ]
    bands = ["60–45 s", "60–45 s", "45–30 s", "45–30 s", "30–15 s", "30–15 s", "under 15 s", "under 15 s"]
    assert at(40000, *rows) == [*bands, "free", "free"]


def test_a_port_of_several_sockets_shows_the_liveliest():
    """An open connection before TIME_WAIT, in whatever order; of two TIME_WAITs the later end counts."""
    first = row(40000, 6, 50_000, 80), row(40000, 1, 0, 81), row(40001, 1, 0, 81), row(40001, 6, 50_000, 80)
    assert at(40000, *first, row(40002, 6, 5_000, 80), row(40002, 6, 40_000, 81))[:3] == [
        "ESTABLISHED",
        "ESTABLISHED",
        "45–30 s",
    ]
    both = seen(40000, 40009, {88: row(40002, 6, 5_000, 80) + row(40002, 6, 40_000, 81)})
    assert both.next_free_s == 40


def test_ports_outside_the_range_are_counted_apart():
    """A server's TIME_WAITs share its one port."""
    found = seen(40000, 40009, {88: b"".join(row(80, 6, 9_000, peer) for peer in range(100))})
    assert (set(found.codes), found.next_free_s, found.elsewhere) == ({0}, None, {80: 100})


def test_attributes_behind_a_row_are_passed_over():
    """Rows of another length stand in a table of their own."""
    assert at(40000, row(40000, 1)) == [
        KINDS[code].name for code in seen(40000, 40009, {96: row(40000, 1) + b"attribut"}).codes
    ]


def test_a_state_that_nobody_knows_is_refused():
    """Better no picture than a wrong one."""
    with pytest.raises(UnexpectedOutput, match="state 17"):
        seen(40000, 40009, {88: row(40000, 17)})


def test_half_open_connections_have_two_numbers():
    """The kernel's own number for a request socket is SYN_RECV too."""
    assert at(40000, row(40000, 3), row(40001, 12))[:2] == ["SYN_RECV", "SYN_RECV"]


def test_connects_are_remembered_as_they_were_timed():
    """Ports in use (0 ns) are no connects; a refusal is told with its name, until the next row."""
    times = Times()
    times.hear(RECORD.pack(40000, 30_000) + RECORD.pack(40002, 0) + RECORD.pack(40004, 50_000), searching=True)
    assert (times.now().took_us, times.now().count, times.now().refused) == ((30, 50), 2, None)
    assert (times.dots(), times.dots()) == ([30, 50], [])
    times.hear(RECORD.pack(0, 99) + RECORD.pack(0, 700_000), searching=False)
    assert times.now().words == "median 40 µs of the last 2, each left one port to pick; then EADDRNOTAVAIL"
    assert Timed().words.startswith("not timed yet")


def test_every_kind_has_a_colour():
    """The JavaScript builds each property's name as the style sheet writes it."""
    written = set(re.findall(r"--tl-[\w-]+", colours()))
    for kind in KINDS:
        band = (
            f"--tl-{kind.above_s + 15}-s-left" if kind.above_s is not None else f"--tl-{kind.state and kind.state.name}"
        )
        assert ("--tl-free-port" if kind.state is None else band) in written
    assert script("ports.js", "ports_strip.js", "ports_map.js").count("export default") == 1
