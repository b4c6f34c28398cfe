"""HTTP over programmable wires: what a round trip costs in front and behind, and the stale connection, at will."""

import socket
from collections.abc import Iterator

import pytest
from tcplab import TcpState, Testbed, ab, backend, nginx, sockets, wait_until
from tcplab.model.conversation import conversations
from tcplab.model.load_report import LoadReport
from tcplab.model.round_trips import round_trips
from tcplab.wire.wire import Wire

pytestmark = pytest.mark.by_anyone

ASK = b"GET /hello HTTP/1.1\r\nHost: backend\r\n\r\n"
RTT_MS = 30


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied(link="wire") as bed:
        yield bed


def through(bed: Testbed, conf: str, **options: bool) -> LoadReport:
    """A few requests through the proxy, the first of them before."""
    with nginx(bed.proxy, conf):
        ab(bed.client, "http://proxy/hello", requests=1)
        return ab(bed.client, "http://proxy/hello", requests=5, **options)


def fastest_ms(report: LoadReport) -> int:
    """The quickest of a report's requests, with its connect()."""
    assert report.total is not None
    return report.total.min_ms


def crossed(wire: Wire) -> int:
    """The round trips that were made on a wire so far."""
    return sum(map(round_trips, conversations(wire.segments)))


def read_to_end(connection: socket.socket) -> bytes:
    """All that comes until the other side has closed."""
    connection.settimeout(10)
    return b"".join(iter(lambda: connection.recv(1000), b""))


def test_round_trips_in_front(bed: Testbed) -> None:
    """A request on a connection of its own takes two round trips, one on a persistent connection takes one."""
    with backend(bed.backend), bed.front.delay(rtt_ms=RTT_MS):
        assert fastest_ms(through(bed, "proxy-off")) >= 2 * RTT_MS
        assert crossed(bed.front) == 2 + 5 * 2
        assert fastest_ms(through(bed, "proxy-on", persistent=True)) >= RTT_MS
        assert crossed(bed.front) == 2 + 5 * 2 + 2 + (1 + 5)


def test_round_trips_behind(bed: Testbed) -> None:
    """Behind the proxy it is the upstream pool that saves the handshake's."""
    with backend(bed.backend), bed.back.delay(rtt_ms=RTT_MS):
        before = crossed(bed.back)
        assert fastest_ms(through(bed, "proxy-bare")) >= 2 * RTT_MS
        assert crossed(bed.back) - before == 2 + 5 * 2
        assert fastest_ms(through(bed, "proxy-pool")) >= RTT_MS
        assert crossed(bed.back) - before == 2 + 5 * 2 + 2 + 5


def test_a_stale_connection(bed: Testbed) -> None:
    """The backend closes an idle connection, its FIN is held, a request crosses it: a reset is the answer."""
    with (
        backend(bed.backend, idle_s=1),
        bed.back.hold(having="F", source=bed.backend) as held,
        bed.proxy.connect(bed.backend, 8080) as mine,
    ):
        mine.sendall(ASK)
        wait_until(lambda: held.waiting, within_s=10, what="the backend's FIN")
        assert len(sockets(bed.proxy, state=TcpState.ESTABLISHED)) == 1
        mine.sendall(ASK)
        with pytest.raises(ConnectionResetError):
            read_to_end(mine)


def test_a_connection_closed_in_time_is_seen(bed: Testbed) -> None:
    """Where nothing is held, the client reads the end before it writes, and can open another connection."""
    with backend(bed.backend, idle_s=1), bed.proxy.connect(bed.backend, 8080) as mine:
        mine.sendall(ASK)
        assert b"52 bytes long" in read_to_end(mine)
