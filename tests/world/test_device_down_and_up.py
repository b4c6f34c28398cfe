"""`ip link set eth0 down; ip link set eth0 up` in a host: it is heard again."""

import pytest
from connections import connected
from tcplab import Testbed


@pytest.mark.parametrize("link", ["wire", "veth"])
@pytest.mark.parametrize("host", ["client", "server"])
def test_a_host_is_heard_again(link, host):
    """The kernel forgets static neighbours with the device; they are there again when it is up, each time."""
    with Testbed.two_hosts(link=link) as bed:
        one = bed.hosts[host]
        before = one.run(["ip", "neighbour"]).stdout
        for _ in range(3):
            one.run(["ip", "link", "set", "eth0", "down"])
            assert one.run(["ip", "neighbour"]).stdout == ""
            one.run(["ip", "link", "set", "eth0", "up"])
            assert sorted(one.run(["ip", "neighbour"]).stdout.splitlines()) == sorted(before.splitlines())
            with connected(bed) as pair:
                pair.mine.sendall(b"well")
                assert pair.theirs.recv(4) == b"well"


def test_only_the_device_that_came_up():
    """Of two devices in the middle one is set down and up; a neighbour that was taken away stays away."""
    with Testbed.proxied(link="wire") as bed:
        bed.proxy.run(["ip", "neighbour", "delete", "198.51.100.2", "dev", "eth1"])
        bed.proxy.run(["sh", "-c", "ip link set eth0 down; ip link set eth0 up"])
        said = bed.proxy.run(["ip", "-4", "neighbour"]).stdout.splitlines()
        assert [line.split()[0] for line in said if "PERMANENT" in line] == ["192.0.2.1"]
        assert bed.backend.run(["ip", "-4", "neighbour"]).stdout.startswith("198.51.100.1 ")
