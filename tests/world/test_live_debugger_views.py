"""The debugger as its views show it: two of one wire, what is refused, other connections, worlds that went down."""

import contextlib
import errno
import gc

import pytest
from clicks import do, first, waiting
from connections import connected, fates
from tcplab import Testbed
from tcplab.errors import BadValue, WorldDown
from tcplab.live.debugger import debugger

pytestmark = pytest.mark.by_anyone


def test_the_last_view_that_closes_lets_the_wire_run(bed):
    """Two views of one wire are paused together; the first may go, with the second the pause ends."""
    here, there = debugger(bed), debugger(bed)
    do(here, "pause")
    there.look()
    assert there.paused
    assert there.lines == here.lines
    here.close()
    with bed.server.listen(81) as listener:
        there.close()
        with bed.client.connect(bed.server, 81, timeout_s=5):
            listener.accept()[0].close()
    gc.collect()
    assert "100s" not in bed.client.run(["ip", "route"]).stdout


def test_two_views_act_on_one_segment(bed, view):
    """What one has delivered waits no more for the other: a sentence, and no second copy."""
    other = debugger(bed)
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        number = first(view)
        do(other, "deliver", number=number)
        assert "one that waits" in view.answer({"do": "drop", "number": number})["refused"]
        assert fates(bed)[3] == ("FA", "delivered")
    other.close()


@pytest.mark.parametrize("given", ["4o", "", "0", "60001", "-5", "nan", "inf", None, [1]])
def test_a_delay_that_is_none_is_refused_with_one_that_is(bed, view, given):
    """A sentence, and a button that sets it right; the segment still waits."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        answer = view.answer({"do": "delay", "number": first(view), "after_ms": given})
        assert "is not a delay" in answer["refused"]
        assert len(waiting(view)) == 1
        do(view, answer["do"], **answer["with"])
        assert view.lines[-1] == "held.release(0, after_ms=500)"


@pytest.mark.parametrize(
    "asked", [{"do": "deliver", "number": 99}, {"do": "drop", "number": "a"}, {"do": "deliver_all"}]
)
def test_where_nothing_waits_a_sentence_comes(view, asked):
    """Nothing waits: refused, never a traceback."""
    assert "none does" in view.answer(asked)["refused"]


def test_a_world_that_went_down_comes_up_again(bed, view):
    """Down while paused: a sentence and a button; up again it runs, and can be paused anew."""
    with connected(bed):
        do(view, "pause")
        bed.down()
    view.look()
    assert view.trouble["button"] == "Bring it up again"
    assert not view.paused
    assert "down" in view.answer({"do": "pause"})["refused"]
    do(view, "again")
    assert view.trouble == {}
    do(view, "pause")
    assert view.paused
    assert "100s" in bed.client.run(["ip", "route"]).stdout


def test_a_bed_without_a_wire_is_refused():
    """link="veth" has no wire, a bed that is not up none yet, and no bed one of that name."""
    with Testbed.two_hosts(link="veth") as bed, pytest.raises(BadValue, match="link"):
        debugger(bed)
    with pytest.raises(WorldDown):
        debugger(Testbed.two_hosts())
    with Testbed.two_hosts() as bed, pytest.raises(BadValue, match="front"):
        debugger(bed, "front")


def test_the_twin_says_what_waits_and_the_code(bed, view, monkeypatch):
    """In a terminal: what waits, the states, the lines."""
    assert repr(view) == "The wire runs. Pause it, and every segment waits for you."
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        said = repr(view)
    assert "A  client  FIN, ACK" in said
    assert "held = bed.wire.hold()" in said
    assert "FIN_WAIT1" in said


def test_each_that_waits_has_a_letter_of_its_own(bed, view):
    """Also when there are more of them than letters: after Z comes AA."""
    do(view, "pause")
    with contextlib.ExitStack() as opened:
        for _ in range(30):
            one = opened.enter_context(bed.client.socket())
            one.setblocking(False)
            assert one.connect_ex((str(bed.server.address), 80)) == errno.EINPROGRESS
        letters = [letter for letter, *_ in waiting(view, count=30)]
    assert len(set(letters)) == 30
    assert letters[25:28] == ["Z", "AA", "AB"]


def test_another_connection_can_be_chosen(bed, view):
    """Two wait: the one that is not shown is named by its ports, its numbers relative all the same."""
    do(view, "pause")
    with contextlib.ExitStack() as opened:
        for _ in range(2):
            one = opened.enter_context(bed.client.socket())
            one.setblocking(False)
            one.connect_ex((str(bed.server.address), 80))
        waiting(view, count=2)
        assert [each["seq"] for each in view.waiting] == [0, 0]
        assert [bool(each["ports"]) for each in view.waiting] == [True, False]
        do(view, "choose", which=0)
        assert [bool(each["ports"]) for each in view.waiting] == [False, True]
        assert set(view.outlook) == {str(first(view))} or not view.outlook


def test_segments_dropped_by_hand_belong_to_their_world(bed, view):
    """Another world counts its segments anew: none of them was dropped by hand."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        do(view, "drop", number=first(view))
    bed.down()
    do(view, "again")
    do(view, "pause")
    assert view.by_hand == []
