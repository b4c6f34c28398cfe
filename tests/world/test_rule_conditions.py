"""What a rule matches: each condition alone decides, and all that are given must hold."""

import pytest
from connections import begun_to_connect, connected, states

pytestmark = pytest.mark.by_anyone


def test_flags_is_exact_and_having_is_at_least(bed):
    """flags="S" is the SYN alone; having="S" is the SYN and the SYN-ACK."""
    exact, least = bed.wire.delay(rtt_ms=0, flags="S"), bed.wire.delay(rtt_ms=0, having="S")
    with exact, least, connected(bed):
        assert (exact.matched, least.matched) == (1, 2)


def test_flags_may_come_in_any_order(bed):
    """flags="AS" is flags="SA"."""
    with bed.wire.delay(rtt_ms=0, flags="AS") as rule, connected(bed):
        assert rule.matched == 1


def test_first_counts_the_segments_that_match(calm):
    """first=2 drops two segments, and no third."""
    with connected(calm) as pair, calm.wire.drop(payload_bytes=1, first=2) as rule:
        for letter in (b"a", b"b", b"c"):
            pair.mine.sendall(letter)
            calm.settle()
        assert rule.matched == 2


@pytest.mark.parametrize(("payload_bytes", "expected"), [(3, 1), (0, 0), ((2, 3), 2), ((1, 1460), 3)])
def test_payload_bytes_is_a_length_or_a_range(calm, payload_bytes, expected):
    """Of segments with 1, 2 and 3 bytes, those whose payload is as long as asked match."""
    with connected(calm) as pair, calm.wire.drop(source=calm.client, payload_bytes=payload_bytes) as rule:
        for length in (1, 2, 3):
            pair.mine.sendall(b"x" * length)
            calm.settle()
        assert rule.matched == expected


def test_ports(calm):
    """port= is either end, source_port= and destination_port= are one."""
    either = calm.wire.delay(rtt_ms=0, port=80)
    source = calm.wire.delay(rtt_ms=0, source_port=80)
    destination = calm.wire.delay(rtt_ms=0, destination_port=80)
    other = calm.wire.delay(rtt_ms=0, port=81)
    with connected(calm):
        calm.settle()
        assert (either.matched, source.matched, destination.matched, other.matched) == (3, 1, 2, 0)


def test_source_may_be_a_host_its_name_or_an_address(calm):
    """All three name the same end."""
    rules = [
        calm.wire.delay(rtt_ms=0, source=source) for source in (calm.server, "server", "192.0.2.2", calm.server.address)
    ]
    with connected(calm):
        calm.settle()
        assert [rule.matched for rule in rules] == [1, 1, 1, 1]


def test_destination_is_the_other_end(calm):
    """Two segments of a handshake go to the server."""
    with calm.wire.delay(rtt_ms=0, destination=calm.server) as rule, connected(calm):
        calm.settle()
        assert rule.matched == 2


def test_when_is_any_predicate_of_a_segment(calm):
    """A function of the decoded segment, with what it refers to, decides in the wire's process."""
    wanted = b"second"
    with (
        connected(calm) as pair,
        calm.wire.drop(when=lambda segment: segment.payload == wanted and "P" in segment.flags) as rule,
    ):
        for text in (b"first", b"second"):
            pair.mine.sendall(text)
            calm.settle()
        assert rule.matched == 1
        assert pair.theirs.recv(100) == b"first"


def test_all_that_is_given_must_hold(calm):
    """A FIN from the other side does not match a rule for the server's."""
    with connected(calm) as pair, calm.wire.drop(having="F", source=calm.server, port=80) as rule:
        pair.mine.close()
        assert states(calm.server) == ["CLOSE_WAIT"]
        assert rule.matched == 0


def test_rules_hold_for_ipv6(calm):
    """A rule by host matches its IPv6 address too; by an address only that one."""
    six = str(calm.server.address6)
    with calm.wire.hold(flags="S", destination=calm.server) as held, calm.wire.drop(destination="192.0.2.2") as lost:
        listener = calm.server.listen(80, family=10)
        connecting = calm.client.socket(10)
        connecting.setblocking(False)
        connecting.connect_ex((six, 80))
        (waiting,) = held.waiting
        assert str(waiting.destination) == f"[{six}]:80"
        held.release()
        theirs, _ = listener.accept()
        assert lost.matched == 0
        for each in (connecting, theirs, listener):
            each.close()


def test_nothing_given_matches_every_segment(calm):
    """A rule without a condition is for all."""
    with calm.wire.hold() as held:
        connecting = begun_to_connect(calm)
        assert [segment.flags for segment in held.waiting] == ["S"]
        connecting.close()
