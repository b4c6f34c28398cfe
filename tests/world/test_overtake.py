"""An old segment in a new connection: how overtake() makes it fit, and what the server then reads."""

import pytest
from tcplab import Testbed, counters, sockets, sysctls
from tcplab.errors import BadValue, NotReady
from tcplab.model.conversation import conversations
from tcplab.traffic import overtake as module
from tcplab.traffic.overtake import cut, exchange, overtake

pytestmark = pytest.mark.by_anyone

OLD, NEW = b"old line".ljust(32), b"new line".ljust(32)
LONG_S = 80  # of a machine that is busy with other things, too, a quiet moment is enough


@pytest.fixture
def jumbo():
    """Client and server with 9,000-byte packets, one port for the client, and no timestamps."""
    one_port = {"ip_local_port_range": (40000, 40000), "tcp_timestamps": 0}
    with Testbed.two_hosts(mtu=9000) as bed, sysctls(bed.client, **one_port):
        yield bed


def test_an_old_line_is_read_for_a_new_one(jumbo):
    """The second connection begins among the numbers of the first; a copy that fits is read, its rightful bytes not."""
    mine, theirs, copies = overtake(jumbo.wire, 80, OLD, within_s=LONG_S)
    with mine, theirs:
        old, new = conversations(jumbo.wire.segments)[-2:]
        assert old.four_tuple == new.four_tuple
        assert "R" in old[-1].segment.flags
        late = [new.seen(copy) for copy in copies.waiting]
        place, turn = next((at, one) for at, one in enumerate(late) if min(one.seq, one.ack) > 128)
        assert late[0].seq < 0
        exchange(mine, theirs, there=turn.seq - 1, back=turn.ack - 1)
        before = counters(jumbo.server)
        copies.release(place)
        assert theirs.recv(100) == OLD
        mine.sendall(NEW)
        assert (counters(jumbo.server) - before)["TcpExtTCPDSACKOldSent"] == 1
        assert not sockets(jumbo.client, port=80)[0].send_queue_bytes


def test_it_may_be_run_again(jumbo):
    """What an earlier call has returned no longer stands in the way, open or cut."""
    overtake(jumbo.wire, 80, OLD, within_s=LONG_S)
    cut(*overtake(jumbo.wire, 80, OLD, within_s=LONG_S)[:2])
    cut(*overtake(jumbo.wire, 80, OLD, within_s=LONG_S)[:2])


def test_nobody_remembers_what_is_cut(jumbo):
    """A RST, and no socket in any state on either side."""
    with jumbo.server.listen(80) as listener:
        pair = jumbo.client.connect(jumbo.server, 80), listener.accept()[0]
    cut(*pair)
    assert not sockets(jumbo.client)
    assert not sockets(jumbo.server)


def test_a_wire_that_is_too_slow_is_told(jumbo, monkeypatch):
    """With its figure and the clock's, within the time allowed; no rule stays behind."""
    monkeypatch.setattr(module, "_BEHIND_BYTES", -1)  # behind from the start
    with pytest.raises(NotReady, match=r"faster than 15\.6 MB/s .*not within 0\.2 s"):
        overtake(jumbo.wire, 80, OLD, within_s=0.2)
    assert not sockets(jumbo.client)


def test_another_port_is_refused():
    """Without one port for the client the two connections have different four-tuples: nothing could fit."""
    with Testbed.two_hosts(mtu=9000) as bed, pytest.raises(BadValue, match="ip_local_port_range"):
        overtake(bed.wire, 80, OLD, within_s=LONG_S)
