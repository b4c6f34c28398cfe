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
    """TCP, UDP, packet: what comes back is a socket.socket."""
    with bed.client.socket(family, kind) as made:
        assert isinstance(made, socket.socket)
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

    def opened():
        # It looks when it is spoken to: by then the agent has let go of what it started it with.
        agents = bed.client.run(["sh", "-c", "read line; ls /proc/$PPID/fd"], input="\n").stdout
        return len(list(Path("/proc/self/fd").iterdir())), agents

    before = opened()
    for _ in range(1000):
        bed.client.socket().close()
    assert opened() == before


def test_ports_below_1024_are_the_learners(bed):
    """The server listens on port 80, whoever the learner is."""
    with bed.server.listen(80) as listener:
        assert listener.getsockname() == ("0.0.0.0", 80)


def test_a_name_is_the_worlds(bed):
    """connect, sendto and the rest know this world's names without network(), and a copy does; no other name."""
    with bed.server.listen(80), bed.client.socket() as mine, mine.dup() as copy:
        mine.connect(("server", 80))
        assert mine.getpeername() == ("192.0.2.2", 80)
        assert type(copy) is type(mine)
        with pytest.raises(socket.gaierror, match=r"'example.org' is not a name of this world, which has client, serv"):
            copy.connect_ex(("example.org", 80))
    with bed.client.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mine:
        mine.bind(("client", 0))
        assert mine.getsockname()[0] == "2001:db8::1"
        assert mine.sendto(b"?", ("server", 9)) == mine.sendmsg([b"?"], [], 0, ("server", 9)) == 1
        with pytest.raises(socket.gaierror):
            mine.sendto(b"?", 0, ("example.org", 9))
