"""Looks in the background: when they are taken, and what becomes of one that fails."""

import threading
import time

import pytest
from tcplab.errors import BadValue, WorldDown
from tcplab.notebook.looks import Looks
from tcplab.notebook.wait import wait_until


def test_each_look_is_kept_under_its_time():
    """The earliest first, whatever order they were asked in, and none too early."""
    began_s, values = time.monotonic(), iter("abc")
    seen = Looks(lambda: (next(values), time.monotonic() - began_s), after_s=(0.2, 0, 0.1))
    wait_until(lambda: 0.2 in seen, within_s=5, what="the last look")
    assert [(at_s, value) for at_s, (value, _) in seen.items()] == [(0, "a"), (0.1, "b"), (0.2, "c")]
    assert all(taken_s >= at_s for at_s, (_, taken_s) in seen.items())
    assert repr(seen) == "3 looks so far, the last after 0.2 s"


def test_what_is_not_seen_yet_is_not_there():
    """Until its time has come, a look is missing, and the notebook goes on."""
    seen = Looks(lambda: "never", after_s=(3600,))
    assert 3600 not in seen
    assert not seen
    with pytest.raises(KeyError):
        seen[3600]


def test_a_failed_look_says_so_where_it_is_asked_for():
    """The thread prints nothing; who waits for it is told why, and what was seen before stays."""
    values = iter(["there"])

    def look() -> str:
        for value in values:
            return value
        raise WorldDown("client")

    seen = Looks(look, after_s=(0, 0.01, 0.02))
    with pytest.raises(WorldDown):
        wait_until(lambda: 0.02 in seen, within_s=5, what="the last look")
    assert seen[0] == "there"


def test_no_thread_keeps_a_notebook_from_ending():
    """The thread is a daemon, and ends with the last look."""
    before, looked_at = set(threading.enumerate()), threading.Event()
    seen = Looks(looked_at.wait, after_s=(0,))
    (thread,) = set(threading.enumerate()) - before  # it is there: its look ends below
    assert thread.daemon
    looked_at.set()
    thread.join(60)
    assert seen == {0: True}
    assert not thread.is_alive()


@pytest.mark.parametrize("after_s", [(), (-1,), (7200,), ("6",), (True,), (float("nan"),)])
def test_times_that_are_none(after_s):
    """What is no time from now is refused at once, not in the thread."""
    with pytest.raises(BadValue, match="after_s"):
        Looks(lambda: None, after_s=after_s)
