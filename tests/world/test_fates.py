"""The record says of each segment what became of it, and when."""

import pytest
from connections import begun_to_connect, connected, fates
from tcplab import wait_until
from tcplab.model.segment import Fate

pytestmark = pytest.mark.by_anyone


def test_a_held_segment_is_held_until_it_goes(calm):
    """Held while it waits, delivered afterwards, at the time of the release."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        fin = calm.wire.segments[-1]
        assert (fin.flags, fin.fate, fin.delivered_s) == ("FA", Fate.HELD, None)
        held.release()
        fin = calm.wire.segments[fin.number - 1]
        assert fin.fate is Fate.DELIVERED
        assert fin.delivered_s > fin.time_s


def test_a_dropped_segment_is_never_delivered(calm):
    """Its time of arrival stays empty."""
    with connected(calm) as pair, calm.wire.drop(having="F"):
        pair.mine.close()
    fin = next(segment for segment in calm.wire.segments if "F" in segment.flags)
    assert (fin.fate, fin.delivered_s) == (Fate.DROPPED, None)


def test_a_delayed_segment_is_delayed_while_it_is_on_its_way(calm):
    """Over a long line the record shows what is still under way."""
    with connected(calm) as pair, calm.wire.delay(one_way_ms=3000, having="F"):
        pair.mine.close()
        fin = next(segment for segment in calm.wire.segments if "F" in segment.flags)
        assert (fin.fate, fin.delivered_s) == (Fate.DELAYED, None)


def test_repeats_of_a_held_syn_are_swallowed(calm):
    """A SYN held for more than a second is sent again by the kernel; one arrives, the copies are in the record."""
    listener = calm.server.listen(80)
    with calm.wire.hold(flags="S") as held:
        connecting = begun_to_connect(calm)
        wait_until(lambda: ("S", "swallowed") in fates(calm), within_s=10, what="the kernel sends the SYN again")
        assert len(held.waiting) == 1
        held.release()
    theirs, _ = listener.accept()
    assert [fate for flags, fate in fates(calm) if flags == "S"].count("delivered") == 1
    for each in (theirs, connecting, listener):
        each.close()


def test_fates_are_words(bed):
    """A fate compares with its word."""
    with connected(bed):
        assert bed.wire.segments[0].fate == "delivered"
