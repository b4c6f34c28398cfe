"""settle: what was done in a row has had its effect in that order."""

from connections import connected, states
from tcplab import TcpState, sockets


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
