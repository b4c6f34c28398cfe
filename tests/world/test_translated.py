"""A gateway between client and server: it forwards, translates and tracks, in its own namespace only."""

from pathlib import Path

import pytest
from tcplab import TcpState, Testbed, sockets, wait_until
from tcplab.errors import BadValue
from tcplab.observe.conntrack import conntrack

MASQUERADE = """table ip nat {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "eth1" masquerade
  }
}"""


@pytest.fixture(params=["wire", "veth"])
def bed(request):
    """A translated bed of either kind, not yet translating."""
    with Testbed.translated(link=request.param) as bed:
        yield bed


def translate(bed):
    """Give the gateway its one rule."""
    bed.gateway.run(["nft", "-f", "-"], input=MASQUERADE)


def opened(bed, port=80):
    """An open connection: both ends."""
    with bed.server.listen(port) as listener:
        return bed.client.connect(bed.server, port, timeout_s=5), listener.accept()[0]


def test_nothing_outside_changes():
    """The machine forwards what it forwarded before, and tracks what it tracked; the other hosts forward nothing."""
    here = Path("/proc/sys/net/ipv4/ip_forward")
    before = here.read_text()
    with Testbed.translated() as bed:
        translate(bed)
        assert bed.gateway.sysctl("ip_forward") == "1"
        assert here.read_text() == before
        assert bed.gateway.run(["nft", "list", "ruleset"]).stdout.count("masquerade") == 1
        for host in (bed.client, bed.server):
            assert host.run(["nft", "list", "ruleset"]).stdout == ""
    assert here.read_text() == before


def test_untranslated_is_never_answered():
    """The SYN arrives as it was sent, and the server knows no way back."""
    with Testbed.translated() as bed, bed.server.listen(80):
        with pytest.raises(TimeoutError):
            bed.client.connect(bed.server, 80, timeout_s=0.2)
        (arrived,) = bed.outside.segments
        assert (arrived.flags, arrived.source.address) == ("S", bed.client.address)
        assert not conntrack(bed.gateway)


def test_translated_both_ways(bed):
    """The server sees the gateway, the client the server; the table has both names."""
    translate(bed)
    mine, theirs = opened(bed)
    theirs.sendall(b"hello")
    assert mine.recv(10) == b"hello"
    assert theirs.getpeername()[0] == "198.51.100.1"
    assert mine.getpeername() == ("198.51.100.2", 80)
    (entry,) = conntrack(bed.gateway)
    assert entry.state == "ESTABLISHED"
    assert (entry.original.local.port, entry.outside.port) == (mine.getsockname()[1], theirs.getpeername()[1])
    assert not conntrack(bed.gateway, port=81)
    mine.close(), theirs.close()


def test_both_wires_record_the_same_segments():
    """What comes in goes out, with other addresses and the same numbers."""
    with Testbed.translated() as bed:
        translate(bed)
        mine, theirs = opened(bed)
        mine.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5, what="the server's ACK")
        theirs.close()
        bed.settle()
        inside, outside = ([(s.flags, s.seq) for s in wire.segments] for wire in (bed.inside, bed.outside))
        assert inside == outside
        assert {segment.from_host for segment in bed.outside.segments} == {"gateway", "server"}


def test_settled_means_on_both_wires():
    """After each close all of it has arrived, also what the gateway had to pass on and the answer to it."""
    with Testbed.translated() as bed:
        translate(bed)
        with bed.server.listen(80) as listener:
            for _ in range(50):
                mine, theirs = bed.client.connect(bed.server, 80), listener.accept()[0]
                theirs.close()
                bed.settle()
                mine.close()
                kept = {one.state for one in sockets(bed.server)} - {TcpState.LISTEN}
                assert kept == {TcpState.TIME_WAIT}
                assert not sockets(bed.client)


def test_ipv6_stops_at_the_gateway():
    """The course translates IPv4; nothing of IPv6 is addressed."""
    with Testbed.translated() as bed:
        assert all(address.version == 4 for host in bed.hosts.values() for address in host.addresses)


def test_conntrack_of_no_port(bed):
    """A port that is none is refused before anybody is asked."""
    with pytest.raises(BadValue, match="port"):
        conntrack(bed.gateway, port=70_000)
