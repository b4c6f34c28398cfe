"""The counters are the kernel's, as nstat shows them."""

from collections.abc import Iterator

import pytest
from tcplab import Testbed, counters

pytestmark = pytest.mark.by_anyone


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    """Two hosts and a wire."""
    with Testbed.two_hosts() as bed:
        yield bed


def test_one_connection_counts_once(bed: Testbed) -> None:
    """An active open at the client is a passive open at the server, and everything sent has arrived."""
    hosts = (bed.client, bed.server)
    before = [counters(host) for host in hosts]
    with bed.server.listen(80) as listener, bed.client.connect(bed.server, 80) as mine:
        theirs, _ = listener.accept()
        mine.sendall(b"hello")
        client, server = (counters(host) - then for host, then in zip(hosts, before, strict=True))
        theirs.close()
    assert (client["TcpActiveOpens"], server["TcpPassiveOpens"]) == (1, 1)
    assert client["TcpOutSegs"] == server["TcpInSegs"] == 3
    assert client["TcpRetransSegs"] == 0
    assert client["sockstat.TCP.inuse"] == 1
    assert (client.host, server.host) == ("client", "server")


def test_a_refused_connection(bed: Testbed) -> None:
    """Nobody listens: the server says RST, the client counts a failed attempt."""
    before = counters(bed.client), counters(bed.server)
    with pytest.raises(ConnectionRefusedError):
        bed.client.connect(bed.server, 9)
    assert (counters(bed.client) - before[0])["TcpAttemptFails"] == 1
    assert (counters(bed.server) - before[1])["TcpOutRsts"] == 1


def test_named_and_counted_as_nstat_does(bed: Testbed) -> None:
    """Every counter of TCP has the name and value that nstat gives it."""
    said = bed.client.run(["nstat", "-asz"]).stdout.splitlines()[1:]
    nstat = {name: int(value) for name, value, _ in map(str.split, said) if name.startswith("Tcp")}
    ours = counters(bed.client)
    assert len(nstat) > 100
    assert {name: ours[name] for name in nstat} == nstat
