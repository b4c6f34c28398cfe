"""tcpdump in a host: nothing is lost at either end, and what it refuses is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import Testbed, capture
from tcplab.errors import CommandFailed
from tcplab.model.segment import Segment
from tcplab.observe import pcap


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    """Two hosts and a wire."""
    with Testbed.two_hosts() as bed:
        yield bed


def exchange(bed: Testbed) -> None:
    """Ten segments, or eleven where ACK and FIN go apart."""
    with bed.server.listen(80) as listener:
        mine = bed.client.connect(bed.server, 80)
        theirs, _ = listener.accept()
        mine.sendall(b"ask")
        theirs.recv(10)
        theirs.sendall(b"answer")
        theirs.close()
        while mine.recv(10):
            pass
        mine.close()


def known(segment: Segment) -> tuple[str, int, bytes]:
    """What is the same of a segment in the host and on the wire."""
    return segment.flags, segment.seq, segment.payload


@pytest.mark.parametrize("device", ["eth0", "any"])
def test_the_first_and_the_last_segment_are_in_it(bed: Testbed, tmp_path: Path, device: str) -> None:
    """What tcpdump saw in the host is what the wire recorded, each time."""
    for _ in range(3):
        before = len(bed.wire.segments)
        with capture(bed.client, "port 80", tmp_path / "x.pcap", device=device) as captured:
            exchange(bed)
        crossed = bed.wire.segments[before:]
        found = pcap.read(captured.path)
        assert sorted(map(known, found)) == sorted(map(known, crossed))
        assert (captured.packets, captured.dropped) == (len(crossed), 0)
        assert len(found) >= 10


def test_many_at_once(bed: Testbed, tmp_path: Path) -> None:
    """A burst of 200 connections is in the file whole."""
    before = len(bed.wire.segments)
    with capture(bed.server, "tcp", tmp_path / "x.pcap") as captured:
        for _ in range(200):
            exchange(bed)
    assert captured.packets == len(bed.wire.segments) - before
    assert sum(flow.packets for flow in pcap.flows(captured.path)) == captured.packets


def test_only_what_was_asked_for(bed: Testbed, tmp_path: Path) -> None:
    """The expression is tcpdump's own, and the command printed is the one that ran."""
    with capture(bed.client, "tcp[tcpflags] & tcp-syn != 0", tmp_path / "x.pcap") as captured:
        exchange(bed)
    assert [segment.flags for segment in pcap.read(captured.path)] == ["S", "SA"]
    assert repr(captured).splitlines()[0].endswith(f"-w {tmp_path}/x.pcap 'tcp[tcpflags] & tcp-syn != 0'")
    assert repr(captured).splitlines()[1] == "2 packets captured"


@pytest.mark.parametrize(
    ("expression", "device", "why"), [("prt 80", "eth0", "syntax error"), ("port 80", "eth7", "No such device")]
)
def test_what_tcpdump_refuses(bed: Testbed, tmp_path: Path, expression: str, device: str, why: str) -> None:
    """A wrong expression or device is told in tcpdump's words, and the block never runs."""
    with pytest.raises(CommandFailed, match=why), capture(bed.client, expression, tmp_path / "x.pcap", device=device):
        pytest.fail("it began")


def test_it_ends_with_a_block_that_fails(bed: Testbed, tmp_path: Path) -> None:
    """An error inside passes through, and no tcpdump stays."""
    with pytest.raises(ZeroDivisionError), capture(bed.client, "port 80", tmp_path / "x.pcap"):
        raise ZeroDivisionError
    assert "tcpdump" not in bed.client.run(["ps", "-eo", "comm"]).stdout
