"""delay: a distance between the hosts, in milliseconds."""

import time

import pytest
from connections import connected, fates

pytestmark = pytest.mark.by_anyone


def round_trip_s(pair):
    """The time of one byte there and back."""
    begun = time.monotonic()
    pair.mine.sendall(b"?")
    pair.theirs.recv(1)
    pair.theirs.sendall(b"!")
    pair.mine.recv(1)
    return time.monotonic() - begun


def test_a_round_trip_takes_at_least_its_time(bed):
    """rtt_ms is a lower bound that the kernel and we add to."""
    with connected(bed) as pair, bed.wire.delay(rtt_ms=40):
        assert round_trip_s(pair) >= 0.040


def test_one_way_is_each_direction_that_matches(calm):
    """one_way_ms with a source delays that direction only."""
    with connected(calm) as pair, calm.wire.delay(one_way_ms=30, source=calm.client, payload_bytes=1):
        assert round_trip_s(pair) >= 0.030
    sent, answered = (segment for segment in calm.wire.segments if segment.payload)
    assert sent.delivered_s - sent.time_s >= 0.030
    assert answered.delivered_s == answered.time_s


def test_delayed_segments_keep_their_order(bed):
    """Two hundred bytes one by one over 20 ms arrive in the order sent."""
    with connected(bed) as pair, bed.wire.delay(rtt_ms=20):
        data = bytes(range(200))
        for number in data:
            pair.mine.sendall(bytes([number]))
        received = b""
        while len(received) < len(data):
            received += pair.theirs.recv(200)
        assert received == data
    assert {fate for _, fate in fates(bed)} == {"delivered"}


def test_settle_waits_for_what_is_delayed(bed):
    """What is on its way over 50 ms has arrived when settle() returns."""
    with connected(bed) as pair, bed.wire.delay(one_way_ms=50):
        pair.mine.sendall(b"x")
        bed.wire.settle()
        pair.theirs.setblocking(False)
        assert pair.theirs.recv(1) == b"x"
