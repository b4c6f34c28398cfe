"""One segment at a time, with the states of both sides after each."""

import pytest
from connections import begun_to_connect, connected, fates, states
from tcplab import wait_until

pytestmark = pytest.mark.by_anyone


def step(bed, held, expected):
    """Let the one segment that waits go on; it is the one expected, and nothing else has been sent."""
    (waiting,) = wait_until(lambda: held.waiting, within_s=5, what=f"{expected} comes to the wire")
    assert (waiting.from_host, waiting.flags) == expected
    held.release()
    return states(bed.client), states(bed.server)


def test_the_handshake(calm):
    """SYN_SENT, SYN_RECV, ESTABLISHED on the client before the server."""
    listener = calm.server.listen(80)
    with calm.wire.hold() as held:
        mine = begun_to_connect(calm)
        assert (states(calm.client), states(calm.server)) == (["SYN_SENT"], [])
        assert step(calm, held, ("client", "S")) == (["SYN_SENT"], ["SYN_RECV"])
        assert step(calm, held, ("server", "SA")) == (["ESTABLISHED"], ["SYN_RECV"])
        assert step(calm, held, ("client", "A")) == (["ESTABLISHED"], ["ESTABLISHED"])
    theirs, _ = listener.accept()
    assert {fate for _, fate in fates(calm)} == {"delivered"}
    for each in (mine, theirs, listener):
        each.close()


def test_the_close(calm):
    """FIN, ACK, FIN, ACK: the active closer goes through FIN_WAIT2 to TIME_WAIT, the other through CLOSE_WAIT."""
    with connected(calm) as pair, calm.wire.hold() as held:
        pair.theirs.close()
        assert (states(calm.client), states(calm.server)) == (["ESTABLISHED"], ["FIN_WAIT1"])
        assert step(calm, held, ("server", "FA")) == (["CLOSE_WAIT"], ["FIN_WAIT1"])
        assert step(calm, held, ("client", "A")) == (["CLOSE_WAIT"], ["FIN_WAIT2"])
        pair.mine.close()
        assert (states(calm.client), states(calm.server)) == (["LAST_ACK"], ["FIN_WAIT2"])
        assert step(calm, held, ("client", "FA")) == (["LAST_ACK"], ["TIME_WAIT"])
        assert step(calm, held, ("server", "A")) == ([], ["TIME_WAIT"])
    assert [flags for flags, _ in fates(calm)] == ["S", "SA", "A", "FA", "A", "FA", "A"]


def test_data_between(calm):
    """A byte and its ACK: neither side changes its state."""
    with connected(calm) as pair, calm.wire.hold() as held:
        pair.mine.sendall(b"x")
        both = (["ESTABLISHED"], ["ESTABLISHED"])
        assert step(calm, held, ("client", "PA")) == both
        assert step(calm, held, ("server", "A")) == both
