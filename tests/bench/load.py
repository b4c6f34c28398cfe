"""ab between two hosts of a world, beside ab over one host's loopback: what a world costs a load."""

from collections.abc import Callable, Iterator

from bench.rows import Bound, Row, beside
from bench.side_by_side import Measure, Measured, Progress, side_by_side
from tcplab import Testbed, ab, nginx
from tcplab.world.host import Host

ROUNDS = 9
REQUESTS = 2000
WORLD, LOOPBACK = "two hosts", "plain loopback"
BOUND = Bound(0.95, least=True)
REASON = "a request crosses two network stacks and a veth pair instead of one stack and lo"
CASES = {"-c 1": (1, False), "-c 10": (10, False), "-c 10 -k": (10, True)}


def requests_per_s(host: Host) -> Callable[[], Measured]:
    """What asks the server from a host, in each of the cases; the server itself reaches its address by its loopback."""

    def measure() -> Measured:
        found = {}
        for name, (concurrency, persistent) in CASES.items():
            done = ab(host, "http://server/hello", requests=REQUESTS, concurrency=concurrency, persistent=persistent)
            assert (done.complete_requests, done.answered_well) == (REQUESTS, True)
            found[name] = done.requests_per_s
        return found

    return measure


def measured(rounds: int, progress: Progress) -> Iterator[Row]:
    """Requests a second, each case by itself."""
    with Testbed.two_hosts(link="veth") as bed, nginx(bed.server):
        variants: dict[str, Measure] = {WORLD: requests_per_s(bed.client), LOOPBACK: requests_per_s(bed.server)}
        found = side_by_side(variants, rounds, progress=progress)
    for case, values in found.items():
        held = {"bounds": {LOOPBACK: BOUND}, "reasons": {LOOPBACK: REASON}}
        yield from beside("ab", f"ab -n {REQUESTS} {case}", "requests/s", values, **held)
