"""peek: what crossed so far, without settling; from any thread, without a word."""

import threading
import time
import warnings

import pytest
from connections import begun_to_connect, connected
from tcplab import Testbed

pytestmark = pytest.mark.by_anyone


def test_it_is_what_segments_is_once_all_has_settled(bed):
    """A connection opened and closed: both ways of looking return the same."""
    with connected(bed):
        pass
    assert repr(bed.wire.segments) == repr(bed.wire.peek())


def timed(look):
    """How long a look took, and what it saw."""
    begun = time.monotonic()
    seen = look()
    return time.monotonic() - begun, seen


def test_it_does_not_wait_for_what_is_on_its_way(bed):
    """A SYN that is delayed for a minute keeps `settle` waiting for its second, and no peek: it takes some of 20."""
    with bed.wire.delay(one_way_ms=60_000, flags="S"), begun_to_connect(bed):
        settled_s, _ = timed(bed.settle)
        peeks = [timed(bed.wire.peek) for _ in range(20)]
        assert sorted(took_s for took_s, _ in peeks)[10] < settled_s
        seen = peeks[-1][1]
        assert {str(each.fate) for each in seen} == {"delayed"}


def test_segments_can_be_read_while_others_look(bed):
    """Three threads look while connections open and close: what each has seen is whole, and only grows."""
    over, wrong = threading.Event(), []

    def look():
        before = 0
        try:
            while not over.is_set():
                seen = bed.wire.peek()
                assert len(seen) >= before
                assert [each.number for each in seen[before:]] == list(range(before + 1, len(seen) + 1))
                before = len(seen)
        except Exception as error:  # noqa: BLE001 (a thread's failure is the test's)
            wrong.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for each in threads:
        each.start()
    for _ in range(20):
        with connected(bed):
            pass
    over.set()
    for each in threads:
        each.join()
    assert not wrong


def test_what_was_seen_stays_readable_after_the_end():
    """The world goes down; the last record is still there."""
    with Testbed.two_hosts() as bed:
        wire = bed.wire
        with connected(bed):
            pass
    assert len(wire.peek()) == len(wire.segments) > 0


def test_it_warns_of_nothing(bed, monkeypatch):
    """Frames were lost: who asks for `segments` is warned, whoever peeked before."""
    channel = bed.wire._channel()
    ask = channel.ask

    def lossy(*question, **details):
        (settled, written, _, answer), opened = ask(*question, **details)
        return (settled, written, 3, answer), opened

    monkeypatch.setattr(channel, "ask", lossy)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        bed.wire.peek()
        assert not heard
        len(bed.wire.segments)
        assert len(heard) == 1
