"""A host forgets its TIME_WAIT: with `ss -K`, and with a RST where the kernel does not listen to that."""

import pytest
from tcplab import TcpState, sockets, wait_until
from tcplab.errors import BadValue
from tcplab.model.conversation import conversations
from tcplab.traffic import forget as module
from tcplab.traffic.forget import forget, forget_all
from tcplab.world.host import Host

pytestmark = pytest.mark.by_anyone


def closed(bed, port):
    """Leave the server in TIME_WAIT."""
    with bed.server.listen(port) as listener:
        mine = bed.client.connect(bed.server, port)
        theirs, _ = listener.accept()
    theirs.close()
    wait_until(lambda: sockets(bed.server, state=TcpState.FIN_WAIT2, port=port), within_s=5)
    mine.close()
    assert sockets(bed.server, state=TcpState.TIME_WAIT, port=port)
    return conversations(bed.wire.segments)[-1]


def test_only_that_one_is_forgotten(bed):
    """The named connection's TIME_WAIT goes; another's stays; nothing crosses the wire."""
    kept, gone = closed(bed, 80), closed(bed, 81)
    crossed = len(bed.wire.segments)
    forget(bed.server, gone)
    forget(bed.server, gone)  # the second time there is nothing to do
    assert [one.local.port for one in sockets(bed.server, state=TcpState.TIME_WAIT)] == [kept.server.port]
    assert len(bed.wire.segments) == crossed


def test_a_reset_does_it_where_ss_does_not(bed, monkeypatch):
    """Linux 5.10: `ss -K` ends well and kills nothing; the forged RST removes TIME_WAIT on every kernel."""
    talk = closed(bed, 80)
    monkeypatch.setattr(Host, "run", lambda *_, **__: None)
    forget(bed.server, talk)
    assert not sockets(bed.server, state=TcpState.TIME_WAIT)


def test_the_reset_is_what_the_peer_would_have_sent(bed):
    """Its number is the one after the FIN, and its checksum is right."""
    talk = closed(bed, 80)
    fin = next(turn.segment for turn in talk if turn.from_client and "F" in turn.segment.flags)
    packet = module.reset(fin)
    assert int.from_bytes(packet[24:28], "big") == (fin.seq + 1) % 2**32
    assert module.checksum(packet[12:20] + b"\0\6\0\x14" + packet[20:]) == 0


def test_a_connection_without_the_peers_fin_is_refused(bed):
    """There is no TIME_WAIT before the peer's FIN has come."""
    listener = bed.server.listen(80)
    with bed.client.connect(bed.server, 80), listener, pytest.raises(BadValue, match="whose peer has sent its FIN"):
        forget(bed.server, conversations(bed.wire.segments)[-1])


def test_all_are_forgotten_though_new_ones_come(bed, monkeypatch):
    """A server that closes the next connection while the first ones are forgotten keeps none of them."""
    closed(bed, 80), closed(bed, 81)
    late, run = [82, 83], Host.run

    def another_first(host, argv, **more):
        if late and argv[0] == "ss":
            done = run(host, argv, **more)
            closed(bed, late.pop())
            return done
        return run(host, argv, **more)

    monkeypatch.setattr(Host, "run", another_first)
    forget_all(bed.server, lambda: bed.wire.segments)
    assert not late
    assert not sockets(bed.server, state=TcpState.TIME_WAIT)


def test_all_are_forgotten_where_ss_forgets_none(bed, monkeypatch):
    """Linux 5.10 again: RSTs, one for each."""
    for port in (80, 81, 82):
        closed(bed, port)
    monkeypatch.setattr(Host, "run", lambda *_, **__: None)
    forget_all(bed.server, lambda: bed.wire.segments)
    assert not sockets(bed.server, state=TcpState.TIME_WAIT)
