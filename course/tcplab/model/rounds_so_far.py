"""Rounds of a benchmark that still runs, or was stopped: what can be drawn of them, and what may be said."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from tcplab.model.benchmark import Run
from tcplab.model.comparison import FEWEST_ROUNDS, Comparison


def lines(runs: Sequence[Run], variants: Sequence[str]) -> list[list[float | None]]:
    """Return one line a round, with the milliseconds of each variant; None for what has not run yet.

    >>> lines([Run("off", 1, 2.0, {}, {}), Run("on", 1, 1.0, {}, {}), Run("on", 2, 1.5, {}, {})], ["off", "on"])
    [[2.0, 1.0], [None, 1.5]]
    """
    found = {(run.round, run.variant): run.each_ms for run in runs}
    last = max((run.round for run in runs), default=0)
    return [[found.get((number, name)) for name in variants] for number in range(1, last + 1)]


def compared(runs: Sequence[Run], variants: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for each variant but the first, its ratio to the first in each whole round, and what follows.

    From fewer than five rounds no interval follows: `low` and `high` are None then, and the sentence says so.
    """
    whole = [each for line in lines(runs, variants) if None not in (each := line)]
    found = []
    for at, name in enumerate(variants[1:], 1):
        ratios = [line[at] / line[0] for line in whole if line[0] and line[at]]  # type: ignore[operator]
        row: dict[str, Any] = {"variant": name, "to": variants[0], "rounds": ratios, "low": None, "high": None}
        if len(ratios) >= FEWEST_ROUNDS:
            measured = {each: [line[place] or 0.0 for line in whole] for place, each in enumerate(variants)}
            ratio = Comparison(measured, unit="ms").ratio(name)
            row |= {"median": ratio.median, "low": ratio.low, "high": ratio.high, "verdict": ratio.verdict}
            row["says"] = f"{name} takes {ratio.median:.2f} times as long as {ratio.to}: {ratio.verdict}."
        else:
            row |= {"median": median(ratios) if ratios else None, "verdict": "too few rounds for an interval"}
            row["says"] = f"{name} to {variants[0]}: {_rounds(len(ratios))}, too few for an interval."
        found.append(row)
    return found


def tiers(runs: Sequence[Run], variants: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for each variant, its median time, and per host the connections opened and TIME_WAITs left by a run."""
    found = []
    for name in variants:
        mine = [run for run in runs if run.variant == name]
        if not mine:
            continue
        hosts = list(mine[0].opened)
        found.append(
            {
                "variant": name,
                "ms": median(run.each_ms for run in mine),
                "opened": {host: median(run.opened[host] for run in mine) for host in hosts},
                "time_waits": {host: median(run.time_waits[host] for run in mine) for host in hosts},
                "failed": sum(_failed(run) for run in mine),
            }
        )
    return found


def _failed(run: Run) -> int:
    return 0 if run.report is None else max(run.report.failed_requests, run.report.non_2xx_responses)


def _rounds(count: int) -> str:
    return "no round yet" if count == 0 else "1 round" if count == 1 else f"{count} rounds"
