"""A benchmark's form and what may be said of rounds that have arrived so far, as far as they are pure."""

import pytest
from tcplab.model.benchmark import Run
from tcplab.model.load import Load, Refused
from tcplab.model.rounds_so_far import compared, lines, tiers

KNOWN = ("off", "on", "pool", "direct")
LOAD = Load(KNOWN, wire="front")


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        (
            {"rounds": "4"},
            "rounds",
            "“4” is not possible for rounds. Allowed: 5 to 50: from fewer no interval follows.",
        ),
        ({"rounds": "ten"}, "rounds", "“ten” is not possible for rounds."),
        ({"requests": "10001"}, "requests", "Allowed: 10 to 10,000."),
        ({"requests": "1e3"}, "requests", "“1e3” is not possible for requests."),
        ({"requests": ""}, "requests", "“” is not possible for requests."),
        ({"concurrency": "0"}, "concurrency", "Allowed: 1 to 100."),
        ({"concurrency": True}, "concurrency", "“True” is not possible"),
        ({"concurrency": "50", "requests": "20"}, "concurrency", "50 at a time is more than 20 requests in all."),
        ({"rtt_ms": "-1"}, "rtt_ms", "“-1” is not possible for RTT. Allowed: 0 to 200 ms."),
        ({"rtt_ms": "20", "wire": "side"}, "rtt_ms", "This bed has no wire that could be slow."),
        ({"variants": ["off"]}, "variants", "A comparison takes two variants, or more."),
        ({"variants": ["off", "of"]}, "variants", "A comparison takes two variants, or more."),
    ],
)
def test_what_a_form_cannot_be(form: dict[str, object], field: str, says: str) -> None:
    """Told by field, with the value that stays."""
    with pytest.raises(Refused) as refused:
        LOAD.typed(form, KNOWN, ["front", "back"])
    assert refused.value.field == field
    assert says in refused.value.says


def test_what_is_typed_and_what_stays() -> None:
    """Strings become numbers, variants keep their order, and a field that is not there stays."""
    load = LOAD.typed({"rounds": " 7 ", "variants": ["pool", "off"], "rtt_ms": 20}, KNOWN, ["front"])
    assert load == Load(("off", "pool"), 7, 300, 1, persistent=False, rtt_ms=20, wire="front")
    assert str(load) == "off and pool: 7 rounds of 300 requests, 1 at a time, 20 ms on front"
    assert "bed.front.delay(rtt_ms=20)" in load.code
    assert "rounds=7" in load.code


def runs(rounds: int) -> list[Run]:
    """So many whole rounds, "pool" in half the time of "off"; and half a round more."""
    opened = {"off": {"proxy": 20}, "pool": {"proxy": 1}}
    made = [
        Run(name, at, ms, opened[name], {"proxy": 3})
        for at in range(1, rounds + 1)
        for name, ms in (("off", 2.0), ("pool", 1.0))
    ]
    return [*made, Run("pool", rounds + 1, 9.0, opened["pool"], {"proxy": 3})]


def test_half_a_round_is_drawn_and_not_compared() -> None:
    """A ratio needs both."""
    assert lines(runs(1), ["off", "pool"]) == [[2.0, 1.0], [None, 9.0]]
    (row,) = compared(runs(1), ["off", "pool"])
    assert row["rounds"] == [0.5]


@pytest.mark.parametrize(("rounds", "said"), [(0, "no round yet"), (1, "1 round"), (4, "4 rounds")])
def test_from_few_rounds_no_interval_follows(rounds: int, said: str) -> None:
    """And the sentence says so."""
    (row,) = compared(runs(rounds), ["off", "pool"])
    assert (row["low"], row["high"]) == (None, None)
    assert row["says"] == f"pool to off: {said}, too few for an interval."


def test_from_five_rounds_on_it_is_said() -> None:
    """By the same rule as the benchmark that is printed."""
    (row,) = compared(runs(5), ["off", "pool"])
    assert (row["low"], row["median"], row["high"], row["verdict"]) == (0.5, 0.5, 0.5, "less")
    assert row["says"] == "pool takes 0.50 times as long as off: less."
    same = [
        Run(name, at, ms, {}, {})
        for at in range(1, 6)
        for name, ms in (("off", 2.0 + at % 2), ("on", 2.0 + (at + 1) % 2))
    ]
    assert compared(same, ["off", "on"])[0]["verdict"] == "no difference seen"


def test_connections_of_a_run_by_host() -> None:
    """The middle of the runs; a variant that has not run is left out."""
    assert [(row["variant"], row["opened"]) for row in tiers(runs(2), ["off", "pool", "direct"])] == [
        ("off", {"proxy": 20}),
        ("pool", {"proxy": 1}),
    ]
