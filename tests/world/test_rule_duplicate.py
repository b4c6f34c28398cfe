"""duplicate: the network delivers a segment twice, and TCP takes it once."""

import pytest
from connections import connected, fates
from tcplab import counters

pytestmark = pytest.mark.by_anyone


def test_a_duplicate_changes_nothing_for_the_reader(calm):
    """The bytes come once, although the segment came twice; the receiver counts it."""
    with connected(calm) as pair, calm.wire.duplicate(payload_bytes=5):
        before = counters(calm.server)
        pair.mine.sendall(b"hello")
        calm.settle()
        pair.theirs.setblocking(False)
        assert pair.theirs.recv(100) == b"hello"
        assert (counters(calm.server) - before)["TcpInSegs"] == 2
    assert ("PA", "duplicated") in fates(calm)


def test_a_duplicated_syn_opens_one_connection(bed):
    """A SYN that comes twice makes one connection."""
    with bed.wire.duplicate(flags="S", first=1), connected(bed) as pair:
        pair.listener.setblocking(False)
        assert (counters(bed.server))["TcpPassiveOpens"] == 1
