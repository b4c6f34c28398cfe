"""ab in a host: its report, and clear errors where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import Testbed, ab, backend, counters, nginx
from tcplab.errors import BadValue, CommandFailed, ToolMissing
from tcplab.world import environment

pytestmark = pytest.mark.by_anyone


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


def test_connections_with_and_without_persistence(bed: Testbed) -> None:
    """Without -k each request opens a connection; with it all share one."""
    with nginx(bed.server):
        for persistent, opened in ((False, 200), (True, 1)):
            before = counters(bed.client)
            report = ab(bed.client, "http://server/hello", requests=200, persistent=persistent)
            assert report.complete_requests == 200
            assert report.answered_well
            assert report.total is not None
            assert report.median_ms == pytest.approx(report.total.median_ms, abs=1)
            assert report.persistent_requests == (200 if persistent else None)
            assert (counters(bed.client) - before)["TcpActiveOpens"] == opened


def test_options_are_abs_own(bed: Testbed) -> None:
    """A header of one's own arrives, and the command can be read in the report."""
    with backend(bed.server, 80):
        report = ab(bed.client, "http://server/asked", "-H", "X-From: lab 10", requests=1)
        assert report.argv[:7] == ("ab", "-n", "1", "-c", "1", "-H", "X-From: lab 10")
        assert (report.argv[7], report.argv[9]) == ("-e", "http://server/asked")
        assert report.median_ms is None  # of one request
        assert report.html_transferred_bytes == len(
            "GET /asked HTTP/1.0\nHost: server\nUser-Agent: ApacheBench/2.3\nAccept: */*\nX-From: lab 10\n"
        )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"requests": 0}, "requests=0"),
        ({"requests": "9"}, "requests='9'"),
        ({"requests": 3, "concurrency": 4}, "requests, here 3"),
        ({"concurrency": 0}, "concurrency=0"),
        ({"url": "http://server"}, "with a path"),
        ({"url": "server/hello"}, "with a path"),
    ],
)
def test_refused_before_anything_runs(bed: Testbed, wrong: dict[str, object], says: str) -> None:
    """What ab would answer with a page of usage."""
    with pytest.raises(BadValue, match=says):
        ab(bed.client, **{"url": "http://server/hello", **wrong})  # type: ignore[arg-type]


def test_nobody_listens(bed: Testbed) -> None:
    """The kernel's refusal is ab's exit code, and the way on is a command."""
    with pytest.raises(CommandFailed, match=r"Connection refused.* Try one request: curl -v http") as refused:
        ab(bed.client, "http://server/hello", requests=10)
    assert refused.value.exit_code == 111


def test_a_backend_that_dies_under_load(bed: Testbed) -> None:
    """ab gives up with a reset or a refusal, the error says so, and the bed works on."""
    with backend(bed.server, 80) as app:
        slow = bed.client.start(["ab", "-n", "100", "-c", "4", "http://server/slow/100"])
        with slow:
            assert app.exit_code is None
            app.kill()
            assert slow.wait(10) in (104, 111)
        with pytest.raises(CommandFailed, match=r"refused|reset"):
            ab(bed.client, "http://server/slow/100", requests=10)
    with nginx(bed.server):
        assert ab(bed.client, "http://server/hello", requests=10).answered_well


def test_ab_missing(bed: Testbed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says which package it comes in."""
    (tmp_path / "mkdir").symlink_to("/bin/mkdir")
    monkeypatch.setattr(environment, "path_variable", lambda: str(tmp_path))
    with pytest.raises(ToolMissing, match="apache2-utils"):
        ab(bed.client, "http://server/hello")
