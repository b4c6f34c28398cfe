"""nginx in a host: ready when it says so, read again on request, gone at the end, and honest about refusals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import TcpState, Testbed, sockets
from tcplab.errors import BadValue, CommandFailed
from tcplab.traffic.configuration import conf_path
from tcplab.traffic.curl import curl
from tcplab.traffic.nginx import nginx

OWN = """
events {}
http { access_log access.log; server { listen 8080; return 200 "%s"; } }
"""


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


def test_it_serves_as_soon_as_it_is_ready(bed: Testbed) -> None:
    """The first request after `with` is answered, each time."""
    for _ in range(10):
        with nginx(bed.server) as web:
            assert web.ports == (80,)
            answer = curl(bed.client, "http://server/hello")
            assert (answer.status, len(answer.body)) == (200, 52)


def test_it_is_gone_after_the_block(bed: Testbed) -> None:
    """No listener and no process of it stays, also where the block fails."""
    seen: list[str] = []

    def fail_while_it_runs() -> None:
        with nginx(bed.server) as web:
            seen.extend([str(web.pid), *bed.server.read(f"/proc/{web.pid}/task/{web.pid}/children").split()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_while_it_runs()
    assert len(seen) == 2
    assert sockets(bed.server, state=TcpState.LISTEN) == []
    for number in seen:
        with pytest.raises(FileNotFoundError):
            bed.server.read(f"/proc/{number}/stat")


def test_access_log_has_every_answered_request(bed: Testbed) -> None:
    """A request that was answered is in the log, although nginx writes it after the answer."""
    with nginx(bed.server) as web:
        for count in range(1, 30):
            curl(bed.client, f"http://server/{count}")
            assert len(web.access_log()) == count
        assert '"GET /29 HTTP/1.1" 200 52' in web.access_log()[-1]


def test_two_answers_to_who_closes(bed: Testbed) -> None:
    """The file hello leaves the connection open, close ends it; the files differ in that line and its comments."""
    for conf, header in (("hello", "keep-alive"), ("close", "close")):
        with nginx(bed.server, conf):
            assert f"Connection: {header}" in curl(bed.client, "http://server/", "--include").body
    hello, close = (conf_path(name).read_text().splitlines() for name in ("hello", "close"))
    changed = [(a, b) for a, b in zip(hello, close, strict=True) if a != b and not a.lstrip().startswith("#")]
    assert [a.split() for a, _ in changed] == [["keepalive_timeout", "75s;"]]


def test_reload_serves_with_the_new_file(bed: Testbed, tmp_path: Path) -> None:
    """After reload() a request meets the new configuration; a file that nginx refuses changes nothing."""
    own = tmp_path / "own site.conf"
    own.write_text(OWN % "old")
    with nginx(bed.server, own) as web:
        for body in ("new", "newer"):
            own.write_text(OWN % body)
            web.reload()
            assert curl(bed.client, "http://server:8080/").body == body
        own.write_text("events {} lisen 80;")
        with pytest.raises(CommandFailed, match='unknown directive "lisen"'):
            web.reload()
        assert curl(bed.client, "http://server:8080/").body == "newer"


def test_a_user_line_of_ones_own_is_respected(bed: Testbed, tmp_path: Path) -> None:
    """A whole file from elsewhere may name its user; no second one is forced on it."""
    own = tmp_path / "own.conf"
    own.write_text("user nobody nogroup;\n" + OWN % "mine")
    with nginx(bed.server, own) as web:
        assert not any("user root" in word for word in web.argv)
        assert curl(bed.client, "http://server:8080/").body == "mine"


def test_refusals_say_why(bed: Testbed, tmp_path: Path) -> None:
    """A bad file, a taken port and an unknown name each say what is wrong; nothing stays behind."""
    bad = tmp_path / "bad.conf"
    bad.write_text("events {}\nhttp { server { lisen 80; } }")
    with pytest.raises(CommandFailed, match=r'unknown directive "lisen" in .*bad.conf:2'), nginx(bed.server, bad):
        pass
    with pytest.raises(BadValue, match="close, hello"), nginx(bed.server, "hallo"):
        pass
    with (
        bed.server.listen(80),
        pytest.raises(CommandFailed, match=r"bind\(\) to 0.0.0.0:80 failed \(98"),
        nginx(bed.server),
    ):
        pass
    assert sockets(bed.server, state=TcpState.LISTEN) == []


def test_service_in_the_host(bed: Testbed) -> None:
    """`sudo service nginx reload` works where nginx runs, and says so where it does not."""
    with nginx(bed.server):
        assert bed.server.run(["sudo", "service", "nginx", "reload"]).stderr == ""
        assert "nginx is running" in bed.server.run(["service", "nginx", "status"]).stdout
        assert bed.client.run(["service", "nginx", "reload"], expect=(3,)).stderr == "nginx is not running in client\n"
    assert bed.server.run(["service", "nginx", "reload"], expect=(3,)).stderr == "nginx is not running in server\n"
    assert "unrecognized" in bed.server.run(["service", "apache2", "reload"], expect=(1,)).stderr


def test_version_is_nginx_s_own(bed: Testbed) -> None:
    """The version can be compared by eye with `nginx -v`."""
    with nginx(bed.server) as web:
        assert f"nginx/{web.version}" in bed.server.run(["nginx", "-v"]).stderr
        assert repr(web) == f"nginx {web.version} on server, port 80 (hello.conf)"
