"""The record: every segment, in order, whole, and still there when the world is not."""

import hashlib
import os
import socket
import threading
from ipaddress import ip_address

import pytest
from connections import connected, fates
from tcplab import Testbed

pytestmark = pytest.mark.by_anyone


def test_it_stays_readable_after_down():
    """What crossed is looked at when the bed is gone."""
    with Testbed.two_hosts() as bed, connected(bed) as pair:
        pair.mine.sendall(b"remember me")
        assert pair.theirs.recv(100) == b"remember me"
        segments = bed.wire.segments
    assert [segment.payload for segment in segments if segment.payload] == [b"remember me"]
    assert len(bed.wire.segments) >= len(segments)


def test_what_is_sent_last_is_recorded():
    """A segment sent just before the end of the block is in the record."""
    for _ in range(5):
        with Testbed.two_hosts() as bed:
            pair = connected(bed)
            pair.mine.close()
        assert ("FA", "delivered") in fates(bed)
        pair.theirs.close()
        pair.listener.close()


def test_headers_and_options_are_decoded(bed):
    """A SYN shows its MSS, window scale and timestamps; the segment knows its hosts and addresses."""
    with connected(bed):
        syn, answer, _ = bed.wire.segments[:3]
    assert (syn.from_host, syn.to_host, syn.flags) == ("client", "server", "S")
    assert (syn.source.address, syn.destination.port) == (bed.client.address, 80)
    assert (syn.options.mss, answer.options.mss) == (1460, 1460)
    assert syn.options.sack_permitted
    assert syn.options.window_scale is not None
    assert answer.options.timestamps[1] == syn.options.timestamps[0]
    assert answer.ack == (syn.seq + 1) % 2**32


def test_ipv6_is_recorded(bed):
    """An IPv6 connection stands in the record as an IPv4 one does, and no chatter beside it."""
    with connected(bed, address=str(bed.server.address6)) as pair:
        pair.mine.sendall(b"six")
        assert pair.theirs.recv(3) == b"six"
    assert bed.wire.segments[0].destination.address == ip_address("2001:db8::2")
    assert bed.wire.segments[0].options.mss == 1440
    assert {segment.destination.port for segment in bed.wire.segments if segment.from_host == "client"} == {80}


def test_40_mb_arrive_byte_for_byte_and_none_is_lost(bed):
    """A transfer of 40 MB with all the speed that the wire has: same bytes, nothing lost at the wire's sockets."""
    data = os.urandom(1 << 20) * 40
    with connected(bed) as pair:
        sender = threading.Thread(target=lambda: (pair.mine.sendall(data), pair.mine.shutdown(socket.SHUT_WR)))
        sender.start()
        received = hashlib.sha256()
        while chunk := pair.theirs.recv(1 << 20):
            received.update(chunk)
        sender.join()
    assert received.digest() == hashlib.sha256(data).digest()
    assert bed.wire.lost == 0
    assert sum(s.payload_bytes for s in bed.wire.segments if s.from_host == "client") >= len(data)


def test_10_000_exchanges_in_order(calm):
    """Each number sent is the number that comes, and the wire has seen them in that order, once."""
    count = 10_000
    with connected(calm) as pair:
        for number in range(count):
            pair.mine.sendall(number.to_bytes(4, "big"))
            got = pair.theirs.recv(4)
            assert got == number.to_bytes(4, "big")
            pair.theirs.sendall(got)
            assert pair.mine.recv(4) == got
        crossed = [s.payload for s in calm.wire.segments if s.payload and s.from_host == "client"]
    assert crossed == [number.to_bytes(4, "big") for number in range(count)]
    assert calm.wire.lost == 0


def test_two_threads_may_look_at_once(bed):
    """A segment is in the record once, whoever looks, and when."""
    looks = []
    with connected(bed) as pair:
        lookers = [
            threading.Thread(target=lambda: looks.extend(len(bed.wire.segments) for _ in range(20))) for _ in range(2)
        ]
        for thread in lookers:
            thread.start()
        for _ in range(100):
            pair.mine.sendall(b"x")
            pair.theirs.recv(1)
        for thread in lookers:
            thread.join()
    numbers = [segment.number for segment in bed.wire.segments]
    assert numbers == list(range(1, len(numbers) + 1))
    data = [(s.seq, s.time_s) for s in bed.wire.segments if s.payload]
    assert len(set(data)) == len(data) >= len({seq for seq, _ in data}) == 100
    assert len(looks) == 40


def test_it_prints_as_a_table(bed):
    """One line a segment, the first twenty, and how many more."""
    assert repr(bed.wire.segments) == "no segments yet"
    with connected(bed) as pair:
        for _ in range(30):
            pair.mine.sendall(b"x")
            pair.theirs.recv(1)
        lines = repr(bed.wire.segments).splitlines()
    assert len(lines) == 21
    assert "client → server  S " in lines[0]
    assert lines[-1].startswith("… and ")
