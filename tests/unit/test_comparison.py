"""Paired rounds: what may be said of two variants, and what may not."""

import random
from collections import Counter
from statistics import median

import pytest
from tcplab.errors import BadValue
from tcplab.model.comparison import NO_DIFFERENCE, Comparison, interval, measured, orders


def noisy(chance: random.Random, rounds: int, times: float) -> Comparison:
    """Two variants on a machine that has slow minutes; the second takes so many times as long."""
    slow = [chance.lognormvariate(0, 0.5) for _ in range(rounds)]
    first = [minute * chance.lognormvariate(3, 0.2) for minute in slow]
    second = [minute * times * chance.lognormvariate(3, 0.2) for minute in slow]
    return Comparison({"first": first, "second": second}, unit="µs")


@pytest.mark.parametrize("rounds", [5, 8])
def test_equal_variants_are_seldom_told_apart(rounds):
    """Of 100 comparisons of the same with the same, few claim a difference."""
    chance = random.Random(rounds)
    claimed = sum(noisy(chance, rounds, 1).ratio().verdict != NO_DIFFERENCE for _ in range(100))
    assert claimed <= 12, claimed


@pytest.mark.parametrize(("times", "said"), [(2, "more"), (0.5, "less")])
def test_a_difference_is_seen_through_slow_minutes(times, said):
    """Twice or half as long, on a machine whose minutes differ by more than that."""
    chance = random.Random(7)
    assert Counter(noisy(chance, 8, times).ratio().verdict for _ in range(30)) == {said: 30}


def test_the_same_rounds_give_the_same_interval():
    """The bootstrap is seeded, and leaves the program's own chance alone."""
    random.seed(1)
    expected = random.random()
    random.seed(1)
    ratios = [1.2, 0.9, 1.1, 1.05, 0.97]
    assert interval(ratios) == interval(list(ratios))
    assert random.random() == expected


def test_interval_lies_within_the_rounds_and_round_the_median():
    """And turns round with the ratio: a to b is as b to a."""
    ratio = Comparison({"a": [1, 2, 3, 4, 5, 6], "b": [2, 2, 9, 4, 12, 5]}).ratio("b")
    assert ratio.rounds == pytest.approx((2, 1, 3, 1, 2.4, 5 / 6))
    assert min(ratio.rounds) <= ratio.low <= ratio.median <= ratio.high <= max(ratio.rounds)
    turned = Comparison({"b": [2, 2, 9, 4, 12, 5], "a": [1, 2, 3, 4, 5, 6]}).ratio("a")
    assert turned.median == pytest.approx(1 / ratio.median)


def test_one_slow_round_does_not_decide():
    """What counts is the median, not the mean."""
    calm = Comparison({"a": [10] * 7, "b": [10, 10.1, 9.9, 10, 10.05, 900, 9.95]})
    assert calm.ratio().verdict == NO_DIFFERENCE
    assert calm.ratio().high < 100


def test_said_in_one_line_a_variant():
    """The table is what a lab prints."""
    said = repr(Comparison({"a": [100] * 5, "b": [100, 101, 99, 100, 102], "c": [10] * 5}, unit="µs"))
    assert said.splitlines() == [
        "a: 100 µs",
        "b: 100 µs, 1.00 × a [0.99, 1.02], 5 rounds: no difference seen",
        "c: 10 µs, 0.10 × a [0.10, 0.10], 5 rounds: less",
    ]


@pytest.mark.parametrize(
    ("measured", "says"),
    [
        ({}, "two or more variants"),
        ({"a": [1] * 5}, "two or more variants"),
        ({"a": [], "b": []}, "5 or more"),
        ({"a": [1] * 4, "b": [1] * 4}, "5 or more"),
        ({"a": [1] * 5, "b": [1] * 6}, "once in each round"),
        ({"a": [1] * 5, "b": [1, 1, 0, 1, 1]}, "above 0"),
        ({"a": [1] * 5, "b": [1, 1, float("nan"), 1, 1]}, "above 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(measured, says):
    """The message says what is wanted."""
    with pytest.raises(BadValue, match=says):
        Comparison(measured)


def test_unknown_variant_is_refused():
    """The message lists those that were measured."""
    with pytest.raises(BadValue, match="Allowed: a, b"):
        Comparison({"a": [1] * 5, "b": [1] * 5}).ratio("c")


@pytest.mark.parametrize("count", [2, 3])
def test_each_variant_comes_first_as_often(count):
    """Who goes first may be slower, so nobody always does; the order is drawn, and the same for a seed."""
    variants = ["a", "b", "c"][:count]
    drawn = orders(variants, 12)
    assert Counter(order[0] for order in drawn) == dict.fromkeys(variants, 12 // count)
    assert all(sorted(order) == variants for order in drawn)
    assert drawn == orders(variants, 12) != orders(variants, 12, seed=2)
    with pytest.raises(BadValue, match="1 or more"):
        orders(variants, 0)


def test_middle_of_the_values_is_what_is_printed():
    """The value beside a name is the median of its rounds."""
    values = [3, 1, 2, 9, 4]
    assert f"a: {median(values)}" in repr(Comparison({"a": values, "b": values}))


def test_measured_side_by_side():
    """Each round measures every variant before the next begins; who is first changes; progress is told."""
    called, told = [], []
    variants = {name: lambda name=name: called.append(name) or 1.0 + len(called) for name in ("a", "b")}
    comparison = measured(variants, 6, unit="µs", progress=lambda *done: told.append(done))
    rounds = [tuple(called[at : at + 2]) for at in range(0, 12, 2)]
    assert rounds == orders(["a", "b"], 6)
    assert (comparison.rounds, comparison.unit, told[-1]) == (6, "µs", (6, 6))
    assert sorted(comparison.values("a") + comparison.values("b")) == [2.0 + at for at in range(12)]


@pytest.mark.parametrize(("variants", "rounds"), [({"a": None}, 5), ({"a": None, "b": None}, 4)])
def test_nothing_is_measured_in_vain(variants, rounds):
    """What cannot be compared is refused before it has cost anything."""
    with pytest.raises(BadValue):
        measured(variants, rounds)
