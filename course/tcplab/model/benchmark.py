"""Loads measured side by side, round by round: times, and beside each time the connections that it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import overload

from tcplab.errors import BadValue
from tcplab.model.comparison import Comparison
from tcplab.model.load_report import LoadReport


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """One variant, once.

    Args:
        variant: its name
        round: 1 for the first
        each_ms: a request (ms); of a load, its median
        opened: by host, the connections that it opened: how much TcpActiveOpens grew
        time_waits: by host, the TIME_WAITs that it has afterwards and had not before
        report: what ab said, if it was ab
    """

    variant: str
    round: int
    each_ms: float
    opened: Mapping[str, int]
    time_waits: Mapping[str, int]
    report: LoadReport | None = None

    def __repr__(self) -> str:
        def said(counts: Mapping[str, int]) -> str:
            return ", ".join(f"{host} {count:,}" for host, count in counts.items())

        opened, left = said(self.opened), said(self.time_waits)
        return f"{self.variant}, round {self.round}: {self.each_ms:.3f} ms; opened: {opened}; TIME_WAIT: {left}"


class Benchmark(Sequence[Run]):
    """All runs, in the order in which they were made; printed, a table of medians with a line for each variant.

    Args:
        runs: every variant once in each round; the first variant is what the others are compared with
        variants: their names, in order

    >>> def run(variant, at, ms, opened):
    ...     return Run(variant, at, ms, {"proxy": opened}, {"proxy": opened - 1})
    >>> Benchmark([run(*one) for at in range(5) for one in (("off", at, 2, 500), ("pool", at, 1, 1))], ["off", "pool"])
             ms  opened: proxy  TIME_WAIT: proxy
    off   2.000            500               499
    pool  1.000              1                 0
    """

    def __init__(self, runs: Sequence[Run], variants: Sequence[str]) -> None:
        self._runs = tuple(runs)
        self.variants = tuple(variants)

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Run, ...]: ...
    def __getitem__(self, index: int | slice) -> Run | tuple[Run, ...]:
        return self._runs[index]

    def of(self, variant: str) -> tuple[Run, ...]:
        """Return the runs of a variant, by round."""
        if variant not in self.variants:
            raise BadValue("variant", variant, ", ".join(self.variants))
        return tuple(sorted((run for run in self._runs if run.variant == variant), key=lambda run: run.round))

    @property
    def times(self) -> Comparison:
        """Milliseconds a request, compared round by round."""
        return Comparison({name: [run.each_ms for run in self.of(name)] for name in self.variants}, unit="ms")

    def opened(self, host: str) -> Comparison:
        """How many connections a host opened, compared round by round.

        Raises:
            BadValue: a variant opened none, so that there is no ratio; or the host was not looked at.
        """
        return self._compared("opened", host)

    def time_waits(self, host: str) -> Comparison:
        """How many TIME_WAITs a host was left with, compared round by round; refusals as for opened()."""
        return self._compared("time_waits", host)

    def _compared(self, what: str, host: str) -> Comparison:
        hosts = self._runs[0].opened if self._runs else {}
        if host not in hosts:
            raise BadValue("host", host, f"one that was looked at: {', '.join(hosts)}")
        return Comparison({name: [getattr(run, what)[host] for run in self.of(name)] for name in self.variants})

    def __repr__(self) -> str:
        hosts = list(self._runs[0].opened)
        head = ["", "ms", *_under("opened", hosts), *_under("TIME_WAIT", hosts)]
        return "\n".join(_aligned([head, *(self._row(name, hosts) for name in self.variants)]))

    def _row(self, name: str, hosts: Sequence[str]) -> list[str]:
        """Return medians over the rounds, and how many rounds had answers that were not well."""
        runs = self.of(name)
        counts = [
            f"{median(getattr(run, what)[host] for run in runs):,.0f}"
            for what in ("opened", "time_waits")
            for host in hosts
        ]
        failed = sum(run.report is not None and not run.report.answered_well for run in runs)
        note = f"  not all answered well in {failed} of {len(runs)} rounds" if failed else ""
        return [name, f"{median(run.each_ms for run in runs):.3f}", *counts[:-1], counts[-1] + note]


def _under(heading: str, hosts: Sequence[str]) -> list[str]:
    """Name a group of columns at its first."""
    return [f"{heading}: {host}" if at == 0 else host for at, host in enumerate(hosts)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set cells in columns: the name to the left, numbers to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    lines = (
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, [*widths, len(rows[0][-1])], strict=True))
        )
        for row in rows
    )
    return [line.rstrip() for line in lines]
