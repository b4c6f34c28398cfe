"""A run as a table to read. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from bench.rows import Row

HEAD = ("", "ours", "beside", "its", "ratio", "95 %", "bound", "")


def figure(value: float) -> str:
    """Three figures, as a person writes them.

    >>> [figure(value) for value in (0.01234, 0.5, 12.345, 1234.5, 0.0)]
    ['0.0123', '0.500', '12.3', '1,234', '0']
    """
    if value == 0:
        return "0"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4
    return f"{value:,.{digits}f}"


def rows(run: Mapping[str, Any]) -> list[Row]:
    """The rows of a run, bench after bench."""
    return [Row.of(each) for bench in run["benches"].values() for each in bench["rows"]]


def cells(row: Row) -> list[str]:
    """One row, as the table shows it."""
    interval = row.interval
    told = [figure(row.middle), row.peer, figure(row.peer_middle) if row.peer else ""]
    told += [figure(row.median) if row.peer else ""]
    told += [f"{figure(interval[0])} – {figure(interval[1])}" if interval else f"{len(row.values)} rounds"]
    return [f"{row.bench}: {row.what}, {row.unit}: {row.ours}", *told, str(row.bound or ""), row.verdict]


def table(run: Mapping[str, Any]) -> str:
    """The table, then who is missing and why, and what failed."""
    lines = [HEAD, *map(cells, rows(run))]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*text, *missing(run)])


def missing(run: Mapping[str, Any]) -> Iterable[str]:
    """A line for each peer that could not be had, and each bench that failed."""
    for name, bench in run["benches"].items():
        for each in bench["skipped"]:
            yield f"{name}: without {each['peer']}: {each['reason']}"
        if bench["failed"]:
            yield f"{name}: FAILED: {bench['failed']}"
