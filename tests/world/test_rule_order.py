"""Several rules: asked in the order in which they were made."""

import pytest
from connections import connected, states

pytestmark = pytest.mark.by_anyone


def test_the_first_of_drop_and_hold_decides(calm):
    """A segment that an earlier rule dropped never comes to a later hold."""
    with (
        connected(calm) as pair,
        calm.wire.drop(having="F") as lost,
        calm.wire.hold(having="F") as held,
    ):
        pair.mine.close()
        assert (lost.matched, held.matched) == (1, 0)


def test_a_released_segment_meets_the_later_rules(calm):
    """hold, then drop: what is let go is lost further on."""
    with (
        connected(calm) as pair,
        calm.wire.hold(having="F") as held,
        calm.wire.drop(having="F") as lost,
    ):
        pair.mine.close()
        assert lost.matched == 0
        held.release()
        assert lost.matched == 1
        assert states(calm.server) == ["ESTABLISHED"]


def test_a_released_segment_does_not_meet_the_earlier_rules_again(calm):
    """A drop made before the hold has had its say; the hold's release goes on from there."""
    with (
        connected(calm) as pair,
        calm.wire.drop(having="F", first=1) as lost,
        calm.wire.hold(having="F") as held,
    ):
        pair.theirs.close()
        pair.mine.close()
        assert (lost.matched, len(held.waiting)) == (1, 1)
        held.release()
        assert lost.matched == 1


def test_delays_add_up(calm):
    """Two delays of 15 ms one way make at least 30 ms."""
    with connected(calm) as pair, calm.wire.delay(one_way_ms=15), calm.wire.delay(one_way_ms=15):
        pair.mine.sendall(b"x")
        pair.theirs.recv(1)
    (data,) = (segment for segment in calm.wire.segments if segment.payload)
    assert data.delivered_s - data.time_s >= 0.030
