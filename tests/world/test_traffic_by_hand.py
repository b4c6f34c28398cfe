"""A telnet-like session and curl: who closes first is decided, not raced for."""

import errno
from collections.abc import Iterator

import pytest
from tcplab import TcpState, Testbed, sockets, wait_until
from tcplab.errors import CommandFailed, NotReady
from tcplab.traffic.curl import curl
from tcplab.traffic.nginx import Nginx, nginx
from tcplab.traffic.telnet import telnet

pytestmark = pytest.mark.by_anyone

ASK = "GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts() as bed:
        yield bed


@pytest.fixture(scope="module")
def web(bed: Testbed) -> Iterator[Nginx]:
    with nginx(bed.server) as web:
        yield web


@pytest.mark.usefixtures("web")
def test_reading_to_the_end_makes_the_server_the_active_closer(bed: Testbed) -> None:
    """Forty sessions leave forty TIME_WAIT sockets on the server, none on the client."""
    for _ in range(40):
        with telnet(bed.client, bed.server, 80) as session:
            session.type(ASK)
            session.read_to_end()
    assert len(sockets(bed.client, state=TcpState.TIME_WAIT)) == 0
    assert len(sockets(bed.server, state=TcpState.TIME_WAIT)) == 40


@pytest.mark.usefixtures("web")
def test_a_session_shows_what_crosses(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints what telnet would, with > before what was typed and < before what came."""
    with telnet(bed.client, bed.server, 80) as session:
        session.type("GET /hello HTTP/1.0\n\n")
        said = session.read_to_end()
    shown = capsys.readouterr().out.splitlines()
    assert shown[:4] == ["Trying 192.0.2.2…", "Connected to server.", "> GET /hello HTTP/1.0", ">"]
    assert shown[-1] == "Connection closed by foreign host."
    assert said.startswith("HTTP/1.1 200 OK\r\n")
    assert [line for line in shown if line.startswith("<")] == [f"< {line}".rstrip() for line in said.splitlines()]


@pytest.mark.usefixtures("web")
def test_an_open_connection_is_said_to_be_open(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """HTTP/1.1 keeps the connection: read_to_end says so with the way out, and closing is then ours to do."""
    session = telnet(bed.client, bed.server, 80)
    session.type("GET / HTTP/1.1\nHost: server\n\n")
    with pytest.raises(NotReady, match="Connection: close"):
        session.read_to_end(within_s=0.3)
    assert "bytes long" in capsys.readouterr().out
    port = session.socket.getsockname()[1]
    session.close()
    session.close()
    assert repr(session) == "telnet session, closed"
    wait_until(lambda: sockets(bed.client, port=port, state=TcpState.TIME_WAIT), within_s=5, what="nginx's FIN")
    assert len(sockets(bed.client, port=port)) == 1


@pytest.mark.usefixtures("web")
def test_two_answers_on_one_connection(bed: Testbed) -> None:
    """read_answer leaves the connection as it is, and says so when no answer comes."""
    with telnet(bed.client, bed.server, 80) as session:
        for _ in (1, 2):
            session.type("GET / HTTP/1.1\nHost: server\n\n")
            assert session.read_answer().endswith("52 bytes long.\r\n")
        with pytest.raises(NotReady, match="Content-Length"):
            session.read_answer(within_s=0.1)
        session.type("GET / HTTP/1.1\nHost: server\nConnection: close\n\n")
        assert session.read_answer()
        with pytest.raises(NotReady, match="Content-Length"):
            session.read_answer()


def test_the_kernels_refusal_is_the_kernels(bed: Testbed) -> None:
    """Nobody listens: ECONNREFUSED, as it stands in the book."""
    with pytest.raises(OSError, match="refused") as refused:
        telnet(bed.client, bed.server, 81)
    assert refused.value.errno == errno.ECONNREFUSED


@pytest.mark.usefixtures("web")
def test_curl_says_what_came_of_it(bed: Testbed) -> None:
    """Status and body where it worked; exit code and message where it did not."""
    answer = curl(bed.client, "http://server/")
    assert (answer.exit_code, answer.status, len(answer.body), answer.message) == (0, 200, 52, "")
    assert repr(answer) == "HTTP status 200, 52 bytes"

    refused = curl(bed.client, "http://server:81/", expect=(7,))
    assert (refused.exit_code, refused.status, refused.body) == (7, None, "")
    assert refused.message.startswith("curl: (7)")
    with pytest.raises(CommandFailed, match=r"curl: \(7\)"):
        curl(bed.client, "http://server:81/")


@pytest.mark.usefixtures("web")
def test_curl_closes_first(bed: Testbed) -> None:
    """The program curl ends with the last byte of the body, so the client is left with TIME_WAIT."""
    before = {each.four_tuple for each in sockets(bed.client, state=TcpState.TIME_WAIT)}  # some end meanwhile
    curl(bed.client, "http://192.0.2.2/")

    def new() -> int:
        return len({each.four_tuple for each in sockets(bed.client, state=TcpState.TIME_WAIT)} - before)

    wait_until(lambda: new() == 1, within_s=5, what="nginx's FIN")
