"""The application behind the proxy: fixed answers, persistent connections or not, and a death that is told."""

import signal
from collections.abc import Iterator

import pytest
from tcplab import TcpState, Testbed, counters, sockets, wait_until
from tcplab.errors import BadValue, CommandFailed
from tcplab.traffic.backend import backend
from tcplab.traffic.curl import curl


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied() as bed:
        yield bed


def test_answers(bed: Testbed) -> None:
    """/hello is 52 bytes each time; the other paths do what they say; what is unknown is refused."""
    with backend(bed.backend) as app:
        for _ in range(3):
            answer = curl(bed.proxy, app.url)
            assert (answer.status, len(answer.body)) == (200, 52)
        root = app.url.removesuffix("/hello")
        assert curl(bed.proxy, f"{root}/slow/30").body == answer.body
        assert [curl(bed.proxy, f"{root}/error/{status}").status for status in (404, 500, 503)] == [404, 500, 503]
        assert "It is 20" in curl(bed.proxy, f"{root}/clock").body
        asked = curl(bed.proxy, f"{root}/asked", "--http1.0").body.splitlines()
        assert asked[0] == "GET /asked HTTP/1.0"
        assert "Host: 198.51.100.2:8080" in asked
        for strange in ("/", "/hello/you", "/slow/soon", "/slow/60001", "/error/200"):
            assert curl(bed.proxy, f"{root}{strange}").status == 404


@pytest.mark.parametrize(
    ("options", "persistent", "opened"),
    [
        ([], True, 1),
        (["--http1.0"], True, 3),
        (["--http1.0", "-H", "Connection: keep-alive"], True, 1),
        ([], False, 3),
    ],
)
def test_three_requests(bed: Testbed, options: list[str], persistent: bool, opened: int) -> None:
    """HTTP/1.1 persists and 1.0 may be asked to; a backend that is not persistent closes after each answer."""
    with backend(bed.backend, persistent=persistent) as app:
        before = counters(bed.proxy)
        bed.proxy.run(["curl", "--silent", *options, app.url, app.url, app.url])
        assert (counters(bed.proxy) - before)["TcpActiveOpens"] == opened


def test_an_idle_connection_is_closed_by_the_backend(bed: Testbed) -> None:
    """After idle_s the backend is the active closer: its client reads the end, and holds CLOSE_WAIT."""
    with backend(bed.backend, idle_s=1), bed.proxy.connect(bed.backend, 8080) as mine:
        mine.sendall(b"GET /hello HTTP/1.1\r\nHost: backend\r\n\r\n")
        mine.settimeout(10)
        while mine.recv(1000):
            pass
        port = mine.getsockname()[1]
        assert [one.state for one in sockets(bed.proxy, port=port)] == [TcpState.CLOSE_WAIT]


def test_more_requests_than_threads_wait(bed: Testbed) -> None:
    """With one thread a slow request keeps the next one waiting; with two it does not."""
    for threads, patience_s, waits in ((1, "0.7", True), (2, "40", False)):
        with backend(bed.backend, threads=threads) as app, bed.proxy.connect(bed.backend, 8080) as slow:
            slow.sendall(b"GET /slow/50000 HTTP/1.1\r\nHost: backend\r\n\r\n")
            wait_until(lambda: not queued(bed), within_s=5)
            taken = bed.proxy.run(["curl", "--silent", "--max-time", patience_s, app.url], expect=(0, 28))
            assert (taken.exit_code == 28) is waits


def queued(bed: Testbed) -> int:
    """Bytes that came and that the backend has not read yet."""
    return sum(one.receive_queue_bytes for one in sockets(bed.backend, state=TcpState.ESTABLISHED))


def test_a_port_already_taken(bed: Testbed) -> None:
    """It says so, and nothing stays behind."""
    taken = pytest.raises(CommandFailed, match="cannot listen on port 8080: Address already in use")
    with bed.backend.listen(8080), taken, backend(bed.backend):
        pass
    with backend(bed.backend) as app, bed.proxy.connect(bed.backend, 8080):
        assert app.exit_code is None
    with backend(bed.backend):  # beside the TIME_WAITs of the one before
        pass
    assert sockets(bed.backend, state=TcpState.LISTEN) == []


def test_a_death_that_nobody_asked_for_is_told(bed: Testbed) -> None:
    """Killed by somebody else, it is an error at the end of the block; killed by kill(), it is what was wanted."""

    def somebody_else_kills_it() -> None:
        with backend(bed.backend) as app:
            bed.backend.run(["kill", "-9", str(app.pid)])
            wait_until(lambda: app.exit_code is not None, within_s=5)

    with pytest.raises(CommandFailed, match="ended with exit code -9"):
        somebody_else_kills_it()
    with backend(bed.backend) as app:
        app.kill()
        assert app.exit_code == -signal.SIGKILL
        assert "ended with exit code -9" in repr(app)
        with pytest.raises(ConnectionRefusedError):
            bed.proxy.connect(bed.backend, 8080)


def test_a_paused_backend_accepts_and_does_not_answer(bed: Testbed) -> None:
    """The kernel shakes hands for a stopped process; the answer comes when it goes on."""
    with backend(bed.backend) as app:
        app.pause()
        with bed.proxy.connect(bed.backend, 8080) as mine:
            mine.sendall(b"GET /hello HTTP/1.0\r\n\r\n")
            mine.settimeout(0.2)
            with pytest.raises(TimeoutError):
                mine.recv(1)
            app.resume()
            mine.settimeout(10)
            assert mine.recv(8) == b"HTTP/1.0"


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": "80"}, {"idle_s": 0}, {"idle_s": -1}, {"threads": 0}, {"backlog": 0}]
)
def test_refusals(bed: Testbed, wrong: dict[str, int]) -> None:
    """What cannot be is refused before anything starts."""
    with pytest.raises(BadValue, match=next(iter(wrong))), backend(bed.backend, **wrong):
        pass
