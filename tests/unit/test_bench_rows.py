"""A row of ./env/bench: what follows from its rounds, and what is not said of too few."""

import json
from contextlib import ExitStack, contextmanager

import pytest
from bench.rows import MET, MISSED, OPEN, Bound, Row, Skipped, beside
from bench.run import BENCHES, bench, merged
from bench.side_by_side import Missing, opened, side_by_side
from bench.table import figure, table

TIMES = (2.0, 3.0, 2.0, 2.5, 2.0, 2.0)


def row(limit=None, *, values=TIMES, least=False, peer="theirs"):
    """Ours takes about half of theirs."""
    bound = None if limit is None else Bound(limit, least)
    return Row("world", "up", "ms", "ours", values, peer, (4.0,) * len(values) if peer else (), bound, "it waits")


def test_what_counts_is_the_ratio_of_a_round():
    """The median of the ratios, with an interval from five rounds on."""
    assert row().compared == (0.5, 0.75, 0.5, 0.625, 0.5, 0.5)
    assert (row().median, row().interval[0]) == (0.5, 0.5)
    assert 0.5 <= row().interval[1] <= 0.75
    assert row(values=TIMES[:4]).interval is None
    assert row(peer="").compared == TIMES


@pytest.mark.parametrize(
    ("limit", "least", "verdict"), [(0.8, False, MET), (0.4, False, MISSED), (0.5, False, OPEN), (0.4, True, MET)]
)
def test_a_bound_is_met_by_the_whole_interval(limit, least, verdict):
    """Or missed by all of it; else it is open."""
    assert row(limit, least=least).verdict == verdict


def test_too_few_rounds_meet_nothing():
    """Nor is anything said where no bound is."""
    assert row(0.8, values=TIMES[:2]).verdict == OPEN
    assert row().verdict == ""


def test_a_row_comes_back_from_json():
    """With what follows from it."""
    there = json.loads(json.dumps(row(0.8).as_dict()))
    assert Row.of(there) == row(0.8)
    assert (there["median"], there["verdict"]) == (0.5, MET)


def test_every_round_has_every_variant_once_and_in_another_order():
    """Ours first in as many rounds as theirs; what is measured before to warm up is forgotten."""
    seen = []

    def variant(name):
        def measure():
            seen.append(name)
            return {"up": len(seen)}

        return measure

    found = side_by_side({"a": variant("a"), "b": variant("b")}, 6)
    assert list(map(len, found["up"].values())) == [6, 6]
    rounds = ["".join(seen[at : at + 2]) for at in range(2, 14, 2)]
    assert sorted(rounds) == ["ab"] * 3 + ["ba"] * 3
    assert min(found["up"]["a"] + found["up"]["b"]) > 2


def test_who_cannot_be_had_is_named():
    """With the reason; the others are measured."""

    @contextmanager
    def there():
        yield lambda: {"up": 1.0}

    @contextmanager
    def missing():
        raise Missing("it needs root")
        yield

    with ExitStack() as stack:
        found, skipped = opened(stack, "world", {"plain": there, "Mininet": missing})
    assert list(found) == ["plain"]
    assert skipped == [Skipped("world", "Mininet", "it needs root")]


def test_each_peer_has_its_row():
    """Ours is the first variant."""
    rows = list(beside("world", "up", "ms", {"ours": [1.0], "x": [2.0], "y": [4.0]}, bounds={"y": Bound(0.8)}))
    assert [(each.peer, each.median, each.bound) for each in rows] == [("x", 0.5, None), ("y", 0.25, Bound(0.8))]


def test_the_table_says_what_is_missing_and_what_failed():
    """A line for each, under the rows."""
    world = {"rows": [row(0.8).as_dict()], "skipped": [{"peer": "Mininet", "reason": "no root"}], "failed": "OSError"}
    said = table({"benches": {"world": world}}).splitlines()
    assert " ".join(said[1].split()) == "world: up, ms: ours 2.00 theirs 4.00 0.500 0.500 – 0.685 ≤ 0.8 met"
    assert said[2:] == ["world: without Mininet: no root", "world: FAILED: OSError"]
    assert [figure(value) for value in (0, 0.012, 1234.5, 9.99)] == ["0", "0.0120", "1,234", "9.99"]


def test_a_run_renews_its_benches_only():
    """What failed replaces nothing; on another machine all begins anew."""

    def run(on, **benches):
        return {"machine": on, "versions": {}, "benches": {name: {"failed": bad} for name, bad in benches.items()}}

    before = run("here", ab="", world="")
    before["benches"]["ab"]["old"] = True
    assert merged(before, run("here", ab="OSError", wire=""))["benches"] == {
        "world": {"failed": ""},
        "wire": {"failed": ""},
        "ab": {"failed": "", "old": True},
    }
    assert list(merged(before, run("there", wire=""))["benches"]) == ["wire"]
    assert merged(None, before)["benches"] == before["benches"]


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_says_what_it_measures(name):
    """In its first line, with a number of rounds of its own."""
    module = bench(name)
    assert module.ROUNDS >= 1
    assert len((module.__doc__ or "").partition("\n")[0]) > 20
    assert callable(module.measured)
