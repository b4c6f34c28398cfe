"""A paired benchmark: every variant in every round, in shuffled order, with the connections that it took."""

import time
from collections.abc import Callable, Mapping, Sequence

from tcplab.errors import BadValue
from tcplab.model.benchmark import Benchmark, Run
from tcplab.model.comparison import FEWEST_ROUNDS, orders
from tcplab.model.load_report import LoadReport
from tcplab.model.state import TcpState
from tcplab.observe.counters import counters
from tcplab.observe.sockets import sockets
from tcplab.observe.time_waits import time_waits
from tcplab.world.host import Host

Progress = Callable[[int, int], object]
"""Called with how many runs are done, and how many there will be."""

_PASSING = (TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, TcpState.CLOSING, TcpState.CLOSE_WAIT, TcpState.LAST_ACK)
_AT_REST_WITHIN_S = 1.0


def benchmark(
    variants: Mapping[str, Callable[[], LoadReport | float]],
    *,
    hosts: Sequence[Host],
    rounds: int = 5,
    seed: int = 793,
    progress: Progress | None = None,
    each: Callable[[Run], object] | None = None,
) -> Benchmark:
    """Measure variants against the first of them, in rounds, and count what each leaves behind.

    A machine has slow minutes, so times are compared within a round only, and the order changes from round to round.

    Args:
        variants: By name, what to run: it returns what ab() reports, whose median request counts, since a stall of
            the machine hits few; or the time of a request in milliseconds.
        hosts: Whose connections and TIME_WAITs are counted.
        rounds: 5 or more: from fewer no interval follows.
        seed: The same seed shuffles in the same way.
        progress: Called after each run; Bar("measured") draws a bar.
        each: Called with each run, as soon as it is measured.

    Raises:
        BadValue: Fewer than two variants, or five rounds; a variant that returned neither a report nor a time.
        Whatever a variant raises; nothing is kept of the other runs then.

    >>> benchmark({"off": off, "pool": pool}, hosts=[bed.client, bed.proxy, bed.backend])     # doctest: +SKIP
    """
    if len(variants) < 2:
        raise BadValue("variants", list(variants), "two or more, by name")
    if type(rounds) is not int or rounds < FEWEST_ROUNDS:
        raise BadValue("rounds", rounds, f"{FEWEST_ROUNDS} or more: from fewer no interval follows")

    order = orders(tuple(variants), rounds, seed=seed)
    total = rounds * len(variants)
    runs: list[Run] = []
    for number, names in enumerate(order, 1):
        for name in names:
            runs.append(_run(name, number, variants[name], hosts))
            if each is not None:
                each(runs[-1])
            if progress is not None:
                progress(len(runs), total)
    return Benchmark(runs, tuple(variants))


def _run(name: str, number: int, variant: Callable[[], LoadReport | float], hosts: Sequence[Host]) -> Run:
    counted = {host.name: counters(host) for host in hosts}
    before = {host.name: time_waits(host) for host in hosts}
    said = variant()
    _rest(hosts)
    left = {host.name: time_waits(host).new_since(before[host.name]) for host in hosts}
    opened = {host.name: (counters(host) - counted[host.name])["TcpActiveOpens"] for host in hosts}
    report = said if isinstance(said, LoadReport) else None
    each_ms = said.median_ms or said.time_per_request_ms if isinstance(said, LoadReport) else said
    if not isinstance(each_ms, int | float) or each_ms <= 0:
        raise BadValue(name, said, "a variant that returns what ab() reports, or milliseconds above 0")
    return Run(name, number, float(each_ms), opened, left, report)


def _rest(hosts: Sequence[Host]) -> None:
    """Let closes that are under way come to their end: a program that is told of one closes when its turn comes."""
    deadline = time.monotonic() + _AT_REST_WITHIN_S
    while any(len(sockets(host, state=_PASSING)) for host in hosts) and time.monotonic() < deadline:
        pass
