"""After down(): each use says that the world is down and how to have another; nothing is left."""

import contextlib
import os
import signal
import warnings
from pathlib import Path

import pytest
from connections import connected
from owners import all_gone, parts_of
from tcplab import Testbed, counters, sockets, sysctls, wait_until
from tcplab.errors import WorldDown


@pytest.fixture
def gone():
    """A bed that was up."""
    with Testbed.two_hosts() as bed:
        pass
    return bed


USES = {
    "a socket": lambda bed: bed.client.socket(),
    "a listener": lambda bed: bed.server.listen(80),
    "a connection": lambda bed: bed.client.connect("192.0.2.2", 80),
    "a program": lambda bed: bed.client.run(["true"]),
    "a function": lambda bed: bed.client.python(lambda: 1),
    "a file": lambda bed: bed.client.read("/proc/net/snmp"),
    "a sysctl": lambda bed: bed.client.sysctl("tcp_tw_reuse"),
    "sysctls": lambda bed: sysctls(bed.client, tcp_tw_reuse=1).__enter__(),
    "the socket table": lambda bed: sockets(bed.client),
    "the counters": lambda bed: counters(bed.client),
    "a rule": lambda bed: bed.wire.drop(flags="S"),
    "settling": lambda bed: bed.wire.settle(),
    "patience": lambda bed: bed.patient(),
}


@pytest.mark.parametrize("use", USES)
def test_a_use_of_it_says_so(gone, use):
    """WorldDown, with the line that brings one up."""
    with pytest.raises(WorldDown, match=r"bed = Testbed\.two_hosts\(\)\.up\(\)"):
        USES[use](gone)


def test_a_world_whose_part_has_died_is_not_up():
    """Whoever brings it up then has another one, though unshare(1), which is told of the end, has not ended yet."""
    with Testbed.two_hosts() as bed:
        before = bed._world._process
        os.kill(before.pid, signal.SIGSTOP)
        try:
            with contextlib.suppress(WorldDown):
                bed.client.run(["sh", "-c", "kill -9 2"], expect=None)
            wait_until(lambda: not bed.is_up, within_s=5, what="the end of its parts")
        finally:
            os.kill(before.pid, signal.SIGCONT)


@pytest.mark.parametrize("part", ["client", "wire"])
def test_a_use_before_up_says_so(part):
    """A bed that is only described has no parts yet."""
    with pytest.raises(WorldDown, match=r"not up.* bed = Testbed\.two_hosts\(\)\.up\(\)"):
        getattr(Testbed.two_hosts(), part)


def test_down_twice_is_once(gone):
    """The second does nothing."""
    gone.down()
    assert not gone.is_up
    assert "down" in repr(gone)


def test_it_can_come_up_again(gone):
    """The same bed, a new world: nothing of the old one is in it."""
    with gone:
        assert len(gone.wire.segments) == 0
        with connected(gone):
            assert len(sockets(gone.client)) == 1


def test_rules_outlive_it_quietly():
    """A block that ends after its bed, and a rule that is printed then, raise nothing."""
    with Testbed.two_hosts() as bed, bed.wire.hold(having="F") as held, sysctls(bed.client, tcp_fin_timeout=5):
        bed.down()
        assert "down" in repr(held)


def test_a_program_that_runs_ends_with_it():
    """down() takes along what was started, and its exit code is that of a kill."""
    with Testbed.two_hosts() as bed:
        program = bed.client.start(["sleep", "1000"])
    assert program.wait(5) == -9


def test_nothing_is_left():
    """No process of it, and no descriptor in its owner."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Testbed.two_hosts() as bed:
        parts = parts_of(os.getpid())
        assert len(parts) >= 4
        with connected(bed):
            bed.client.run(["true"])
    assert all_gone(parts)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_wire_lets_go_of_all_its_sockets(bed):
    """None of them is left in its host's list, and its memory is closed; on the devices nothing else has changed."""

    def let_go():
        from pathlib import Path

        from tcplab import wait_until
        from tcplab.wire import ring

        def listed():
            return len(Path("/proc/self/net/packet").read_text().splitlines()) - 1

        one = ring.Ring(1500)
        one.open()
        ends = [ring.End("lo"), ring.End("eth0")]
        before = listed()
        ring.let_go(one, ends)
        wait_until(lambda: listed() == 0, within_s=5, what="the sockets are gone")
        return before, one.memory.closed, Path("/sys/class/net/eth0/operstate").read_text().strip()

    assert bed.client.python(let_go) == (3, True, "up")


def test_a_wire_that_stands_still_does_not_keep_the_world(bed):
    """It is asked to let go, waited for a second, and killed with the rest."""
    parts, first = parts_of(os.getpid()), bed._world._process
    bed.client.run(["kill", "-STOP", "2"])
    bed._world.down()
    assert first.returncode == 0  # and not -9
    assert all_gone(parts)


def test_a_world_that_does_not_end_is_ended(bed):
    """Though its first process stands still: its parent, unshare(1), takes it along."""
    parts, world = parts_of(os.getpid()), bed._world
    (init,) = Path(f"/proc/{world.pid}/task/{world.pid}/children").read_text().split()
    os.kill(int(init), signal.SIGSTOP)
    world._end(within_s=0.1)
    assert world._process.returncode == -signal.SIGKILL
    assert all_gone(parts)


def test_a_world_that_dies_of_itself_is_wholly_gone():
    """A learner kills a part of it: all of it ends, uses say so, and the bed can come up again."""
    with Testbed.two_hosts() as bed:
        parts = parts_of(os.getpid())
        wire = bed.wire
        with contextlib.suppress(WorldDown):  # it may be gone before it can say so
            bed.client.run(["sh", "-c", "kill -9 2"], expect=None)
        assert all_gone({pid for pid in parts if pid != bed._world.pid})
        with warnings.catch_warnings(), pytest.raises(WorldDown):
            bed.client.run(["true"])
        assert len(wire.segments) == 0
        bed.up()
        with connected(bed):
            pass


def test_a_bed_that_was_never_up_comes_up_once():
    """`with` on a bed that is up already does not make another world."""
    with Testbed.two_hosts().up() as bed:
        before = parts_of(os.getpid())
        with bed:
            assert parts_of(os.getpid()) == before
    assert not bed.is_up
