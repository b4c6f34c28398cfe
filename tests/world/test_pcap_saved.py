"""wire.save: a file that others read without a complaint, with the times at which segments crossed."""

import shutil
import subprocess
import time

import pytest
from connections import connected
from scapy.utils import PcapReader
from tcplab import Testbed
from tcplab.world.environment import path_variable


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A conversation over IPv4 and one over IPv6, saved; the file, the segments, when it began and ended."""
    with Testbed.two_hosts() as bed, bed.patient():
        begun = time.time()
        for address in (None, str(bed.server.address6)):
            with connected(bed, address=address) as pair:
                pair.mine.sendall(b"hello")
                assert pair.theirs.recv(5) == b"hello"
        bed.settle()
        ended = time.time()
        path = bed.wire.save(tmp_path_factory.mktemp("pcap") / "hello.pcap")
        yield path, list(bed.wire.segments), begun, ended


def test_scapy_reads_the_same_frames(saved):
    """Frame for frame, byte for byte, with the same times."""
    path, segments, begun, ended = saved
    with PcapReader(str(path)) as reader:
        packets = list(reader)
    assert [bytes(packet) for packet in packets] == [segment.frame for segment in segments]
    assert begun - 0.001 <= packets[0].time <= packets[-1].time <= ended + 0.001
    gaps = [float(packet.time - packets[0].time) for packet in packets]
    assert gaps == pytest.approx([segment.time_s for segment in segments], abs=1e-6)


def test_tshark_finds_no_error(saved):
    """Wireshark's own dissectors: every frame TCP, checksums good, nothing malformed, retransmitted or lost."""
    tshark = shutil.which("tshark", path=path_variable())
    if tshark is None:
        pytest.skip("tshark is not installed; ./env/test unpacks it")
    path, segments, *_ = saved
    check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]

    def frames(wanted):
        argv = [tshark, "-n", "-r", path, *check, "-Y", wanted, "-T", "fields", "-e", "frame.number"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        complaints = [line for line in done.stderr.splitlines() if "Running as user" not in line]
        assert complaints == []
        return done.stdout.split()

    assert len(frames("tcp")) == len(segments)
    assert frames("_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0") == []
    assert frames("tcp.analysis.flags && !tcp.analysis.window_update") == []


def test_a_dropped_segment_is_in_the_file(calm, tmp_path):
    """The capture is taken at the wire, before the rules."""
    with connected(calm) as pair, calm.wire.drop(having="F", source=calm.client, first=1):
        pair.mine.close()
    with PcapReader(str(calm.wire.save(tmp_path / "all.pcap"))) as reader:
        assert len(list(reader)) == len(calm.wire.segments)


def test_an_empty_record_is_a_good_file(bed, tmp_path):
    """No segment yet: a pcap file with no packets."""
    path = bed.wire.save(tmp_path / "none.pcap")
    with PcapReader(str(path)) as reader:
        assert list(reader) == []


def test_a_bed_that_is_down_can_be_saved(tmp_path):
    """The record outlives its world."""
    with Testbed.two_hosts() as bed, connected(bed):
        pass
    with PcapReader(str(bed.wire.save(tmp_path / "after.pcap"))) as reader:
        assert len(list(reader)) == len(bed.wire.segments)
