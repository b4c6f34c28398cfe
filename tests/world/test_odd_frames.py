"""Whatever a host sends, the wire carries it, and lives on; only TCP is in the record that a learner reads."""

import random
import socket

import pytest
from connections import connected

pytestmark = pytest.mark.by_anyone

ETHERNET = bytes.fromhex("020000000102020000000101")
SEED = 20261123


def odd_frames(count):
    """Frames that are too short, mean nothing, or almost mean TCP; the same ones each time."""
    chosen = random.Random(SEED)
    for _ in range(count):
        kind = chosen.choice([b"\x08\x00", b"\x86\xdd", b"\x08\x06", b"\x88\x88", b"\x00\x08"])
        body = chosen.randbytes(chosen.choice([0, 1, 8, 19, 20, 24, 39, 40, 60, 200]))
        if body and chosen.random() < 0.7:
            body = bytes([chosen.choice([0x45, 0x4F, 0x46, 0x60, 0x40])]) + body[1:]
        if len(body) > 9 and chosen.random() < 0.7:
            body = body[:6] + chosen.choice([b"\x06\x00", b"\x2c\x40", b"\x00\x00"]) + body[8:9] + b"\x06" + body[10:]
        yield ETHERNET + kind + body


def test_a_thousand_odd_frames(bed):
    """The bed works as before, every segment can be looked at, and the file can be saved."""
    with bed.client.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind(("eth0", 0))
        for frame in odd_frames(1000):
            sender.send(frame)
    with connected(bed) as pair:
        pair.mine.sendall(b"well")
        assert pair.theirs.recv(4) == b"well"
    assert [segment.payload for segment in bed.wire.segments].count(b"well") == 1


def test_a_thousand_odd_frames_under_rules(bed, tmp_path):
    """Rules that look closely meet nothing that ends them."""
    with (
        bed.wire.hold(when=lambda segment: segment.window == 7 and segment.options.mss == 9),
        bed.wire.drop(payload_bytes=(1400, 1460), having="U"),
        bed.wire.duplicate(source_port=9),
        bed.client.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender,
    ):
        sender.bind(("eth0", 0))
        for frame in odd_frames(1000):
            sender.send(frame)
    with connected(bed):
        assert bed.wire.save(tmp_path / "odd.pcap").stat().st_size > 1000 * 30


def test_udp_and_icmp_cross(bed):
    """The wire carries what is not TCP; the record is of TCP."""
    with bed.server.socket(kind=socket.SOCK_DGRAM) as there, bed.client.socket(kind=socket.SOCK_DGRAM) as here:
        there.bind(("", 53))
        here.sendto(b"?", ("192.0.2.2", 53))
        assert there.recv(10) == b"?"
    assert len(bed.wire.segments) == 0
