"""What the kernel says of the connections that it tracks, read from a recording; and what is refused."""

import os
import struct
from ipaddress import IPv4Address

import pytest
from exercises import RECORDED
from tcplab import show
from tcplab.errors import NotPermitted, UnexpectedOutput
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.tracked import Tracked
from tcplab.observe.conntrack import ConntrackTable, parsed

SAID = (RECORDED / "conntrack.bin").read_bytes()
CLIENT, GATEWAY, SERVER = (IPv4Address(each) for each in ("192.0.2.1", "198.51.100.1", "198.51.100.2"))


def entry(state: str, port: int, *, inside: int = 50000, outside: int = 50000) -> Tracked:
    """An entry of a connection to a port, seven seconds before it is forgotten."""
    original = FourTuple(Endpoint(CLIENT, inside), Endpoint(SERVER, port))
    return Tracked(state, original, FourTuple(Endpoint(SERVER, port), Endpoint(GATEWAY, outside)), 7)


def test_a_table_is_read():
    """Three connections, each with both its names; the datagram beside them is left out."""
    table = ConntrackTable(parsed(SAID))
    assert [(one.state, one.original.peer.port, one.seen_reply, one.assured) for one in table] == [
        ("ESTABLISHED", 80, True, True),
        ("TIME_WAIT", 80, True, True),
        ("SYN_SENT", 81, False, False),
    ]
    for one in table:
        assert one.original.local.address == CLIENT
        assert one.outside == Endpoint(GATEWAY, one.original.local.port)  # masquerade keeps a port that is free
    assert 431_000 < table[0].timeout_s <= 432_000
    assert 110 < table[1].timeout_s <= 120


def test_an_entry_in_one_line():
    """Who asks, as whom, whom; what the middle believes; and when it forgets."""
    assert repr(entry("TIME_WAIT", 80)) == ("192.0.2.1:50000 as 198.51.100.1:50000 → 198.51.100.2:80 TIME_WAIT 7 s")
    plain = FourTuple(Endpoint(CLIENT, 50000), Endpoint(SERVER, 80))
    untranslated = Tracked("SYN_SENT", plain, plain.reversed(), 7, seen_reply=False)
    assert repr(untranslated) == "192.0.2.1:50000 → 198.51.100.2:80 SYN_SENT 7 s [UNREPLIED]"


def test_tables_are_in_order_and_shown(capsys):
    """By port; an empty one says so; sockets and entries stand under one another."""
    table = ConntrackTable([entry("CLOSE", 81), entry("ESTABLISHED", 80)], host="gateway")
    assert [one.original.peer.port for one in table] == [80, 81]
    assert repr(ConntrackTable([])) == "no entries"
    assert repr(table[:1]) == repr(table[0])
    show(table, ConntrackTable([], host="gateway"), [])
    assert capsys.readouterr().out.splitlines() == [
        "gateway  192.0.2.1:50000 as 198.51.100.1:50000 → 198.51.100.2:80  ESTABLISHED 7 s",
        "         192.0.2.1:50000 as 198.51.100.1:50000 → 198.51.100.2:81  CLOSE 7 s",
        "gateway  no entries",
        "         no sockets",
    ]


@pytest.mark.parametrize(
    "said",
    [
        SAID[:10],
        SAID[:-3],
        b"\4\0\0\0" + SAID[4:],
        SAID[:4] + b"\x05\x01" + SAID[6:],  # a message that no dump has
        SAID[:20] + b"\xff\xff" + SAID[22:],  # an attribute longer than its message
        SAID[:22] + b"\x63\x80" + SAID[24:],  # an entry without its first tuple
    ],
)
def test_what_is_not_known_is_refused(said):
    """A parser that meets what it does not know raises, and shows it."""
    with pytest.raises(UnexpectedOutput, match="ctnetlink"):
        parsed(said)


def test_an_unknown_state_is_refused():
    """State 10 exists in no kernel yet."""
    at = SAID.index(b"\x05\x00\x01\x00\x03")  # CTA_PROTOINFO_TCP_STATE, ESTABLISHED
    with pytest.raises(UnexpectedOutput, match="an entry"):
        parsed(SAID[: at + 4] + b"\x0a" + SAID[at + 5 :])


@pytest.mark.parametrize("error", [1, 95])
def test_a_kernel_that_does_not_tell(error):
    """EPERM and EOPNOTSUPP say: not here, with the command that may mend it."""
    with pytest.raises(NotPermitted, match=f"{os.strerror(error)}.*sudo modprobe nf_conntrack_netlink"):
        parsed(struct.pack("=IHHIIi", 20, 2, 0, 1, 0, -error))
