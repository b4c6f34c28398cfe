"""Runs side by side: a table with a time and the connections beside it, and ratios by round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tcplab.errors import BadValue
from tcplab.model.benchmark import Benchmark, Run
from tcplab.model.load_report import LoadReport
from tcplab.traffic.benchmark import benchmark

HOSTS = ("client", "proxy", "backend")


def made(off_ms, on_ms, *, opened=(500, 500), report=None):
    """Two variants, as many rounds as there are times."""
    runs = []
    for number, pair in enumerate(zip(off_ms, on_ms, strict=True), 1):
        for name, ms, count in zip(("off", "on"), pair, opened, strict=True):
            runs.append(Run(name, number, ms, dict.fromkeys(HOSTS, count), dict.fromkeys(HOSTS, count + 1), report))
    return Benchmark(runs, ["off", "on"])


def test_table_has_a_line_for_each_variant():
    """Medians over the rounds, narrow enough for a notebook with JupyterLab's list of files beside it."""
    shown = repr(made([2, 2, 2, 2, 4], [1, 1, 1, 1, 2], opened=(5000, 1))).splitlines()
    assert shown[0].split() == ["ms", "opened:", *HOSTS, "TIME_WAIT:", *HOSTS]
    assert shown[1].split() == ["off", "2.000", *["5,000"] * 3, *["5,001"] * 3]
    assert shown[2].split() == ["on", "1.000", *["1"] * 3, *["2"] * 3]
    assert max(map(len, shown)) <= 80


def test_no_difference_is_said_where_the_interval_includes_1():
    """The blog's two numbers were such a pair."""
    found = made([2.0, 2.1, 2.2, 2.0, 2.1], [2.1, 2.0, 2.1, 2.1, 2.0])
    assert found.times.ratio("on").verdict == "no difference seen"
    assert "5 rounds: no difference seen" in repr(found.times)


def test_connections_compare_round_by_round():
    """Counts are compared as times are."""
    found = made([2] * 5, [2] * 5, opened=(500, 5))
    assert found.opened("proxy").ratio().median == pytest.approx(0.01)
    assert found.time_waits("backend").values("off") == (501,) * 5
    with pytest.raises(BadValue, match="client, proxy, backend"):
        found.opened("server")
    with pytest.raises(BadValue, match="above 0"):
        made([2] * 5, [2] * 5, opened=(500, 0)).opened("proxy")


def test_answers_that_were_not_well_are_not_hidden():
    """A load of 502s may be quick; the table says so."""
    report = LoadReport("nginx", "proxy", 80, "/", 52, 1, 1.0, 50, 0, 1, 1, non_2xx_responses=50)
    assert repr(made([2] * 5, [1] * 5, report=report)).count("not all answered well in 5 of 5 rounds") == 2


def test_runs_by_variant_and_in_order():
    """A benchmark is the sequence of its runs."""
    found = made([1, 2, 3, 4, 5], [9, 8, 7, 6, 5])
    assert [run.each_ms for run in found.of("on")] == [9, 8, 7, 6, 5]
    assert len(found) == 10
    assert found[:2] == (found[0], found[1])
    assert repr(found[0]).startswith("off, round 1: 1.000 ms; opened: client 500, proxy 500")
    with pytest.raises(BadValue, match="off, on"):
        found.of("pool")


@given(st.integers(5, 9), st.integers(0, 1000))
def test_every_variant_runs_once_in_every_round(rounds, seed):
    """Shuffled by the seed, complete in each round, and progress is told after each."""
    said, told = [], []
    variants = {name: lambda name=name: said.append(name) or 1.0 for name in ("a", "b", "c")}
    found = benchmark(variants, hosts=[], rounds=rounds, seed=seed, progress=lambda *now: told.append(now))
    assert [run.variant for run in found] == said
    for at in range(rounds):
        assert sorted(said[3 * at : 3 * at + 3]) == ["a", "b", "c"]
    assert told == [(done, 3 * rounds) for done in range(1, 3 * rounds + 1)]
    again = benchmark(variants, hosts=[], rounds=rounds, seed=seed)
    assert [run.variant for run in again] == [run.variant for run in found]


@pytest.mark.parametrize("rounds", [0, -1, 4, 5.0])
def test_too_few_rounds_are_refused_before_anything_runs(rounds):
    """From fewer than five no interval follows."""
    with pytest.raises(BadValue, match="rounds"):
        benchmark({"a": pytest.fail, "b": pytest.fail}, hosts=[], rounds=rounds)


@pytest.mark.parametrize("said", [None, 0, -1.0, "fast"])
def test_a_variant_that_returns_no_time(said):
    """It is named."""
    with pytest.raises(BadValue, match="good"):
        benchmark({"good": lambda: said, "other": lambda: 1.0}, hosts=[])


def test_one_variant_has_nothing_to_be_compared_with():
    """Two or more."""
    with pytest.raises(BadValue, match="two or more"):
        benchmark({"alone": pytest.fail}, hosts=[])
