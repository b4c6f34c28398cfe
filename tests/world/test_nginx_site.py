"""A learner's part of the configuration: refused, useless or right, it is the connections that tell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import Testbed, ab, backend, counters, nginx, sysctls
from tcplab.checks.lab_10 import POOLED
from tcplab.errors import BadValue
from tcplab.model.evidence import Evidence, Outcome
from tcplab.traffic import defaults, versions
from tcplab.traffic.configuration import conf_path
from tcplab.traffic.defaults import as_before, pools_by_default, spelled_out
from tcplab.traffic.site import tried
from tcplab.traffic.versions import unpacked

REQUESTS = 60
GOOD = """upstream backend { server 198.51.100.2:8080;
    keepalive  8;
}
server {
    listen  80;
    location / {
        proxy_pass  http://backend;
        proxy_http_version  1.1;
        proxy_set_header    Connection  "";
    }
}
"""
POOL = "    keepalive  8;\n"
PROXY = "        proxy_pass  http://backend;\n"
VERSION, HEADER = "        proxy_http_version  1.1;\n", '        proxy_set_header    Connection  "";\n'


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied() as bed, backend(bed.backend):
        yield bed


@pytest.fixture(params=["the machine's own", "1.30"])
def any_version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own nginx, and one that pools by default in its place."""
    if request.param != "1.30":
        return
    if "1.30" not in unpacked():
        pytest.skip("nginx 1.30 is not here; ./env/nginx unpacks it where Debian's packages can be had")
    for module in (versions, defaults):
        monkeypatch.setattr(module, "program", lambda version: f"nginx-{version or '1.30'}")
    monkeypatch.setattr("tcplab.traffic.configuration.program", lambda version: f"nginx-{version or '1.30'}")


@pytest.mark.usefixtures("any_version")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD, "one connection to the backend"),
        (GOOD.replace(POOL, ""), "nowhere to keep it"),
        (GOOD.replace(VERSION, ""), "by which HTTP"),
        (GOOD.replace(HEADER, ""), "Who clears that line"),
        (GOOD.replace(POOL, "").replace(PROXY, f"{PROXY}        keepalive_timeout  10;\n"), "So the blog has it"),
        (GOOD.replace(POOL, "").replace(PROXY, PROXY + POOL), "belongs to upstream{}"),
        (GOOD.replace(POOL, POOL.replace("8", "0")), "a pool for no connection|A pool for no connection"),
        (GOOD.replace("http://backend", "http://198.51.100.2:8080"), "it names an address"),
        (GOOD[GOOD.index("server {\n") :], "is a host's"),
        (GOOD.replace("8;", "8"), "end with a semicolon"),
        (GOOD.replace(POOL, f"{POOL}    keepalive_requests  2;\n"), "given up soon"),
        ("server { listen 80; return 200 hello; }", "has asked nobody"),
        ("", "with curl -v|the name `backend`"),
    ],
)
def test_each_file_gets_its_message(bed: Testbed, tmp_path: Path, text: str, says: str) -> None:
    """On a real proxy under load, whichever version it is."""
    own = tmp_path / "site.conf"
    own.write_text(text)
    trial = tried(own, bed.client, bed.proxy, requests=REQUESTS)
    verdict = POOLED.check(Evidence(answers={"pooled": trial}, files={"site.conf": text.encode()}))
    assert any(part in verdict.message for part in says.split("|")), (verdict, trial)
    assert verdict.passed is (text == GOOD)


@pytest.mark.usefixtures("any_version")
def test_a_refused_file_changes_nothing(bed: Testbed, tmp_path: Path) -> None:
    """nginx's own message, with the line and no folder; every request is answered by what was there before."""
    own = tmp_path / "site.conf"
    own.write_text(GOOD.replace("keepalive ", "keepaliv "))
    trial = tried(own, bed.client, bed.proxy, requests=REQUESTS)
    assert trial.refused == 'unknown directive "keepaliv" in site.conf:2'
    assert (trial.answered, trial.opened) == (REQUESTS, REQUESTS)


def test_an_untouched_file_is_no_attempt(bed: Testbed, tmp_path: Path) -> None:
    """Three dots are no directive, and no answer."""
    own = tmp_path / "site.conf"
    text = GOOD.replace(POOL, "    ...  # your turn\n")
    own.write_text(text)
    trial = tried(own, bed.client, bed.proxy, requests=REQUESTS)
    verdict = POOLED.check(Evidence(answers={"pooled": trial}, files={"site.conf": text.encode()}))
    assert verdict.outcome is Outcome.NOT_ATTEMPTED


def test_there_must_be_a_file(bed: Testbed, tmp_path: Path) -> None:
    """Under the name that proxy-site.conf includes."""
    for path in (tmp_path / "site.conf", conf_path("proxy-on")):
        with pytest.raises(BadValue, match="%%writefile"):
            tried(path, bed.client, bed.proxy)


@pytest.mark.usefixtures("any_version")
@pytest.mark.parametrize(
    ("conf", "opens"), [("off", REQUESTS), ("on", REQUESTS), ("bare", REQUESTS), ("half", REQUESTS), ("pool", 1)]
)
def test_the_old_defaults_spelled_out(
    bed: Testbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: str, opens: int
) -> None:
    """As the blog's nginx understood the four files, so does any."""
    monkeypatch.chdir(tmp_path)
    before = counters(bed.proxy)
    with nginx(bed.proxy, as_before(f"proxy-{conf}", bed.proxy)):
        report = ab(bed.client, "http://proxy/hello", requests=REQUESTS)
    assert (counters(bed.proxy) - before)["TcpActiveOpens"] == opens
    assert report.answered_well
    assert bool(list(tmp_path.iterdir())) is pools_by_default(bed.proxy)


def test_lines_stay_where_they_are() -> None:
    """What nginx complains of has the same number as in the learner's file."""
    for name in ("proxy-off", "proxy-pool", "proxy-site"):
        text = conf_path(name).read_text()
        old = spelled_out(text)
        assert len(old.splitlines()) == len(text.splitlines())
        assert ("keepalive 0;" in old) is (name == "proxy-off")


def test_two_lines_leave_every_time_wait_at_the_proxy(bed: Testbed) -> None:
    """So a hundred ports are a hundred answers, and then 502, with the reason in nginx's log."""
    squeeze = {"ip_local_port_range": (20_000, 20_099), "tcp_tw_reuse": 0, "tcp_rfc1337": 1}
    with sysctls(bed.proxy, **squeeze), nginx(bed.proxy, "proxy-half"):
        report = ab(bed.client, "http://proxy/hello", requests=150)
        log = bed.proxy.read(f"{bed.proxy.scratch}/nginx-proxy-half/error.log")
    assert (report.complete_requests, report.non_2xx_responses) == (150, 50)
    assert log.count("failed (99: Cannot assign requested address)") == 50
