"""The benchmark runner on real beds: rounds arrive, a stop leaves nothing, a second is refused, its code works."""

import signal
import threading
from collections.abc import Iterator

import pytest
from tcplab import Testbed, wait_until
from tcplab.errors import BadValue
from tcplab.live.runner import Runner, runner
from tcplab.live.view import GONE
from tcplab.observe.time_waits import time_waits
from tcplab.traffic.listening import listeners
from tcplab.world.errand import Errand, Stopped

pytestmark = pytest.mark.by_anyone

SMALL = {"requests": 20, "variants": ["off", "pool"]}


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    """Client, proxy and backend."""
    with Testbed.proxied() as bed:
        yield bed


def ended(view: Runner) -> str:
    """Wait until nothing of it runs, and return what it says."""
    wait_until(lambda: not view.runs, within_s=60, what="the benchmark")
    view.look()
    said: str = view.lead
    return said


def programs(bed: Testbed) -> str:
    """The programs of traffic that run in this world."""
    return bed.client.run(["pgrep", "-lf", "nginx|ab -n|application"], expect=(0, 1)).stdout


def test_rounds_arrive_and_are_compared(bed: Testbed) -> None:
    """Each run is drawn; in the end there is a benchmark, the sentence, and the connections of each host."""
    before = [bed.proxy.sysctl(name) for name in ("ip_forward", "tcp_tw_reuse", "tcp_max_tw_buckets")]
    view = runner(bed, **SMALL)
    assert repr(view).startswith("Not run yet. off and pool: 5 rounds of 20 requests, 1 at a time.\n")
    assert view.answer({"do": "run"}) == {}
    assert view.answer({"do": "run"})["refused"] == "It runs already. Let it end, or stop it."
    assert runner(bed).answer({"do": "run"})["refused"].startswith("Another benchmark runs on this bed.")
    wait_until(lambda: view._publish() or view.drawn["lines"], within_s=30, what="the first round")
    assert "pool takes" in ended(view)
    assert view.result is not None
    assert len(view.result) == 10
    assert [len(line) for line in view.drawn["lines"]] == [2] * 5
    assert {row["variant"]: row["opened"]["proxy"] for row in view.drawn["tiers"]} == {"off": 20, "pool": 1}
    assert programs(bed) == ""
    assert [bed.proxy.sysctl(name) for name in ("ip_forward", "tcp_tw_reuse", "tcp_max_tw_buckets")] == before


def test_its_code_does_the_same(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    """What is shown to be copied, run."""
    exec(runner(bed, requests=10, variants=["pool", "direct"]).code, {"bed": bed})
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()] == ["ms", "pool", "direct"]


def test_a_stop_leaves_nothing_running(bed: Testbed) -> None:
    """In the middle of a load, which would last: ab is killed, nginx and the backend are down, and it can run again."""
    view = runner(bed, requests=10_000, variants=["off", "on"])
    before = time_waits(bed.proxy)
    view.answer({"do": "run"})
    wait_until(lambda: time_waits(bed.proxy).new_since(before) > 50, within_s=30, what="its load")
    assert view.answer({"do": "stop"}) == {}
    assert not view.runs
    assert programs(bed) == ""
    assert not listeners(bed.proxy)
    view.look()
    assert view.lead == "Stopped before its first round was whole. Nothing of it runs any more."
    assert view.answer({"do": "stop"}) == {}
    view.answer({"do": "change", **SMALL})
    view.answer({"do": "run"})
    assert "pool takes" in ended(view)


def test_another_form_can_stop_it(bed: Testbed) -> None:
    """As when the cell was run again: the form that runs is out of the page."""
    lost, view = runner(bed, requests=10_000), runner(bed, **SMALL)
    lost.answer({"do": "run"})
    said = view.answer({"do": "run"})
    assert (said["button"], said["do"]) == ("Stop that one", "stop_other")
    assert view.answer({"do": "stop_other"}) == {}
    assert not lost.runs
    view.answer({"do": "run"})
    assert "pool takes" in ended(view)


def test_an_interrupt_of_the_notebook_does_not_reach_it(bed: Testbed) -> None:
    """^C ends the cell; the run goes on, and is stopped by its own button."""
    view = runner(bed, **SMALL)
    view.answer({"do": "run"})
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert "pool takes" in ended(view)


def test_a_proxy_that_is_taken_is_told(bed: Testbed) -> None:
    """Somebody else's server on its port."""
    with bed.proxy.listen(80):
        view = runner(bed, **SMALL)
        view.answer({"do": "run"})
        assert "nginx refused" in ended(view)
    assert programs(bed) == ""


def test_a_world_that_goes_down_meanwhile() -> None:
    """Told, with the button; then fresh hosts, and it runs."""
    with Testbed.proxied() as bed:
        view = runner(bed, requests=10_000)
        view.answer({"do": "run"})
        bed.down()
        wait_until(lambda: not view.runs, within_s=30, what="the benchmark")
        view.look()
        assert view.trouble["says"] == GONE
        assert "The world went down" in view.lead
        assert view.answer({"do": "run"})["refused"] == GONE
        assert view.answer({"do": "again"}) == {}
        view.answer({"do": "change", **SMALL})
        view.answer({"do": "run"})
        assert "pool takes" in ended(view)


def test_a_slow_wire_is_in_the_times() -> None:
    """20 ms there and back in front: two round trips a request, and the rule is gone after it."""
    with Testbed.proxied(link="wire") as bed:
        view = runner(bed, requests=10, rtt_ms=20, variants=["off", "pool"])
        view.answer({"do": "run"})
        ended(view)
        assert all(ms >= 39 for line in view.drawn["lines"] for ms in line)
        before = len(bed.front.segments)
        with bed.proxy.listen(81), bed.client.connect(bed.proxy, 81):
            assert bed.front.rules == ()
            assert all(each.delivered_s == each.time_s for each in bed.front.segments[before:])


def test_a_bed_without_a_proxy_and_a_form_that_cannot_be(bed: Testbed) -> None:
    """Refused, with what there is."""
    with Testbed.two_hosts() as two, pytest.raises(BadValue, match="proxied"):
        runner(two)
    with pytest.raises(BadValue, match="Allowed: 5 to 50"):
        runner(bed, rounds=3)
    said = runner(bed).answer({"do": "change", "rounds": "3"})
    assert (said["wrong"], said["button"], said["value"]) == ("rounds", "Put 5 back", 5)


def test_an_errand_ends_what_its_thread_waits_for(bed: Testbed) -> None:
    """Stopped before, during, or between two programs."""
    errand, heard = Errand(), []
    begun = threading.Event()

    def work() -> None:
        with errand:
            bed.client.run(["true"])
            begun.set()
            try:
                heard.append(bed.client.run(["sleep", "60"], expect=None).exit_code)
                bed.client.run(["true"])
            except Stopped:
                heard.append("stopped")

    worker = threading.Thread(target=work)
    worker.start()
    begun.wait(10)
    errand.stop()
    worker.join(10)
    assert heard in ([-9, "stopped"], ["stopped"])
    assert bed.client.run(["pgrep", "-x", "sleep"], expect=(0, 1)).stdout == ""
    with errand, pytest.raises(Stopped):
        bed.client.start(["true"])
    assert bed.client.run(["echo", "well"]).stdout == "well\n"
