"""drop: a segment does not arrive, and its sender does not know."""

import pytest
from connections import connected, fates, states

pytestmark = pytest.mark.by_anyone


def test_a_dropped_fin_leaves_the_peer_in_established(calm):
    """The peer of a lost FIN knows nothing of the close."""
    with connected(calm) as pair, calm.wire.drop(having="F", source=calm.client) as lost:
        pair.mine.close()
        assert (states(calm.client), states(calm.server)) == (["FIN_WAIT1"], ["ESTABLISHED"])
        assert lost.matched == 1
    assert fates(calm)[3] == ("FA", "dropped")


def test_a_removed_rule_is_over(calm):
    """After the block segments pass again."""
    with calm.wire.drop(flags="S"):
        pass
    with connected(calm):
        assert states(calm.client) == ["ESTABLISHED"]


def test_what_was_sent_before_a_rule_is_not_its_own(bed):
    """A rule waits until what was sent before it has arrived: 50 closes, each just before the rule."""
    for port in range(1000, 1050):
        with connected(bed, port) as pair:
            pair.theirs.close()
            pair.mine.close()
            with bed.wire.drop() as rule:
                assert rule.matched == 0


def test_no_rule_no_loss(bed):
    """Without a rule every segment is delivered."""
    with connected(bed) as pair:
        pair.mine.sendall(b"hello")
        assert pair.theirs.recv(5) == b"hello"
    assert {fate for _, fate in fates(bed)} == {"delivered"}
