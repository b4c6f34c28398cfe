"""A paired benchmark between three hosts: counts per tier, and an interruption that leaves nothing running."""

import os
import signal
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from tcplab import Testbed, ab, backend, benchmark, nginx, sysctls, wait_until
from tcplab.model.load_report import LoadReport
from tcplab.notebook.bar import Bar
from tcplab.observe.time_waits import time_waits

pytestmark = pytest.mark.by_anyone

REQUESTS = 60


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.proxied() as bed:
        yield bed


def through(bed: Testbed, conf: str) -> LoadReport:
    """A load through a proxy that is started for it."""
    with nginx(bed.proxy, conf):
        return ab(bed.client, "http://proxy/hello", requests=REQUESTS)


def test_connections_beside_each_time(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """Each run has its own counts, whatever TIME_WAITs earlier ones have left."""
    hosts = [bed.client, bed.proxy, bed.backend]
    with backend(bed.backend) as app, sysctls(bed.proxy, ip_forward=1):
        variants = {
            "bare": partial(through, bed, "proxy-bare"),
            "pool": partial(through, bed, "proxy-pool"),
            "direct": lambda: ab(bed.client, app.url, requests=REQUESTS),
        }
        found = benchmark(variants, hosts=hosts, progress=Bar("measured"))
    for run in found:
        assert run.report is not None
        assert run.report.answered_well
        assert run.opened["client"] == REQUESTS
        assert run.opened["backend"] == 0
    assert {run.opened["proxy"] for run in found.of("bare")} == {REQUESTS}
    assert {run.opened["proxy"] for run in found.of("pool")} == {1}
    assert {run.opened["proxy"] for run in found.of("direct")} == {0}
    # ab reads to the end before it closes: the server of a connection is its active closer.
    assert {run.time_waits["client"] for run in found} == {0}
    assert {run.time_waits["backend"] for run in found.of("direct")} == {REQUESTS}
    assert {run.time_waits["proxy"] for run in found.of("pool")} == {REQUESTS + 1}
    for run in found.of("bare"):
        assert run.time_waits["proxy"] + run.time_waits["backend"] >= 2 * REQUESTS * 0.98
    assert found.opened("client").ratio("pool").verdict == "no difference seen"
    assert capsys.readouterr().out.endswith(" 15\n")


def test_interrupted_it_leaves_nothing_running(bed: Testbed) -> None:
    """^C in the middle of a load: no ab, no nginx, and the bed works on."""

    def interrupt() -> None:
        wait_until(lambda: time_waits(bed.proxy).new_since(before) > 50, within_s=20)
        os.kill(os.getpid(), signal.SIGINT)

    before = time_waits(bed.proxy)
    with backend(bed.backend):
        beside = threading.Thread(target=interrupt)

        def endless() -> LoadReport:
            beside.start()
            with nginx(bed.proxy, "proxy-bare"):
                return ab(bed.client, "http://proxy/hello", requests=1_000_000)

        with pytest.raises(KeyboardInterrupt):
            benchmark({"endless": endless, "other": endless}, hosts=[bed.client, bed.proxy])
        beside.join()
        for name in ("ab", "nginx"):
            assert bed.client.run(["pgrep", "-x", name], expect=(0, 1)).stdout == ""
        assert through(bed, "proxy-pool").answered_well
