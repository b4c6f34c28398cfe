"""Both sides close at once: the FINs cross on the wire, which takes luck, or a wire that holds."""

import pytest
from connections import connected, states

pytestmark = pytest.mark.by_anyone


def test_both_are_closing_and_both_keep_time_wait(calm):
    """Crossed FINs, ACKs held: CLOSING on both sides; ACKs let go: TIME_WAIT on both."""
    with connected(calm) as pair:
        with calm.wire.hold(having="F") as fins, calm.wire.hold(flags="A") as acks:
            pair.mine.close()
            calm.settle()  # so the client's is the first to wait
            pair.theirs.close()
            assert (states(calm.client), states(calm.server)) == (["FIN_WAIT1"], ["FIN_WAIT1"])
            assert [(fin.from_host, fin.flags) for fin in fins.waiting] == [("client", "FA"), ("server", "FA")]
            fins.release()
            assert (states(calm.client), states(calm.server)) == (["CLOSING"], ["CLOSING"])
            assert {(ack.from_host, ack.flags) for ack in acks.waiting} == {("client", "A"), ("server", "A")}
            acks.release()
            assert (states(calm.client), states(calm.server)) == (["TIME_WAIT"], ["TIME_WAIT"])
        assert [segment.flags for segment in calm.wire.segments].count("FA") == 2


def test_it_is_the_same_each_time(calm):
    """Twenty times over."""
    for port in range(1000, 1020):
        with connected(calm, port) as pair, calm.wire.hold(having="F") as fins, calm.wire.hold(flags="A") as acks:
            pair.mine.close()
            pair.theirs.close()
            fins.release()
            assert states(calm.client).count("CLOSING") == states(calm.server).count("CLOSING") == 1
            acks.release()
    assert set(states(calm.client) + states(calm.server)) == {"TIME_WAIT"}
