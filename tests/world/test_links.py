"""The links of a bed: a wire or a plain veth, two hosts or three, any mtu, no chatter, no offloads."""

import os

import pytest
from connections import connected, fates, states
from tcplab import Testbed, capture
from tcplab.errors import BadValue
from tcplab.observe import pcap

BEDS = {
    "wire": Testbed.two_hosts,
    "wire, mtu 9000": lambda: Testbed.two_hosts(mtu=9000),
    "veth": lambda: Testbed.two_hosts(link="veth"),
    "veth, mtu 9000": lambda: Testbed.two_hosts(link="veth", mtu=9000),
}


@pytest.mark.parametrize("kind", BEDS)
def test_a_megabyte_crosses(kind):
    """Same bytes over every link, over IPv4 and IPv6."""
    data = os.urandom(100_000)
    with BEDS[kind]() as bed:
        for address in (None, str(bed.server.address6)):
            with connected(bed, address=address) as pair:
                received = b""
                for _ in range(5):
                    pair.mine.sendall(data)
                    while len(received) < len(data):
                        received += pair.theirs.recv(1 << 20)
                    assert received == data
                    received = b""


@pytest.mark.parametrize(("mtu", "mss"), [(1500, 1460), (9000, 8960), (1280, 1240)])
def test_the_mtu_decides_the_mss(mtu, mss):
    """The SYN offers what fits, and no segment on the wire is longer: offloads are off."""
    with Testbed.two_hosts(mtu=mtu) as bed, connected(bed) as pair:
        pair.mine.sendall(b"x" * 50_000)
        left = 50_000
        while left:
            left -= len(pair.theirs.recv(left))
        assert bed.wire.segments[0].options.mss == mss
        largest = max(segment.payload_bytes for segment in bed.wire.segments)
        assert mss - 40 <= largest <= mss


def test_captures_on_a_veth_show_real_segments(tmp_path):
    """On a veth, too, tcpdump sees what would be on a cable: no segment longer than the mtu."""
    with (
        Testbed.two_hosts(link="veth") as bed,
        connected(bed) as pair,
        capture(bed.server, "tcp", tmp_path / "veth.pcap"),
    ):
        pair.mine.sendall(b"x" * 50_000)
        left = 50_000
        while left:
            left -= len(pair.theirs.recv(left))
    segments = pcap.read(tmp_path / "veth.pcap")
    assert 0 < max(segment.payload_bytes for segment in segments) <= 1460


def test_a_quiet_world(bed, tmp_path):
    """No ARP, no neighbour discovery, no multicast: what is on the line is what you did."""
    with capture(bed.client, "", tmp_path / "all.pcap"), connected(bed):
        pass
    bed.client.run(["sleep", "0.5"])
    assert bed.client.run(["tcpdump", "-nr", tmp_path / "all.pcap", "not tcp"]).stdout == ""


def test_a_veth_has_no_wire():
    """A rule for a veth is refused, with the way to a bed that takes rules."""
    with Testbed.two_hosts(link="veth") as bed, pytest.raises(BadValue, match=r'link="wire"'):
        bed.wire.drop(flags="S")


@pytest.mark.parametrize("link", ["veth", "wire"])
def test_three_hosts(link):
    """The proxy reaches both, and the client reaches the backend by no way but the proxy."""
    with Testbed.proxied(link=link) as bed:
        for one, other in ((bed.client, bed.proxy), (bed.proxy, bed.backend)):
            listener = other.listen(80)
            mine = one.connect(other, 80)
            theirs, address = listener.accept()
            assert address[0] in {str(each) for each in one.addresses}
            for each in (mine, theirs, listener):
                each.close()
        assert str(bed.backend.address) == "198.51.100.2"
        with bed.backend.listen(81), pytest.raises(OSError, match=r"unreachable|timed out"):
            bed.client.connect(bed.backend, 81, timeout_s=0.3)


def test_two_wires_have_rules_and_records_of_their_own():
    """What is dropped on the front passes on the back."""
    with Testbed.proxied(link="wire") as bed, bed.front.drop(flags="S"):
        listener = bed.backend.listen(80)
        mine = bed.proxy.connect(bed.backend, 80)
        theirs, _ = listener.accept()
        assert [segment.flags for segment in bed.back.segments][:3] == ["S", "SA", "A"]
        assert len(bed.front.segments) == 0
        assert {(s.from_host, s.to_host) for s in bed.back.segments} == {("proxy", "backend"), ("backend", "proxy")}
        for each in (mine, theirs, listener):
            each.close()


def test_rules_of_a_wire_know_its_hosts():
    """The backend is not on the front wire."""
    with Testbed.proxied(link="wire") as bed:
        with pytest.raises(BadValue, match=r"bed\.proxy"):
            bed.front.drop(source=bed.backend)
        with bed.back.drop(source=bed.backend):
            pass


def test_a_device_set_down_loses_segments_and_the_wire_works_on(calm):
    """A learner pulls the server's cable: what the client says is lost, and the wire settles and answers."""
    with connected(calm) as pair:
        calm.server.run(["ip", "link", "set", "eth0", "down"])
        pair.mine.close()
        calm.wire.settle()
        assert states(calm.client) == ["FIN_WAIT1"]
        assert fates(calm)[3] in (("FA", "dropped"), ("FA", "delivered"))
