"""The debugger on a real bed: what a click does to the wire, its line of Python, and that nothing is left."""

import contextlib
import errno
import gc
import threading
from collections.abc import Iterator

import pytest
from connections import connected, fates, states
from tcplab import TcpState, Testbed, sockets, wait_until
from tcplab.errors import BadValue, WorldDown
from tcplab.live.debugger import Debugger, debugger


@pytest.fixture
def shown(bed: Testbed) -> Iterator[Debugger]:
    """A debugger of a bed; nobody watches it, so it looks when it is asked."""
    view = debugger(bed)
    yield view
    view.close()


def do(shown, what, **details):
    """Click: what it answers; it must not refuse."""
    answer = shown.answer({"do": what, **details})
    assert "refused" not in answer, answer["refused"]


def waiting(shown, bed, *, count=1):
    """What waits, from when so many do."""

    def enough():
        shown.look()
        return len(shown.waiting) >= count

    wait_until(enough, within_s=5)
    return [(each["letter"], each["from"], each["flags"]) for each in shown.waiting]


def next_waits(shown, flags):
    """Wait until one segment waits, of these flags."""
    wait_until(lambda: (shown.look(), [each["flags"] for each in shown.waiting])[1] == [flags], within_s=5)


def first(shown):
    """The number of the one that waits longest."""
    return shown.waiting[0]["number"]


def test_connect_blocks_until_its_segments_are_delivered(bed, shown):
    """A SYN waits; while connect() blocks, clicks bring the handshake about, and both ends move."""
    do(shown, "pause")
    made = []
    with bed.server.listen(80):
        thread = threading.Thread(target=lambda: made.append(bed.client.connect(bed.server, 80)))
        thread.start()
        assert waiting(shown, bed) == [("A", "client", "S")]
        assert shown.outlook == {str(first(shown)): "SYN_RECV"}
        for flags in ("S", "SA", "A"):
            next_waits(shown, flags)
            do(shown, "deliver", number=first(shown))
        thread.join(5)
        assert states(bed.server) == ["ESTABLISHED"]
        assert "The client is in ESTABLISHED, the server in ESTABLISHED." in shown.lead
        made[0].close()


@pytest.mark.usefixtures("calm")  # a connection keeps the timers that it was opened with
def test_the_last_ack_is_lost_by_hand(bed, shown):
    """The ACK of the second FIN is dropped: TIME_WAIT here, LAST_ACK there; the FIN comes again once the wire runs."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        assert waiting(shown, bed) == [("A", "client", "FA")]
        do(shown, "deliver", number=first(shown))
        assert waiting(shown, bed)[0][1:] == ("server", "A")
        do(shown, "deliver", number=first(shown))
        pair.theirs.close()
        assert waiting(shown, bed)[0][1:] == ("server", "FA")
        do(shown, "deliver", number=first(shown))
        assert waiting(shown, bed)[0][1:] == ("client", "A")
        do(shown, "drop", number=first(shown))
        assert (states(bed.client), states(bed.server)) == (["TIME_WAIT"], ["LAST_ACK"])
        assert shown.lines == [
            "patience = bed.patient()",
            "held = bed.wire.hold()",
            *["held.release(0)"] * 3,
            "held.discard(0)",
        ]
    assert fates(bed)[-1] == ("A", "dropped")


@pytest.mark.usefixtures("calm")
def test_both_close_at_once_by_hand(bed, shown):
    """Both FINs wait; delivered, each finds its receiver in FIN_WAIT1: CLOSING on both sides, then TIME_WAIT."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        pair.theirs.close()
        assert waiting(shown, bed, count=2) == [("A", "client", "FA"), ("B", "server", "FA")]
        assert sorted(shown.outlook.values()) == ["CLOSING", "CLOSING"]
        for letter in ("A", "B"):
            do(shown, "deliver", number=next(each["number"] for each in shown.waiting if each["letter"] == letter))
        assert (states(bed.client), states(bed.server)) == (["CLOSING"], ["CLOSING"])
        assert len(waiting(shown, bed, count=2)) == 2
        do(shown, "deliver_all")
        assert (states(bed.client), states(bed.server)) == (["TIME_WAIT"], ["TIME_WAIT"])


@pytest.mark.usefixtures("calm")
def test_duplicate_and_delay(bed, shown):
    """A byte arrives twice, the next one later: the record says so."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.sendall(b"a")
        waiting(shown, bed)
        do(shown, "duplicate", number=first(shown))
        assert pair.theirs.recv(1) == b"a"
        do(shown, "deliver_all")
        pair.mine.sendall(b"b")
        wait_until(lambda: (shown.look(), any(each["bytes"] for each in shown.waiting))[1], within_s=5)
        do(shown, "delay", number=next(each["number"] for each in shown.waiting if each["bytes"]), after_ms="30")
        assert pair.theirs.recv(1) == b"b"
        found = [segment for segment in bed.wire.segments if segment.payload_bytes]
        assert str(found[0].fate) == "duplicated"
        assert found[1].delivered_s - found[1].time_s >= 0.03
        assert shown.lines[2].endswith("copies=1)")
        assert shown.lines[-1].endswith("after_ms=30)")


@pytest.mark.usefixtures("calm")
def test_the_lines_do_the_same_when_they_are_pasted(bed, shown):
    """What a debugger wrote while both closed at once is run on another bed, with the same calls in between."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        pair.theirs.close()
        waiting(shown, bed, count=2)
        do(shown, "duplicate", number=shown.waiting[1]["number"])
        do(shown, "deliver", number=first(shown))
        do(shown, "resume")
    before, between = shown.lines[:2], shown.lines[2:]
    with Testbed.two_hosts() as other:
        names = {"bed": other}
        exec(before[0], names)
        pair = connected(other)
        exec(before[1], names)
        pair.mine.close()
        other.settle()
        pair.theirs.close()
        other.settle()
        for line in between[:2]:
            exec(line, names)
        assert (states(other.client), states(other.server)) == (["CLOSING"], ["CLOSING"])
        exec("\n".join(between[2:]), names)
        assert states(other.client) == ["TIME_WAIT"]
        assert "100s" not in other.client.run(["ip", "route"]).stdout
        pair.listener.close()


def test_running_leaves_nothing_behind(bed, shown):
    """Paused, with something waiting, then let run: all arrives, no rule stays, routes are as before."""
    before = bed.client.run(["ip", "route"]).stdout
    with connected(bed) as pair:
        do(shown, "pause")
        assert bed.client.run(["ip", "route"]).stdout != before
        pair.mine.close()
        waiting(shown, bed)
        do(shown, "resume")
        assert wait_until(lambda: sockets(bed.server, state=TcpState.CLOSE_WAIT), within_s=5)
    assert bed.client.run(["ip", "route"]).stdout == before
    assert (shown.paused, shown.waiting) == (False, [])


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


def test_two_views_act_on_one_segment(bed, shown):
    """What one has delivered waits no more for the other: a sentence, and no second copy."""
    other = debugger(bed)
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        number = first(shown)
        do(other, "deliver", number=number)
        assert "one that waits" in shown.answer({"do": "drop", "number": number})["refused"]
        assert fates(bed)[3] == ("FA", "delivered")
    other.close()


@pytest.mark.parametrize("given", ["4o", "", "0", "60001", "-5", "nan", "inf", None, [1]])
def test_a_delay_that_is_none_is_refused_with_one_that_is(bed, shown, given):
    """A sentence, and a button that sets it right; the segment still waits."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        answer = shown.answer({"do": "delay", "number": first(shown), "after_ms": given})
        assert "is not a delay" in answer["refused"]
        assert len(waiting(shown, bed)) == 1
        do(shown, answer["do"], **answer["with"])
        assert shown.lines[-1] == "held.release(0, after_ms=500)"


@pytest.mark.parametrize(
    "asked", [{"do": "deliver", "number": 99}, {"do": "drop", "number": "a"}, {"do": "deliver_all"}]
)
def test_where_nothing_waits_a_sentence_comes(shown, asked):
    """Nothing waits: refused, never a traceback."""
    assert "none does" in shown.answer(asked)["refused"]


def test_a_world_that_went_down_comes_up_again(bed, shown):
    """Down while paused: a sentence and a button; up again it runs, and can be paused anew."""
    with connected(bed):
        do(shown, "pause")
        bed.down()
    shown.look()
    assert shown.trouble["button"] == "Bring it up again"
    assert not shown.paused
    assert "down" in shown.answer({"do": "pause"})["refused"]
    do(shown, "again")
    assert shown.trouble == {}
    do(shown, "pause")
    assert shown.paused
    assert "100s" in bed.client.run(["ip", "route"]).stdout


def test_a_bed_without_a_wire_is_refused():
    """link="veth" has no wire, a bed that is not up none yet, and no bed one of that name."""
    with Testbed.two_hosts(link="veth") as bed, pytest.raises(BadValue, match="link"):
        debugger(bed)
    with pytest.raises(WorldDown):
        debugger(Testbed.two_hosts())
    with Testbed.two_hosts() as bed, pytest.raises(BadValue, match="front"):
        debugger(bed, "front")


def test_the_twin_says_what_waits_and_the_code(bed, shown, monkeypatch):
    """In a terminal: what waits, the states, the lines."""
    assert repr(shown) == "The wire runs. Pause it, and every segment waits for you."
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        said = repr(shown)
    assert "A  client  FIN, ACK" in said
    assert "held = bed.wire.hold()" in said
    assert "FIN_WAIT1" in said


def test_each_that_waits_has_a_letter_of_its_own(bed, shown):
    """Also when there are more of them than letters: after Z comes AA."""
    do(shown, "pause")
    with contextlib.ExitStack() as opened:
        for _ in range(30):
            one = opened.enter_context(bed.client.socket())
            one.setblocking(False)
            assert one.connect_ex((str(bed.server.address), 80)) == errno.EINPROGRESS
        letters = [letter for letter, *_ in waiting(shown, bed, count=30)]
    assert len(set(letters)) == 30
    assert letters[25:28] == ["Z", "AA", "AB"]


def test_another_connection_can_be_chosen(bed, shown):
    """Two wait: the one that is not shown is named by its ports, its numbers relative all the same."""
    do(shown, "pause")
    with contextlib.ExitStack() as opened:
        for _ in range(2):
            one = opened.enter_context(bed.client.socket())
            one.setblocking(False)
            one.connect_ex((str(bed.server.address), 80))
        waiting(shown, bed, count=2)
        assert [each["seq"] for each in shown.waiting] == [0, 0]
        assert [bool(each["ports"]) for each in shown.waiting] == [True, False]
        do(shown, "choose", which=0)
        assert [bool(each["ports"]) for each in shown.waiting] == [False, True]
        assert set(shown.outlook) == {str(first(shown))} or not shown.outlook


def test_segments_dropped_by_hand_belong_to_their_world(bed, shown):
    """Another world counts its segments anew: none of them was dropped by hand."""
    with connected(bed) as pair:
        do(shown, "pause")
        pair.mine.close()
        waiting(shown, bed)
        do(shown, "drop", number=first(shown))
    bed.down()
    do(shown, "again")
    do(shown, "pause")
    assert shown.by_hand == []
