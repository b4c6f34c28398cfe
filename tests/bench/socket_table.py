"""sockets() of a client with 28,232 TIME_WAITs, beside ss, pyroute2 and psutil: decoded, and with all rows made."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Self

from bench import peers
from bench.rows import Bound, Row, Skipped, beside
from bench.side_by_side import Measure, Measured, Progress, opened, side_by_side
from tcplab import TcpState, Testbed, sockets, sysctls
from tcplab.traffic.connects import leave_time_waits
from tcplab.world.host import Host
from tcplab.world.process import PIPE

ROUNDS = 9
PORTS = (32768, 60999)  # the usual ip_local_port_range
ROWS = PORTS[1] - PORTS[0] + 1
OURS, SS, PYROUTE2, PSUTIL = "sockets()", "ss -tanH", "pyroute2", "psutil"
DECODED, ALL_ROWS = "decoded", "all rows made"
FRESH_S = 40  # of TIME_WAIT's 60: a round that begins later begins with a new table
BOUNDS = {DECODED: {SS: Bound(0.4)}, ALL_ROWS: {SS: Bound(2)}}
REASONS = {
    DECODED: "the kernel's own dump (tcp_diag walks its hash table) is most of it, and ss waits for the same",
    ALL_ROWS: "28,232 frozen dataclasses of Python, two endpoints each; ss writes text in C",
}
PYROUTE2_PROGRAM = """
import json, socket, sys, time
from pyroute2 import DiagSocket
from pyroute2.netlink.diag import SS_TIME_WAIT
print("ready", flush=True)
for _ in sys.stdin:
    begun = time.perf_counter()
    with DiagSocket() as diag:
        rows = len(list(diag.get_sock_stats(family=socket.AF_INET, states=1 << SS_TIME_WAIT)))
    print(json.dumps([rows, time.perf_counter() - begun]), flush=True)
"""
PSUTIL_PROGRAM = """
import json, psutil, sys, time
print("ready", flush=True)
for _ in sys.stdin:
    begun = time.perf_counter()
    rows = sum(row.status == psutil.CONN_TIME_WAIT for row in psutil.net_connections("tcp"))
    print(json.dumps([rows, time.perf_counter() - begun]), flush=True)
"""


class Full:
    """A client whose ports are all in TIME_WAIT, also when a minute has passed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._filled_s = -FRESH_S
        self._host: Host | None = None
        self.programs: dict[str, peers.Asked] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def host(self) -> Host:
        """The client, in a world whose table is young enough for one more look."""
        if time.monotonic() - self._filled_s > FRESH_S:
            self._stack.close()
            self.programs.clear()
            bed = self._stack.enter_context(Testbed.two_hosts(link="veth"))
            room = {"ip_local_port_range": PORTS, "tcp_max_tw_buckets": 2 * ROWS}
            self._stack.enter_context(sysctls(bed.client, **room))
            leave_time_waits(bed.client, bed.server, 80)
            self._filled_s, self._host = time.monotonic(), bed.client
        assert self._host
        return self._host

    def asked(self, name: str, program: str) -> float:
        """What a program in the client takes for one look, in ms."""
        host = self.host
        if name not in self.programs:
            started = self._stack.enter_context(
                host.start([str(peers.python()), "-c", program], stdin=PIPE, stdout=PIPE)
            )
            assert started.stdin
            assert started.stdout
            self.programs[name] = peers.Asked(name, started.stdin, started.stdout)
        rows, taken = self.programs[name]()
        assert rows == ROWS, f"{name} sees {rows} of {ROWS}"
        return 1e3 * taken


def ours(full: Full) -> Measured:
    """Both ways to look, one after the other."""
    host = full.host
    begun = time.perf_counter()
    found = len(sockets(host, state=TcpState.TIME_WAIT))
    decoded = time.perf_counter()
    made = len(list(sockets(host, state=TcpState.TIME_WAIT)))
    assert found == made == ROWS
    return {DECODED: 1e3 * (decoded - begun), ALL_ROWS: 1e3 * (time.perf_counter() - decoded)}


def ss(full: Full) -> Measured:
    """Its start, and its text as far as it is counted: nobody has read a column of it yet."""
    host = full.host
    begun = time.perf_counter()
    assert host.run(["ss", "-tanH", "state", "time-wait"]).stdout.count("\n") == ROWS
    taken = 1e3 * (time.perf_counter() - begun)
    return {DECODED: taken, ALL_ROWS: taken}


def _inside(full: Full, name: str, program: str) -> Callable[..., Iterator[Measure]]:
    @contextmanager
    def peer() -> Iterator[Measure]:
        peers.python()

        def measure() -> Measured:
            taken = full.asked(name, program)
            return {DECODED: taken, ALL_ROWS: taken}

        yield measure

    return peer


def measured(rounds: int, progress: Progress) -> Iterator[Row | Skipped]:
    """Each look at the same table, in ms."""
    with ExitStack() as stack:
        full = stack.enter_context(Full())
        inside = {PYROUTE2: PYROUTE2_PROGRAM, PSUTIL: PSUTIL_PROGRAM}
        there, skipped = opened(stack, "sockets", {name: _inside(full, name, said) for name, said in inside.items()})
        variants: dict[str, Measure] = {OURS: lambda: ours(full), SS: lambda: ss(full), **there}
        found = side_by_side(variants, rounds, progress=progress)
    for what, values in found.items():
        yield from beside("sockets", what, "ms", values, bounds=BOUNDS[what], reasons={SS: REASONS[what]})
    yield from skipped
