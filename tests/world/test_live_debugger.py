"""The debugger on a real bed: what a click does to the wire, its line of Python, and that nothing is left."""

import threading

import pytest
from clicks import do, first, next_waits, waiting
from connections import connected, fates, states
from tcplab import TcpState, Testbed, sockets, wait_until

pytestmark = pytest.mark.by_anyone


def test_connect_blocks_until_its_segments_are_delivered(bed, view):
    """A SYN waits; while connect() blocks, clicks bring the handshake about, and both ends move."""
    do(view, "pause")
    made = []
    with bed.server.listen(80):
        thread = threading.Thread(target=lambda: made.append(bed.client.connect(bed.server, 80)))
        thread.start()
        assert waiting(view) == [("A", "client", "S")]
        assert view.outlook == {str(first(view)): "SYN_RECV"}
        for flags in ("S", "SA", "A"):
            next_waits(view, flags)
            do(view, "deliver", number=first(view))
        thread.join(5)
        assert states(bed.server) == ["ESTABLISHED"]
        assert "The client is in ESTABLISHED, the server in ESTABLISHED." in view.lead
        made[0].close()


@pytest.mark.usefixtures("calm")  # a connection keeps the timers that it was opened with
def test_the_last_ack_is_lost_by_hand(bed, view):
    """The ACK of the second FIN is dropped: TIME_WAIT here, LAST_ACK there; the FIN comes again once the wire runs."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        assert waiting(view) == [("A", "client", "FA")]
        do(view, "deliver", number=first(view))
        assert waiting(view)[0][1:] == ("server", "A")
        do(view, "deliver", number=first(view))
        pair.theirs.close()
        assert waiting(view)[0][1:] == ("server", "FA")
        do(view, "deliver", number=first(view))
        assert waiting(view)[0][1:] == ("client", "A")
        do(view, "drop", number=first(view))
        assert (states(bed.client), states(bed.server)) == (["TIME_WAIT"], ["LAST_ACK"])
        assert view.lines == [
            "patience = bed.patient()",
            "held = bed.wire.hold()",
            *["held.release(0)"] * 3,
            "held.discard(0)",
        ]
    assert fates(bed)[-1] == ("A", "dropped")


@pytest.mark.usefixtures("calm")
def test_both_close_at_once_by_hand(bed, view):
    """Both FINs wait; delivered, each finds its receiver in FIN_WAIT1: CLOSING on both sides, then TIME_WAIT."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        pair.theirs.close()
        assert waiting(view, count=2) == [("A", "client", "FA"), ("B", "server", "FA")]
        assert sorted(view.outlook.values()) == ["CLOSING", "CLOSING"]
        for letter in ("A", "B"):
            do(
                view,
                "deliver",
                number=next(each["number"] for each in view.waiting if each["letter"] == letter),
            )
        assert (states(bed.client), states(bed.server)) == (["CLOSING"], ["CLOSING"])
        assert len(waiting(view, count=2)) == 2
        do(view, "deliver_all")
        assert (states(bed.client), states(bed.server)) == (["TIME_WAIT"], ["TIME_WAIT"])


@pytest.mark.usefixtures("calm")
def test_duplicate_and_delay(bed, view):
    """A byte arrives twice, the next one later: the record says so."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.sendall(b"a")
        waiting(view)
        do(view, "duplicate", number=first(view))
        assert pair.theirs.recv(1) == b"a"
        do(view, "deliver_all")
        pair.mine.sendall(b"b")
        wait_until(lambda: (view.look(), any(each["bytes"] for each in view.waiting))[1], within_s=5)
        do(view, "delay", number=next(each["number"] for each in view.waiting if each["bytes"]), after_ms="30")
        assert pair.theirs.recv(1) == b"b"
        found = [segment for segment in bed.wire.segments if segment.payload_bytes]
        assert str(found[0].fate) == "duplicated"
        assert found[1].delivered_s - found[1].time_s >= 0.03
        assert view.lines[2].endswith("copies=1)")
        assert view.lines[-1].endswith("after_ms=30)")


@pytest.mark.usefixtures("calm")
def test_the_lines_do_the_same_when_they_are_pasted(bed, view):
    """What a debugger wrote while both closed at once is run on another bed, with the same calls in between."""
    with connected(bed) as pair:
        do(view, "pause")
        pair.mine.close()
        waiting(view)
        pair.theirs.close()
        waiting(view, count=2)
        do(view, "duplicate", number=view.waiting[1]["number"])
        do(view, "deliver", number=first(view))
        do(view, "resume")
    before, between = view.lines[:2], view.lines[2:]
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


def test_running_leaves_nothing_behind(bed, view):
    """Paused, with something waiting, then let run: all arrives, no rule stays, routes are as before."""
    before = bed.client.run(["ip", "route"]).stdout
    with connected(bed) as pair:
        do(view, "pause")
        assert bed.client.run(["ip", "route"]).stdout != before
        pair.mine.close()
        waiting(view)
        do(view, "resume")
        assert wait_until(lambda: sockets(bed.server, state=TcpState.CLOSE_WAIT), within_s=5)
    assert bed.client.run(["ip", "route"]).stdout == before
    assert (view.paused, view.waiting) == (False, [])
