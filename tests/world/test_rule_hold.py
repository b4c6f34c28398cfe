"""hold: segments wait on the wire until they are let go, one or all, or thrown away."""

import pytest
from connections import begun_to_connect, connected, fates, states
from tcplab import counters
from tcplab.errors import BadValue

pytestmark = pytest.mark.by_anyone


def test_held_segments_arrive_when_released(calm):
    """A held FIN is on its way for as long as you like."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        assert [segment.flags for segment in held.waiting] == ["FA"]
        assert states(calm.server) == ["ESTABLISHED"]
        held.release()
        assert states(calm.server) == ["CLOSE_WAIT"]
        assert held.waiting == []


def test_the_nth_can_go_first(calm):
    """Segments released out of order arrive out of order, and TCP puts them in order."""
    with (
        connected(calm) as pair,
        calm.wire.hold(source=calm.client, payload_bytes=(1, 1460)) as held,
        calm.wire.drop(flags="A", source=calm.server),  # the selective ACK of c would have a and b sent again
    ):
        for letter in (b"a", b"b", b"c"):
            pair.mine.sendall(letter)
            calm.settle()
        assert [segment.payload for segment in held.waiting] == [b"a", b"b", b"c"]
        held.release(2)
        assert [segment.payload for segment in held.waiting] == [b"a", b"b"]
        pair.theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            pair.theirs.recv(3)
        held.release()
        assert pair.theirs.recv(3) == b"abc"


def test_discard_throws_away(calm):
    """A discarded segment is recorded as dropped and never arrives."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        held.discard()
        assert states(calm.server) == ["ESTABLISHED"]
    assert fates(calm)[3] == ("FA", "dropped")


def test_discard_takes_the_nth_too(calm):
    """One of three held segments is thrown away, the others arrive: the receiver has a hole."""
    with (
        connected(calm) as pair,
        calm.wire.hold(source=calm.client, payload_bytes=1) as held,
        calm.wire.drop(flags="A", source=calm.server),  # the selective ACK of c would have b sent again
    ):
        for letter in (b"a", b"b", b"c"):
            pair.mine.sendall(letter)
            calm.settle()
        held.discard(1)
        held.release()
        assert pair.theirs.recv(3) == b"a"


def test_leaving_the_block_releases(calm):
    """What still waits at the end of the block arrives."""
    with connected(calm) as pair:
        with calm.wire.hold(having="F"):
            pair.mine.close()
        assert states(calm.server) == ["CLOSE_WAIT"]


def test_a_place_where_nothing_waits_is_refused(calm):
    """Releasing the third of two says how many there are, and releases nothing."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        with pytest.raises(BadValue, match=r"place=2 .* 0 to 0"):
            held.release(2)
        assert len(held.waiting) == 1


def test_a_held_segment_can_arrive_twice(calm):
    """Released with one copy, a byte arrives twice, and is recorded as duplicated; the receiver reads it once."""
    with connected(calm) as pair, calm.wire.hold(payload_bytes=1) as held:
        pair.mine.sendall(b"a")
        before = counters(calm.server)["TcpInSegs"]
        held.release(0, copies=1)
        assert counters(calm.server)["TcpInSegs"] == before + 2
        assert held.peek() == []
        assert pair.theirs.recv(2) == b"a"
    assert ("PA", "duplicated") in fates(calm)


def test_a_held_segment_can_go_on_later(calm):
    """Released for later, it is recorded as delayed, waits in the rule no longer, and arrives in its time."""
    with connected(calm) as pair, calm.wire.hold(payload_bytes=1) as held:
        pair.mine.sendall(b"a")
        held.release(0, after_ms=1500)
        assert held.peek() == []
        late = calm.wire.peek()[-1]
        assert (late.payload, str(late.fate)) == (b"a", "delayed")
        assert pair.theirs.recv(1) == b"a"
        arrived = next(each for each in calm.wire.segments if each.payload == b"a")
        assert str(arrived.fate) == "delivered"
        assert arrived.delivered_s - arrived.time_s >= 1.5


@pytest.mark.parametrize("given", [{"copies": -1}, {"copies": 101}, {"copies": 1.0}, {"copies": "1"}])
def test_copies_are_counted(calm, given):
    """Copies are a whole number up to a hundred; nothing goes on."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        with pytest.raises(BadValue, match="copies="):
            held.release(0, **given)
        assert len(held.waiting) == 1


@pytest.mark.parametrize("given", [-1, 60_001, float("nan"), "10", None])
def test_a_delay_out_of_range_is_refused(calm, given):
    """A delay is up to a minute; nothing goes on."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        with pytest.raises(BadValue, match=r"after_ms=.*0 to 60,000"):
            held.release(0, after_ms=given)
        assert len(held.waiting) == 1


def test_what_answers_a_released_segment_is_younger(calm):
    """In the record, the released SYN arrives before the answer that it brings about comes to the wire."""
    with calm.server.listen(80), calm.wire.hold(flags="S") as held, begun_to_connect(calm):
        held.release(0)
        syn, answer, _ = calm.wire.segments
        assert syn.delivered_s < answer.time_s
