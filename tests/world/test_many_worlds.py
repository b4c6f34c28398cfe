"""Many worlds at once, in one process and in several, that do not know of each other."""

import os
from contextlib import ExitStack

import pytest
from connections import connected, fates, states
from owners import owner, parts_of
from tcplab import Testbed, sysctls
from tcplab.errors import TcplabError, WorldDown


def test_ten_worlds_at_once():
    """The same addresses and ports in each; what happens in one happens in no other."""
    with ExitStack() as stack:
        beds = [stack.enter_context(Testbed.two_hosts()) for _ in range(10)]
        pairs = [stack.enter_context(connected(bed)) for bed in beds]
        for number, pair in enumerate(pairs):
            pair.mine.sendall(bytes([number]))
        assert [pair.theirs.recv(1)[0] for pair in pairs] == list(range(10))
        pairs[3].mine.close()
        assert [states(bed.server) for bed in beds] == [["ESTABLISHED"]] * 3 + [["CLOSE_WAIT"]] + [["ESTABLISHED"]] * 6


def test_two_beds_do_not_know_of_each_other():
    """Rules, sysctls, records and programs are of one bed."""
    with Testbed.two_hosts() as one, Testbed.two_hosts() as other:
        with one.wire.drop(), sysctls(one.client, tcp_fin_timeout=7), one.client.start(["sleep", "67890"]):
            with connected(other):
                assert len(fates(other)) == 3
            assert other.client.sysctl("tcp_fin_timeout") == "60"
            assert "67890" not in other.client.run(["ps", "-eww", "-o", "args"]).stdout
        assert fates(one) == []
        one.down()
        with connected(other, 81):
            pass


def test_two_notebooks_side_by_side(bed):
    """Another process has a world of the same name, and both work."""
    script = (
        "import sys\nfrom tcplab import Testbed\nbed = Testbed.two_hosts().up()\nlistener = bed.server.listen(80)\n"
        "print('ready', flush=True); sys.stdin.readline()\nmine = bed.client.connect(bed.server, 80)\n"
        "print(len(bed.wire.segments), flush=True); sys.stdin.readline(); bed.down()"
    )
    with owner(script) as process, connected(bed):
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "3\n"
        assert len(fates(bed)) == 3
        process.communicate("end\n", timeout=20)
        assert process.returncode == 0
        assert bed.client.run(["echo", "well"]).stdout == "well\n"


def test_up_under_a_name_replaces():
    """A cell that is run again makes a new world and ends the one it made before."""
    first = Testbed.two_hosts().up(name="lesson")
    parts = parts_of(os.getpid())
    second = Testbed.two_hosts().up(name="lesson")
    try:
        assert (first.is_up, second.is_up) == (False, True)
        assert parts_of(os.getpid()).isdisjoint(parts)
        assert Testbed.newest() is second
    finally:
        second.down()


def test_up_again_keeps_its_name_and_takes_nobodys_place():
    """What a picture's button does: fresh hosts under the old name; but a bed that came after it stays."""
    first = Testbed.two_hosts().up(name="lesson")
    old = first.client
    assert Testbed.of(old) is first
    first.down()
    with pytest.raises(WorldDown):
        Testbed.of(old)
    assert first.again().is_up
    assert first.client is not old
    second = Testbed.two_hosts().up(name="lesson")
    try:
        with pytest.raises(TcplabError, match="Another bed"):
            first.again()
        assert second.is_up
        assert second.again() is second
    finally:
        second.down()


def test_other_names_stay():
    """A bed under another name is another bed."""
    one, other = Testbed.two_hosts().up(name="one"), Testbed.two_hosts().up(name="other")
    try:
        assert one.is_up
        assert Testbed.newest() is other
        other.down()
        assert Testbed.newest() is one
    finally:
        one.down()
        other.down()
    with pytest.raises(WorldDown):
        Testbed.newest()


def test_a_replaced_bed_does_not_take_the_new_one_along():
    """down() of the old one, late, leaves the new one under that name up."""
    first = Testbed.two_hosts().up()
    second = Testbed.two_hosts().up()
    first.down()
    try:
        assert second.is_up
        third = Testbed.two_hosts().up()
        assert not second.is_up
        third.down()
    finally:
        second.down()
