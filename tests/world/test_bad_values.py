"""What is asked wrongly of a host or a bed: refused by its own error, and the bed works on."""

import errno
import socket

import pytest
from connections import connected
from tcplab import Testbed, counters, sockets, sysctls, wait_until
from tcplab.errors import BadValue, CommandFailed, NotReady, ToolMissing

pytestmark = pytest.mark.by_anyone


@pytest.fixture(scope="module")
def shared():
    """One bed for all: a refusal changes nothing."""
    with Testbed.two_hosts() as bed:
        yield bed
        with connected(bed):
            pass


@pytest.mark.parametrize("port", [-1, 65536, "80", 80.0, True])
def test_no_such_port_to_listen_on(shared, port):
    """0 (the kernel chooses) to 65535, a whole number."""
    with pytest.raises(BadValue, match=r"port=.* 0 to 65535"):
        shared.server.listen(port)


@pytest.mark.parametrize("port", [0, -1, 65536, None])
def test_no_such_port_to_connect_to(shared, port):
    """1 to 65535: nobody listens on port 0."""
    with pytest.raises(BadValue, match=r"port=.* 1 to 65535"):
        shared.client.connect(shared.server, port)


def test_a_port_in_use_is_the_kernels_answer(shared):
    """EADDRINUSE, as bind(2) says it."""
    with shared.server.listen(81), pytest.raises(OSError, match="in use") as caught:
        shared.server.listen(81)
    assert caught.value.errno == errno.EADDRINUSE


def test_a_program_that_is_missing(shared):
    """ToolMissing names it and the command that installs it."""
    with pytest.raises(ToolMissing, match=r"no-such-program .*apt-get install no-such-program"):
        shared.client.run(["no-such-program", "--help"])


def test_a_program_that_hangs(shared):
    """NotReady within its bound; the program is gone."""
    with pytest.raises(NotReady, match=r"sleep 12345 .*0\.2 s"):
        shared.client.run(["sleep", "12345"], within_s=0.2)
    assert "12345" not in shared.client.run(["ps", "-eww", "-o", "args"]).stdout


def test_a_program_that_hangs_with_its_children(shared):
    """Its whole process group is gone."""
    with pytest.raises(NotReady):
        shared.client.run(["sh", "-c", "sleep 23456 & sleep 23456"], within_s=0.2)

    def programs() -> str:
        return shared.client.run(["ps", "-eww", "-o", "args"]).stdout

    wait_until(lambda: "sleep 23456" not in programs(), within_s=5)  # killed at once, and gone one after the other


def test_a_program_that_fails(shared):
    """CommandFailed has the argv, the exit code, what it said, and how to expect it."""
    with pytest.raises(CommandFailed, match=r"\$ sh -c 'echo why >&2; exit 3' .*3.*why.*expect=\(3,\)") as caught:
        shared.client.run(["sh", "-c", "echo why >&2; exit 3"])
    assert (caught.value.exit_code, caught.value.stderr) == (3, "why\n")
    assert shared.client.run(["false"], expect=(1,)).exit_code == 1


@pytest.mark.parametrize("argv", ["ss -tan", [], ""])
def test_a_command_is_a_list(shared, argv):
    """A shell string is refused, with how it should look."""
    with pytest.raises(BadValue, match=r'\["ss", "-tan"\]'):
        shared.client.run(argv)


@pytest.mark.parametrize(
    "odd",
    [
        lambda host: host.run(["ls", "a\0b"]),
        lambda host: host.run(["true"], env={"a=b": "c"}),
        lambda host: host.read("/proc/net\0"),
        lambda host: host.socket(2**40),
        lambda host: host.run(["true"], cwd="/no/such/folder"),
    ],
)
def test_what_no_kernel_would_take_is_an_oserror(shared, odd):
    """Nothing that is asked of a host ends it."""
    with pytest.raises(OSError, match=r"argument|No such"):
        odd(shared.client)
    assert shared.client.run(["echo", "well"]).stdout == "well\n"


def test_a_name_that_this_world_does_not_know(shared):
    """The machine's resolver is not asked; the error names the hosts."""
    with pytest.raises(BadValue, match=r"destination='example\.org' .* client, server"):
        shared.client.connect("example.org", 80)


def test_the_names_of_the_hosts_are_known(shared):
    """A host, its name and its address are one place."""
    for destination in (shared.server, "server", "192.0.2.2", shared.server.address, shared.server.address6):
        family = socket.AF_INET6 if destination == shared.server.address6 else socket.AF_INET
        with shared.server.listen(82, family=family), shared.client.connect(destination, 82) as mine:
            assert mine.getpeername()[1] == 82


@pytest.mark.parametrize("asked", [{"link": "tun"}, {"mtu": 99}, {"mtu": 9001}, {"mtu": "1500"}])
def test_a_bed_that_cannot_be(asked):
    """The link is "wire" or "veth", the mtu 1280 to 9000."""
    with pytest.raises(BadValue, match=r'"veth"|1280 .* to 9000'):
        Testbed.two_hosts(**asked)


def test_a_part_that_this_bed_has_not(shared):
    """Two hosts have no proxy and no wire called back; the error names what there is."""
    with pytest.raises(BadValue, match="client, server"):
        _ = shared.proxy
    with pytest.raises(BadValue, match="wire"):
        _ = shared.back


def test_a_part_is_the_worlds_own(shared):
    """A host that is set by mistake would hide the world's: bed.client = bed.client.socket()."""
    with pytest.raises(AttributeError, match=r"bed\.client is a part of the world"):
        shared.client = shared.server


@pytest.mark.parametrize("given", [3, "client", None, Testbed])
def test_what_is_no_host(given):
    """Looking at something else than a host, or setting its sysctls, names what is meant."""
    for look in (sockets, counters, lambda host: sysctls(host, tcp_tw_reuse=1).__enter__()):
        with pytest.raises(BadValue, match=r"^host=.* is not possible. Allowed: a host of a bed that is up, such as "):
            look(given)
