"""A record with holes says so: the wire's ring has overflowed."""

import socket

import pytest
from tcplab.errors import SegmentsLost
from traces import owner_of_world

pytestmark = pytest.mark.by_anyone

FIND = "for each in /proc/[0-9]*; do echo ${each#/proc/} $(readlink $each/ns/net); done"


def process_of_the_wire(bed):
    """The number, in the world, of the process whose network namespace is no host's and not the first one's."""
    rows = [line.split() for line in bed.client.run(["sh", "-c", FIND]).stdout.splitlines()]
    spaces = {pid: space for pid, *found in rows for space in found}
    hosts = {host.run(["readlink", "/proc/self/ns/net"]).stdout.strip() for host in bed.hosts.values()}
    (wire,) = [pid for pid, space in spaces.items() if space not in hosts | {spaces["1"]}]
    return wire


def test_an_overflow_is_a_warning_and_a_count(bed):
    """While the wire's process stands still the ring fills; what found it full is counted, and said once."""
    wire = process_of_the_wire(bed)
    with bed.client.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        assert bed.wire.lost == 0
        bed.client.run(["kill", "-STOP", wire])
        try:
            for _ in range(4000):
                sending.sendto(b"x", ("server", 9))
        finally:
            bed.client.run(["kill", "-CONT", wire])
        with pytest.warns(SegmentsLost, match=r'dropped \d+ frames .* Testbed\.two_hosts\(link="veth"\)') as said:
            lost = bed.wire.lost
        assert 0 < lost < 4000
        assert [each.message.count for each in said] == [lost]
        assert bed.wire.lost == lost  # without another warning


def test_the_finder_finds_a_process_of_this_world(bed):
    """The process that is stopped above is the world's own."""
    pid = process_of_the_wire(bed)
    words = bed.client.run(["cat", f"/proc/{pid}/cmdline"]).stdout.encode().split(b"\0")
    assert owner_of_world(words) is not None
