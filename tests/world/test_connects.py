"""Short connections in lockstep: who holds what afterwards, to the last one; and what is refused."""

import errno
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tcplab import TcpState, Testbed, counters, sockets, sysctls
from tcplab.errors import BadValue
from tcplab.traffic import connects
from tcplab.traffic.connects import has_local_port_range, leave_time_waits, open_and_close

pytestmark = pytest.mark.by_anyone

SMALL = (40000, 40019)


@pytest.fixture
def quick() -> Iterator[Testbed]:
    """Two hosts at kernel speed."""
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


def held(host, port):
    """How many TIME_WAITs a host has on a port of the server."""
    return len(sockets(host, state=TcpState.TIME_WAIT, port=port))


def test_the_kernel_picks_and_then_refuses(quick):
    """Each port once, those of the lowest's parity first; then EADDRNOTAVAIL, and no packet more."""
    with sysctls(quick.client, ip_local_port_range=SMALL):
        row = open_and_close(quick.client, quick.server, 80, count=100)
        before = counters(quick.client)["IpOutRequests"]
        again = open_and_close(quick.client, quick.server, 80, count=100)
    assert {port % 2 for port in row.ports[:10]} == {0}
    assert sorted(row.ports) == list(range(40000, 40020))
    assert (row.refused, len(row.took_us), min(row.took_us) > 0) == (errno.EADDRNOTAVAIL, 20, True)
    assert (len(again), again.error, again.refused_us > 0) == (0, "EADDRNOTAVAIL", True)
    assert counters(quick.client)["IpOutRequests"] == before


def test_who_closes_first_holds(quick):
    """The client by default; the server where it is told so; the other nothing."""
    open_and_close(quick.client, quick.server, 80, count=50)
    open_and_close(quick.client, quick.server, 81, count=50, closer=quick.server)
    assert [held(quick.client, port) for port in (80, 81)] == [50, 0]
    assert [held(quick.server, port) for port in (80, 81)] == [0, 50]


@pytest.mark.parametrize("option", [True, False], ids=["option", "sysctl"])
@pytest.mark.parametrize("holder", ["client", "server"])
def test_as_many_as_asked(quick, monkeypatch, holder, option):
    """Exactly so many, with the socket option and without; twice is once; and the host is as it was before."""
    if not option:
        monkeypatch.setattr(connects, "has_local_port_range", lambda _: False)
    elif not has_local_port_range(quick.client):
        pytest.skip("this kernel has no IP_LOCAL_PORT_RANGE")
    host = quick.hosts[holder]
    for count in (300, 300, 1000):
        assert leave_time_waits(quick.client, quick.server, 80, count=count, holder=host) == count
        assert held(host, 80) == count
    assert held(next(other for other in quick.hosts.values() if other is not host), 80) == 0
    assert quick.client.sysctl("ip_local_port_range") == "32768 60999"
    assert [one.sysctl("tcp_rfc1337") for one in quick.hosts.values()] == ["0", "0"]


def test_a_full_range_refuses_one_destination(quick):
    """All 28,232 to one port: the next connect there is refused, elsewhere it is not."""
    steps = []

    def progress(*step: int) -> None:
        steps.append(step)

    with sysctls(quick.client, tcp_max_tw_buckets=100_000):
        made = leave_time_waits(quick.client, quick.server, 80, progress=progress)
    assert made == held(quick.client, 80) == 28_232
    assert steps == sorted(steps)
    assert steps[-1] == (28_232, 28_232)
    assert open_and_close(quick.client, quick.server, 80, count=1).error == "EADDRNOTAVAIL"
    assert len(open_and_close(quick.client, quick.server, 81, count=1)) == 1


@pytest.mark.long
def test_exact_a_hundred_times(quick):
    """A hundred fills, a hundred times every single one."""
    with sysctls(quick.client, tcp_max_tw_buckets=1_000_000), sysctls(quick.server, tcp_max_tw_buckets=1_000_000):
        for port in range(1001, 1101):
            host = quick.hosts["client" if port % 2 else "server"]
            leave_time_waits(quick.client, quick.server, port, count=2000, holder=host)
            assert held(host, port) == 2000


def test_over_a_wire_too(bed):
    """A few over the wire, where every segment is recorded."""
    assert leave_time_waits(bed.client, bed.server, 80, count=20) == held(bed.client, 80) == 20


def test_too_few_buckets_are_refused_with_the_way_out(quick):
    """Below the number asked for, the kernel would drop TIME_WAITs in silence; what is there already counts."""
    with sysctls(quick.server, tcp_max_tw_buckets=100):
        leave_time_waits(quick.client, quick.server, 80, count=100, holder=quick.server)
        leave_time_waits(quick.client, quick.server, 80, count=100, holder=quick.server)
        with pytest.raises(BadValue, match=r"sysctl -w net\.ipv4\.tcp_max_tw_buckets=202"):
            leave_time_waits(quick.client, quick.server, 80, count=101, holder=quick.server)
        assert leave_time_waits(quick.client, quick.server, 81, count=200) == 200  # the client has a limit of its own


def test_an_interrupt_leaves_the_hosts_usable(quick, monkeypatch):
    """^C in the middle: the program is gone, the settings are back, and the next call works."""
    monkeypatch.setattr(connects, "has_local_port_range", lambda _: False)

    def interrupt(done: int, _: int) -> None:
        if done > 200:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        leave_time_waits(quick.client, quick.server, 80, count=5000, progress=interrupt)
        pytest.fail("the interrupt was swallowed")
    assert quick.client.sysctl("ip_local_port_range") == "32768 60999"
    assert quick.client.sysctl("tcp_rfc1337") == "0"
    assert leave_time_waits(quick.client, quick.server, 80, count=500) == 500


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"count": 0}, "count=0"),
        ({"count": 28_233}, "1 to 28232"),
        ({"count": 2.5}, "count=2.5"),
        ({"port": 0}, "port=0"),
        ({"holder": "client"}, "client or server"),
    ],
)
def test_what_is_no_value_is_refused(quick, given, says):
    """Before anything is opened."""
    with pytest.raises(BadValue, match=says):
        leave_time_waits(quick.client, quick.server, **{"port": 80, "count": 10, **given})


def test_a_port_with_a_listener_is_the_kernels_to_refuse(quick):
    """EADDRINUSE, as for anybody."""
    with quick.server.listen(80), pytest.raises(OSError, match="Address already in use"):
        open_and_close(quick.client, quick.server, 80, count=1)
    with pytest.raises(BadValue, match="count"):
        open_and_close(quick.client, quick.server, 80, count=0)
