"""A socket lives where it is born: a real Python socket, in a host."""

import os
import socket
import struct
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET6, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_PACKET, socket.SOCK_RAW),
    ],
)
def test_every_kind(bed, family, kind):
    """TCP, UDP, packet: what comes back is socket.socket."""
    with bed.client.socket(family, kind) as made:
        assert type(made) is socket.socket
        assert (made.family, made.type) == (family, kind)


def test_raw(bed):
    """A raw socket, for which the machine would want root."""
    with bed.client.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as pinging:
        pinging.settimeout(5)
        header = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
        checksum = 0xFFFF - (0x0800 + 1 + 1)
        pinging.sendto(header[:2] + struct.pack("!H", checksum) + header[4:], ("192.0.2.2", 0))
        data, (address, _) = pinging.recvfrom(100)
        assert (address, data[20]) == ("192.0.2.2", 0)


def test_it_is_not_inherited_by_programs(bed):
    """close-on-exec, as Python's own sockets are."""
    with bed.client.socket() as made:
        assert not os.get_inheritable(made.fileno())


def test_a_thousand_leave_nothing(bed):
    """As many descriptors afterwards as before, here and in the host's agent."""
    before = len(list(Path("/proc/self/fd").iterdir())), bed.client.run(["sh", "-c", "ls /proc/2/fd"]).stdout
    for _ in range(1000):
        bed.client.socket().close()
    assert (len(list(Path("/proc/self/fd").iterdir())), bed.client.run(["sh", "-c", "ls /proc/2/fd"]).stdout) == before


def test_ports_below_1024_are_the_learners(bed):
    """The server listens on port 80, whoever the learner is."""
    with bed.server.listen(80) as listener:
        assert listener.getsockname() == ("0.0.0.0", 80)
