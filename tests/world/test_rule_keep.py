"""keep: segments go on and arrive; the copies that the wire keeps of them arrive when they are let go, or never."""

import pytest
from connections import connected, fates
from tcplab import counters

pytestmark = pytest.mark.by_anyone


def test_a_copy_arrives_when_released(calm):
    """The segment itself is not touched; its copy comes later, as a segment of its own in the record."""
    with connected(calm) as pair, calm.wire.keep(payload_bytes=5) as copies:
        pair.mine.sendall(b"hello")
        calm.settle()
        assert pair.theirs.recv(100) == b"hello"
        assert [segment.payload for segment in copies.waiting] == [b"hello"]
        assert fates(calm).count(("PA", "delivered")) == 1
        before = counters(calm.server)
        copies.release()
        assert (counters(calm.server) - before)["TcpInSegs"] == 1
        assert copies.waiting == []
        assert fates(calm).count(("PA", "delivered")) == 2
        first, copy = (segment for segment in calm.wire.segments if segment.payload)
        assert copy.frame == first.frame
        assert copy.number > first.number
        assert copy.time_s > first.time_s


def test_copies_are_released_by_place(calm):
    """Any of them, in any order; the others still wait."""
    with connected(calm) as pair, calm.wire.keep(source=calm.client, payload_bytes=1) as copies:
        for letter in (b"a", b"b", b"c"):
            pair.mine.sendall(letter)
            calm.settle()
        copies.release(1)
        assert calm.wire.segments[-2].payload == b"b"  # and behind it the server's answer
        assert [segment.payload for segment in copies.waiting] == [b"a", b"c"]


def test_what_still_waits_is_gone_at_the_end(calm):
    """Copies do not flood the network when the rule ends; nothing of them is in the record."""
    with connected(calm) as pair:
        with calm.wire.keep(payload_bytes=5) as copies:
            pair.mine.sendall(b"hello")
            calm.settle()
        calm.settle()
        assert copies.waiting == []
        assert [segment.payload for segment in calm.wire.segments if segment.payload] == [b"hello"]


def test_discarded_copies_leave_no_trace(calm):
    """The original keeps its fate."""
    with connected(calm) as pair, calm.wire.keep(payload_bytes=5) as copies:
        pair.mine.sendall(b"hello")
        calm.settle()
        copies.discard()
        assert copies.waiting == []
        assert ("PA", "delivered") in fates(calm)


def test_a_kept_segment_is_no_held_one(calm):
    """A patient bed swallows repeats of what is held; what has arrived may be repeated."""
    with connected(calm) as pair, calm.wire.keep(payload_bytes=5), calm.wire.duplicate(payload_bytes=5):
        pair.mine.sendall(b"hello")
        calm.settle()
        assert ("PA", "duplicated") in fates(calm)
