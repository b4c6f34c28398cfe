"""settle: what was done in a row has had its effect in that order."""

import contextlib
import threading

import pytest
from connections import connected, states
from tcplab import TcpState, Testbed, nginx, sockets, sysctls, wait_until
from tcplab.errors import NotReady
from tcplab.wire.wire import Wire

pytestmark = pytest.mark.by_anyone


def test_two_closes_in_a_row_mean_what_they_say(bed):
    """Fifty times: who closes first, and settles, is the active closer, and the other one holds nothing."""
    seen = set()
    for port in range(1000, 1050):
        with connected(bed, port) as pair:
            pair.theirs.close()
            bed.settle()
            pair.mine.close()
            seen.add((len(sockets(bed.client)), len(sockets(bed.server, port=port, state=TcpState.TIME_WAIT))))
    assert seen == {(0, 1)}


def test_entering_a_rule_settles(bed):
    """Fifty times: close, then a rule: the FIN has arrived before the rule begins."""
    seen = set()
    for port in range(1000, 1050):
        with connected(bed, port) as pair:
            pair.theirs.close()
            with bed.wire.drop(flags="A", source=bed.server):
                pair.mine.close()
                seen.add(tuple(states(bed.client)))
            bed.client.run(["ss", "-K", "dport", "=", str(port)])
    assert seen == {("LAST_ACK",)}


def test_traffic_on_the_loopback_does_not_deceive_it(bed):
    """What a host says to itself does not count for the wire: fifty closes after a thousand segments on lo."""
    with bed.server.listen(9) as listener:
        mine = bed.server.connect("127.0.0.1", 9)
        theirs, _ = listener.accept()
        for _ in range(500):
            mine.sendall(b"x")
            theirs.recv(1)
        mine.close()
        theirs.close()
    seen = set()
    for port in range(1000, 1050):
        with connected(bed, port) as pair:
            pair.theirs.close()
            pair.mine.close()
            seen.update(str(each.state) for each in sockets(bed.client))
    assert seen <= {"TIME_WAIT"}


def test_one_that_ran_out_of_time_spoils_nothing(bed):
    """A wire that was asked while it was busy is as exact as before once it is at rest."""
    with connected(bed) as pair:
        sender = threading.Thread(target=lambda: (pair.mine.sendall(b"x" * (20 << 20)), pair.mine.close()))
        receiver = threading.Thread(target=lambda: all(iter(lambda: pair.theirs.recv(1 << 20), b"")))
        sender.start()
        receiver.start()
        while sender.is_alive():
            with contextlib.suppress(NotReady):
                bed.wire.settle(within_s=0.002)
        sender.join()
        receiver.join()
    seen = set()
    for port in range(1000, 1030):
        with connected(bed, port) as pair:
            pair.theirs.close()
            bed.settle()
            pair.mine.close()
            seen.add(
                (len(sockets(bed.client, port=port)), len(sockets(bed.server, port=port, state=TcpState.TIME_WAIT)))
            )
    assert seen == {(0, 1)}


@pytest.mark.timeout(180)
def test_who_never_stops_talking_is_not_waited_for(monkeypatch):
    """A load that goes on across both wires is looked at four times at most, and the bed can be used meanwhile."""
    looks = []
    settled_at = Wire.settled_at
    monkeypatch.setattr(Wire, "settled_at", lambda wire: looks.append(wire.name) or settled_at(wire))
    endless = ["ab", "-k", "-t", "180", "-n", "10000000", "-c", "4", "http://198.51.100.2/"]
    with (
        Testbed.proxied(link="wire") as bed,
        sysctls(bed.proxy, ip_forward=1),
        nginx(bed.backend, "hello"),
        bed.client.start(endless) as load,
    ):
        wait_until(lambda: len(bed.back.segments) > 100, within_s=10, what="load on the back wire")
        for _ in range(3):
            looks.clear()
            bed.settle()
            assert looks.count("back") <= 4
        assert sockets(bed.client)
        assert load.poll() is None
