"""How much longer a run takes: the schedule itself, run ahead with the times that are expected. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import Final

from tcplab.command.needs import Need
from tcplab.command.schedule import Schedule

_LEAST_S: Final = 1.0  # of one that takes longer than was thought, and may end any moment
_TRUST_S: Final = 20.0  # measured for so long, what was measured counts as much as the table


def left_s(schedule: Schedule, needs: Mapping[str, Need], ran_s: Mapping[str, float], *, pace: float = 1.0) -> float:
    """Return how long it takes until the last lab has ended.

    Args:
        schedule: as it stands now
        needs: of each lab
        ran_s: how long each of those that run has run
        pace: how many times as long as their needs say labs are awake here

    >>> needs = {"a": Need(5), "b": Need(9, alone=True), "c": Need(7)}
    >>> left_s(Schedule(needs, at_once=2), needs, {})
    16.0
    """
    ahead, now = schedule.copy(), 0.0
    events = [event for name in ahead.running for event in _events(name, needs[name], pace, -ran_s.get(name, 0.0))]
    heapify(events)
    while True:
        while (name := ahead.begun()) is not None:
            for event in _events(name, needs[name], pace, now):
                heappush(events, event)
        if not events:
            return float(now)
        now, name, falls_asleep = heappop(events)
        if falls_asleep:
            ahead.fell_asleep(name)
        else:
            ahead.ended(name)


def pace(taken: Iterable[tuple[Need, float]]) -> float:
    """Return how many times as long as their needs say labs were awake, from what each has taken.

    >>> pace([]), pace([(Need(10), 30), (Need(10, asleep_s=60), 90)])
    (1.0, 2.0)
    """
    thought = measured = _TRUST_S
    for need, seconds in taken:
        thought += need.awake_s
        measured += max(seconds - need.asleep_s, 0)
    return measured / thought


def in_words(seconds: float) -> str:
    """Say how much time is left, as roughly as it is known.

    >>> in_words(4), in_words(38), in_words(71), in_words(600)
    ('about 5 s left', 'about 40 s left', 'about 70 s left', 'about 10 min left')
    """
    if seconds >= 120:
        return f"about {round(seconds / 60)} min left"
    step = 5 if seconds < 30 else 10
    return f"about {max(step, step * round(seconds / step))} s left"


def _events(name: str, need: Need, pace: float, since: float) -> Iterator[tuple[float, str, bool]]:
    """Say when a lab falls asleep, if that is to come, and when it ends."""
    falls = since + need.awake_s * pace
    if need.asleep_s and falls > 0:
        yield falls, name, True
    yield max(falls + need.asleep_s, _LEAST_S if since < 0 else 0.0), name, False
