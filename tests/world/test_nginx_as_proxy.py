"""nginx between client and backend: four whole files, what each opens, and a reload that loses nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tcplab import Testbed, ab, backend, counters, nginx
from tcplab.errors import NginxRefused
from tcplab.traffic.backend import Backend
from tcplab.traffic.configuration import conf_path
from tcplab.traffic.curl import curl

REQUESTS = 300


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied() as bed:
        yield bed


@pytest.fixture
def app(bed: Testbed) -> Iterator[Backend]:
    with backend(bed.backend) as app:
        yield app


def opened(bed: Testbed, conf: str | Path, *, persistent: bool = False, version: str | None = None) -> int:
    """How many connections the proxy opens for so many requests."""
    with nginx(bed.proxy, conf, version=version):
        before = counters(bed.proxy)
        report = ab(bed.client, "http://proxy/hello", requests=REQUESTS, persistent=persistent)
        assert (report.complete_requests, report.answered_well) == (REQUESTS, True)
        assert report.html_transferred_bytes == 52 * REQUESTS
        return (counters(bed.proxy) - before)["TcpActiveOpens"]


def before_1_29_7(bed: Testbed) -> bool:
    """Whether the machine's own nginx has no upstream pool by default."""
    with nginx(bed.proxy, "proxy-off") as web:
        return not web.pools_by_default


def test_connections_to_the_backend(bed: Testbed, app: Backend) -> None:
    """The blog's "off" and "on" differ in nothing behind the proxy; the pool needs one connection."""
    expected = REQUESTS if before_1_29_7(bed) else 1
    for persistent in (False, True):
        assert opened(bed, "proxy-off", persistent=persistent) == expected
        assert opened(bed, "proxy-on", persistent=persistent) == expected
    assert opened(bed, "proxy-pool") == 1
    assert opened(bed, "proxy-bare") == REQUESTS


def test_off_and_on_send_the_same_bytes(bed: Testbed, app: Backend) -> None:
    """Without -k the client's connection is closed in both: byte-identical answers (claim S26a)."""
    sizes = []
    for conf in ("proxy-off", "proxy-on"):
        with nginx(bed.proxy, conf):
            sizes.append(ab(bed.client, "http://proxy/hello", requests=50).total_transferred_bytes)
    assert sizes[0] == sizes[1]


def changed(one: str, other: str) -> list[str]:
    """The lines of another file that one does not have, without comments and blanks."""
    have = conf_path(one).read_text().splitlines()
    lines = [line for line in conf_path(other).read_text().splitlines() if line not in have]
    return [" ".join(line.split()) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def test_the_files_are_meant_for_diff() -> None:
    """Each differs from its neighbour in the lines that the lesson is about, and in no other."""
    assert changed("proxy-off", "proxy-on") == ["keepalive_timeout 10;"]
    pool = ["keepalive 8;", "proxy_http_version 1.1;", 'proxy_set_header Connection "";']
    assert changed("proxy-on", "proxy-pool") == pool
    assert changed("proxy-off", "proxy-bare") == ["proxy_pass http://198.51.100.2:8080;"]


@pytest.mark.parametrize("left_out", ["keepalive  8;", "proxy_http_version", "proxy_set_header"])
def test_the_pool_needs_all_three_lines(bed: Testbed, app: Backend, tmp_path: Path, left_out: str) -> None:
    """Before 1.29.7 two of them are as good as none (claim S25)."""
    own = tmp_path / "mine.conf"
    lines = conf_path("proxy-pool").read_text().splitlines()
    own.write_text("\n".join(line for line in lines if left_out not in line))
    count = opened(bed, own)
    assert count == REQUESTS if before_1_29_7(bed) else count in (1, REQUESTS)


def test_a_reload_loses_no_request(bed: Testbed, app: Backend, tmp_path: Path) -> None:
    """While eight clients ask, each request on a connection of its own, the file changes; all are answered well."""
    own = tmp_path / "mine.conf"
    confs = [conf_path(name).read_text() for name in ("proxy-off", "proxy-pool")]
    own.write_text(confs[0])
    with nginx(bed.proxy, own) as web, ThreadPoolExecutor(1) as beside:
        load = beside.submit(ab, bed.client, "http://proxy/hello", requests=4000, concurrency=8)
        reloads = 0
        while not load.done():
            own.write_text(confs[(reloads + 1) % 2])
            web.reload()
            reloads += 1
        report = load.result()
    assert reloads > 3
    assert (report.complete_requests, report.answered_well) == (4000, True)


def test_a_bad_file_changes_nothing(bed: Testbed, app: Backend, tmp_path: Path) -> None:
    """nginx's own message, with file and line; the old configuration answers on."""
    own = tmp_path / "mine.conf"
    good = conf_path("proxy-pool").read_text()
    own.write_text(good)
    number = next(at for at, line in enumerate(good.splitlines(), 1) if "proxy_http_version" in line)
    with nginx(bed.proxy, own) as web:
        own.write_text(good.replace("proxy_http_version", "proxy_http_versoin"))
        with pytest.raises(NginxRefused, match="serves on with the configuration that it had") as refused:
            web.reload()
        assert refused.value.reason == f'unknown directive "proxy_http_versoin" in {own}:{number}'
        assert curl(bed.client, "http://proxy/hello").status == 200
        with bed.proxy.listen(8081):
            own.write_text(good.replace("listen  80;", "listen  8081;"))
            with pytest.raises(NginxRefused, match=r"bind\(\) to 0.0.0.0:8081 failed"):
                web.reload()
        assert curl(bed.client, "http://proxy/hello").status == 200
    own.write_text(good.replace("keepalive  8;", "keepalive  eight;"))
    refused_at_start = pytest.raises(NginxRefused, match=r'invalid value "eight" .*It does not run: mend that')
    with refused_at_start, nginx(bed.proxy, own):
        pass
    own.write_text(good.replace("keepalive  8;", "keepalive  8"))
    with pytest.raises(NginxRefused, match="each line ends with a semicolon"), nginx(bed.proxy, own):
        pass


def test_the_backend_dies_behind_the_proxy(bed: Testbed) -> None:
    """The proxy answers 502 for it, in full: ab counts them as not 2xx."""
    with backend(bed.backend) as app, nginx(bed.proxy, "proxy-pool"):
        assert ab(bed.client, "http://proxy/hello", requests=20).answered_well
        app.kill()
        report = ab(bed.client, "http://proxy/hello", requests=20)
        assert (report.complete_requests, report.non_2xx_responses) == (20, 20)
