"""Looks that wait for nothing, and take thousands without making objects of them: for pictures that move."""

import pytest
from tcplab import TcpState, Testbed
from tcplab.model.segment import Fate, Segment
from tcplab.observe.processes import programs
from tcplab.observe.sockets import glance

pytestmark = pytest.mark.by_anyone


def test_sockets_by_state(bed: Testbed) -> None:
    """Each state is counted; a host without sockets has none."""
    assert glance(bed.client).by_state() == {}
    with bed.server.listen(80) as listener, bed.client.connect(bed.server, 80), bed.client.connect(bed.server, 80):
        listener.accept()[0].close()
        bed.settle()
        assert glance(bed.client).by_state() == {TcpState.ESTABLISHED: 1, TcpState.CLOSE_WAIT: 1}
        assert glance(bed.server).by_state()[TcpState.LISTEN] == 1


def test_programs_by_host(bed: Testbed) -> None:
    """What runs in a host is counted by name; the other host's is not."""
    asleep = [bed.server.start(["sleep", "30"]) for _ in range(2)]
    found = programs({host.namespace: name for name, host in bed.hosts.items()})
    assert found == {"client": {"agent": 1}, "server": {"agent": 1, "sleep": 2}}
    for each in asleep:
        each.stop()


def test_segments_by_fate_and_sender(bed: Testbed) -> None:
    """The wire's record is counted as it is, and each side's share."""
    assert bed.wire.tally().segments == 0
    with bed.server.listen(80), bed.client.connect(bed.server, 80) as mine, bed.wire.hold(having="F"):
        bed.settle()
        mine.shutdown(1)
        bed.settle()
        tally = bed.wire.tally()
    assert tally.fates == {Fate.DELIVERED: 3, Fate.HELD: 1}
    assert tally.sent_by == (3, 1)


def test_rules_in_force(bed: Testbed) -> None:
    """A wire knows its rules as they were written, in order, until each ends."""

    def one(segment: Segment) -> bool:
        return bool(segment.number)

    with bed.wire.drop(flags="A", source=bed.server), bed.wire.delay(rtt_ms=20) as slow, bed.wire.hold(when=one):
        written = ["drop(flags='A', source=bed.server)", "delay(rtt_ms=20)", "hold(when=one)"]
        assert [rule.call for rule in bed.wire.rules] == written
        slow.remove()
        assert [rule.call for rule in bed.wire.rules] == [written[0], written[2]]
    assert bed.wire.rules == ()
