"""Three versions of nginx side by side: each with its own idea of what a proxy does by default."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import Testbed, ab, backend, counters, nginx
from tcplab.errors import BadValue, NginxRefused
from tcplab.traffic.backend import Backend
from tcplab.traffic.configuration import conf_path
from tcplab.traffic.curl import curl
from tcplab.traffic.versions import WANTED, nginx_versions, number_of, unpacked
from tcplab.world import environment

REQUESTS = 150
EACH = [None, *WANTED]


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied() as bed:
        yield bed


@pytest.fixture(scope="module")
def app(bed: Testbed) -> Iterator[Backend]:
    with backend(bed.backend) as app:
        yield app


def skip_what_is_missing(version: str | None) -> None:
    """A version that could not be had is named."""
    if version is not None and version not in unpacked():
        pytest.skip(f"nginx {version} is not here; ./env/nginx unpacks it where Debian's packages can be had")


@pytest.mark.parametrize("version", EACH)
@pytest.mark.parametrize(("conf", "pool"), [("off", None), ("on", None), ("pool", True), ("bare", False)])
def test_connections_to_the_backend(
    bed: Testbed, app: Backend, version: str | None, conf: str, pool: bool | None
) -> None:
    """From 1.29.7 on the blog's "off" and "on" both pool; the pool of its own needs one connection everywhere."""
    skip_what_is_missing(version)
    with nginx(bed.proxy, f"proxy-{conf}", version=version) as web:
        assert version is None or web.version.startswith(f"{version}.")
        before = counters(bed.proxy)
        report = ab(bed.client, "http://proxy/hello", requests=REQUESTS)
        assert (report.complete_requests, report.answered_well) == (REQUESTS, True)
        opened = (counters(bed.proxy) - before)["TcpActiveOpens"]
        # 1.18 closes a pooled connection after 100 requests, as keepalive_requests was then; later ones after 1,000.
        few = range(1, 4)
        assert opened in few if (web.pools_by_default if pool is None else pool) else opened == REQUESTS


@pytest.mark.parametrize("version", WANTED)
def test_each_is_like_the_machines_own(bed: Testbed, app: Backend, version: str, tmp_path: Path) -> None:
    """It reloads, logs, refuses with its reason, and is gone after the block."""
    skip_what_is_missing(version)
    own = tmp_path / "own.conf"
    own.write_text("events {}\nhttp { access_log access.log; server { listen 80; return 200 old; } }\n")
    with nginx(bed.proxy, own, version=version) as web:
        assert curl(bed.client, "http://proxy/").body == "old"
        own.write_text(own.read_text().replace("old", "new"))
        web.reload()
        assert curl(bed.client, "http://proxy/").body == "new"
        assert len(web.access_log()) == 2
        own.write_text("events {}\nlisen 80;\n")
        with pytest.raises(NginxRefused) as refused:
            web.reload()
        assert refused.value.reason == f'unknown directive "lisen" in {own}:2'
        assert curl(bed.client, "http://proxy/").body == "new"
    with pytest.raises(ConnectionRefusedError):
        bed.client.connect(bed.proxy, 80)


def test_versions_are_told(bed: Testbed) -> None:
    """By what version= takes, oldest first; the machine's own under None."""
    found = nginx_versions(bed.proxy)
    assert found.here[None] == number_of(bed.proxy, "nginx")
    assert list(found.here.values()) == sorted(found.here.values(), key=lambda each: list(map(int, each.split("."))))
    assert {*found.here, *found.missing} == {None, *WANTED}
    assert f"nginx {found.here[None]}, the machine’s own" in repr(found)


def test_a_version_that_is_not_here(bed: Testbed, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with the command that brings it."""
    with pytest.raises(BadValue, match=r"\./env/nginx"), nginx(bed.proxy, version="0.9"):
        pass
    monkeypatch.setattr("tcplab.traffic.versions.tools", lambda: None)
    monkeypatch.setattr(environment, "tools", lambda: None)
    assert nginx_versions(bed.proxy).missing == WANTED
    assert "nginx 1.18 is not here and will be left out; ./env/nginx unpacks it" in repr(nginx_versions(bed.proxy))


def test_the_log_of_a_version_without_the_option(bed: Testbed) -> None:
    """1.18 knows no -e: the file's own error_log, or one on the command line, takes its place."""
    skip_what_is_missing("1.18")
    with nginx(bed.proxy, "proxy-pool", version="1.18") as web:
        assert "-e" not in web.argv
        assert not any("error_log" in word for word in web.argv)
    assert "error_log" in conf_path("proxy-pool").read_text()
