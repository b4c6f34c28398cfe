"""course/bench.md and the README's table: what the last recorded run has found. Pure: recorded in, text out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.rows import MET, MISSED, OPEN, Row
from bench.table import figure, rows
from kernels.page import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "course" / "bench.md"
README = ROOT / "README.md"
RECORDED = ROOT / "tests" / "recorded" / "bench.json"
BEGIN, END = "<!-- env/bench writes this -->", "<!-- until here -->"
NOT_YET = "No run on a machine at rest is recorded yet: `./env/bench` prints the table of yours."
OWED = {MISSED: "Not met", OPEN: "Not certain"}
SIGNS = {MET: "✓", MISSED: "✗", OPEN: "·", "": ""}

HEAD = """\
# How fast it is

`./env/bench` measures ours and its peers side by side: in every round each once, in an order that is another each
time, so that a slow minute of the machine is shared by all. What counts is the ratio of a round; its interval holds
the median in 95 of 100 such runs (bootstrap). `./env/bench --record` writes this page.

✓ the whole interval keeps the bound · ✗ none of it does · `·` the bound lies within, or there were too few rounds

"""


def recorded() -> dict[str, Any] | None:
    """The last recorded run; None as long as there is none."""
    return json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else None


def page(run: Mapping[str, Any] | None) -> str:
    """The whole page."""
    if run is None:
        return f"{HEAD}{NOT_YET}\n"
    parts = [_on(run)]
    for name, bench in run["benches"].items():
        mine = [row for row in rows(run) if row.bench == name]
        parts += [f"## {name}", f"{bench['day']}, with {bench['busy']:.0%} of the machine in use before."]
        if mine:
            head = ["what", "ours", "", "beside", "", "ratio", "95 %", "bound", ""]
            parts.append(table(head, list(map(_cells, mine))))
        parts += [f"{OWED[row.verdict]}, {_named(row)}: {row.reason}." for row in mine if _owes(row)]
        parts += [f"Without {each['peer']}: {each['reason']}." for each in bench["skipped"]]
    return HEAD + "\n\n".join(parts) + "\n"


def _owes(row: Row) -> bool:
    return row.verdict in OWED and bool(row.reason)


def _named(row: Row) -> str:
    return f"{row.what} beside {row.peer}" if row.peer else row.what


def _on(run: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return f"On {'; '.join(run['machine'].values())}. With {told}."


def _cells(row: Row) -> list[str]:
    interval = " – ".join(map(figure, row.interval)) if row.interval else f"{len(row.values)} rounds"
    ratio = figure(row.median) if row.peer else ""
    beside = [row.peer, figure(row.peer_middle) if row.peer else ""]
    named = [f"{row.what}, {row.unit}", row.ours, figure(row.middle)]
    return [*named, *beside, ratio, interval, str(row.bound or ""), SIGNS[row.verdict]]


def short(run: Mapping[str, Any] | None) -> str:
    """The README's table: what has a bound."""
    if run is None:
        return NOT_YET
    bound = [row for row in rows(run) if row.bound]
    lines = [[f"{row.what}: {row.ours}", _said(row), str(row.bound), SIGNS[row.verdict]] for row in bound]
    return f"{_on(run)}\n\n{table(['', '', 'bound', ''], lines)}"


def _said(row: Row) -> str:
    interval = f" ({' – '.join(map(figure, row.interval))})" if row.interval else ""
    if not row.peer:
        return f"{figure(row.median)} {row.unit}{interval}"
    return f"{figure(row.median)} × {row.peer}{interval}"


def readme(text: str, run: Mapping[str, Any] | None) -> str:
    """The README with its table renewed."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"README.md has no stretch from {BEGIN} to {END}"
    return f"{before}{BEGIN}\n{short(run)}\n{END}{after}"


def write() -> None:
    """Write the page, and the README's table, from what is recorded."""
    PAGE.write_text(page(recorded()), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8"), recorded()), encoding="utf-8")
