"""Which lab begins when: the schedule on a machine that is computed, where labs share cores, sleep, and fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tcplab.command.foresight import left_s, pace
from tcplab.command.needs import NEEDS, Need
from tcplab.command.schedule import Schedule

AFTER_SLEEP = 0.2  # of its time awake
FACTOR = 1.25


@dataclass
class Ran:
    """What happened: who was awake in each span of time, and how many ran; who ended, in order; how long it took."""

    awake: list[frozenset[str]] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    seconds: float = 0.0


def ran(needs: Mapping[str, Need], *, at_once: int, cores: int = 2, failing: frozenset[str] = frozenset()) -> Ran:
    """Run a schedule to its end on a machine where all that is awake computes; a failing lab ends halfway."""
    plan, found = Schedule(needs, at_once=at_once), Ran()
    phases: dict[str, list[tuple[bool, float]]] = {}  # awake?, seconds of it
    called: set[str] = set()
    while True:
        while name := plan.woken():
            called.remove(name)
        while name := plan.begun():
            phases[name] = phases_of(needs[name], fails=name in failing)
        if not plan.running:
            assert not plan.waiting
            return found
        going = {name: phases[name][0] for name in plan.running if name not in called}
        awake = frozenset(name for name, (is_awake, _) in going.items() if is_awake)
        rate = min(1.0, cores / max(1, len(awake)))
        step = min(left / rate if is_awake else left for is_awake, left in going.values())
        found.awake.append(awake)
        found.running.append(len(plan.running))
        found.seconds += step
        for name, (is_awake, left) in going.items():
            rest = left - step * (rate if is_awake else 1)
            phases[name][0] = is_awake, rest
            if rest < 1e-9:
                del phases[name][0]
                if not phases[name]:
                    plan.ended(name)
                    found.ended.append(name)
                elif is_awake:
                    plan.fell_asleep(name)
                else:
                    plan.called(name)
                    called.add(name)


def phases_of(need: Need, *, fails: bool) -> list[tuple[bool, float]]:
    """The time a lab is awake, asleep and awake again."""
    if fails:
        return [(True, need.awake_s / 2)]
    if not need.asleep_s:
        return [(True, need.awake_s)]
    return [(True, need.awake_s * (1 - AFTER_SLEEP)), (False, need.asleep_s), (True, need.awake_s * AFTER_SLEEP)]


def longest_and_cpu(needs: Mapping[str, Need], cores: int) -> float:
    """What no schedule can be faster than."""
    return max(*(need.seconds for need in needs.values()), sum(need.awake_s for need in needs.values()) / cores)


some_needs = some.dictionaries(
    some.text("abcdef", min_size=1, max_size=3),
    some.builds(
        Need, some.integers(1, 30).map(float), asleep_s=some.sampled_from((0.0, 0.0, 60.0)), alone=some.booleans()
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=50)
@given(some_needs, some.integers(1, 6), some.data())
def test_what_measures_is_alone_and_everything_runs(needs, at_once, data):
    """Whatever labs need, whoever fails: each runs once, no more than allowed, and none computes beside a load."""
    failing = data.draw(some.frozensets(some.sampled_from(sorted(needs))))
    found = ran(needs, at_once=at_once, failing=failing)
    assert sorted(found.ended) == sorted(needs)
    assert max(found.running) <= at_once
    for awake in found.awake:
        assert len(awake) == 1 or not any(needs[name].alone for name in awake)


@settings(max_examples=50)
@given(some_needs, some.integers(2, 6), some.randoms())
def test_the_order_is_that_of_needs_alone(needs, at_once, random):
    """In whatever order labs are asked for, the same happens."""
    shuffled = list(needs.items())
    random.shuffle(shuffled)
    assert ran(dict(shuffled), at_once=at_once) == ran(needs, at_once=at_once)


@pytest.mark.parametrize(("cores", "at_once"), [(1, 2), (2, 4), (2, 8), (4, 8), (8, 16)])
def test_the_whole_course_comes_near_to_what_can_be(cores, at_once):
    """By the table of needs it takes 1.25 times the longest lab, or all computing shared by all cores, at most."""
    assert ran(NEEDS, at_once=at_once, cores=cores).seconds <= FACTOR * longest_and_cpu(NEEDS, cores)


def test_a_sleeper_does_not_wake_beside_what_measures():
    """It waits for leave, and gets it before anything else begins."""
    plan = Schedule({"sleeps": Need(5, asleep_s=10), "measures": Need(50, alone=True), "other": Need(5)}, at_once=3)
    assert [plan.begun(), plan.begun()] == ["sleeps", None]
    plan.fell_asleep("sleeps")
    assert [plan.begun(), plan.begun()] == ["measures", None]
    plan.called("sleeps")
    assert plan.woken() is None
    plan.ended("measures")
    assert [plan.woken(), plan.woken()] == ["sleeps", None]
    assert plan.begun() == "other"


def test_one_at_a_time_is_in_the_order_asked_for():
    """Who reads along reads the course."""
    needs = {"02": NEEDS["02"], "00": NEEDS["00"], "06": NEEDS["06"], "01": NEEDS["01"]}
    assert ran(needs, at_once=1).ended == ["02", "00", "06", "01"]


@settings(max_examples=50)
@given(some_needs, some.integers(1, 6))
def test_time_left_gets_less_as_labs_end(needs, at_once):
    """Seen from the beginning it is at least the longest lab, and nothing once all have ended."""
    plan = Schedule(needs, at_once=at_once)
    assert left_s(plan, needs, {}) >= max(need.seconds for need in needs.values())
    while name := plan.begun():
        plan.ended(name)
    assert left_s(plan, needs, {}) == 0


def test_time_left_knows_who_runs_and_how_fast():
    """What has run is taken off, a sleeper's too; one that takes too long may end any moment; a slow pace counts."""
    needs = {"a": Need(20), "b": Need(10, asleep_s=60)}
    plan = Schedule(needs, at_once=2)
    plan.begun(), plan.begun()
    assert left_s(plan, needs, {"a": 5, "b": 5}) == 65
    assert left_s(plan, needs, {"a": 5, "b": 5}, pace=2) == 75
    plan.fell_asleep("b")
    assert left_s(plan, needs, {"a": 5, "b": 30}) == 40
    assert left_s(plan, needs, {"a": 25, "b": 200}) == 1
    assert pace([(Need(20), 60)]) == 2
