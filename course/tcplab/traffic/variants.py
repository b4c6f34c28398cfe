"""The ways through a proxy, and past it, as a benchmark takes them: each a load by a function without arguments."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial

from tcplab.model.load_report import LoadReport
from tcplab.traffic.ab import ab
from tcplab.traffic.backend import backend
from tcplab.traffic.defaults import as_before
from tcplab.traffic.listening import listeners
from tcplab.traffic.nginx import nginx
from tcplab.world.host import Host
from tcplab.world.sysctl import sysctls

WAYS = ("off", "on", "pool", "direct")
"""The blog's two files, one with an upstream pool, and no proxy at all."""

ROOM = 262_144
"""So many TIME_WAITs each host may have, or a small machine would skip some, and the counts would tell of that."""

_PORT = 8080
Variants = Mapping[str, Callable[[], LoadReport]]


@contextmanager
def ways(
    client: Host, proxy: Host, behind: Host, *, requests: int, concurrency: int, persistent: bool
) -> Iterator[Variants]:
    """Prepare all ways of a load, with an application behind the proxy, and undo it at the end of the block.

    A backend that listens already is left alone, and asked.

    Args:
        client, proxy, behind: The three hosts of `Testbed.proxied()`.
        requests, concurrency, persistent: As ab() takes them.

    >>> with ways(bed.client, bed.proxy, bed.backend, requests=300, concurrency=1, persistent=False) as variants:
    ...     benchmark(variants, hosts=list(bed.hosts.values()))     # doctest: +SKIP
    """
    load = partial(ab, client, requests=requests, concurrency=concurrency, persistent=persistent)

    def through(conf: str) -> LoadReport:
        with nginx(proxy, as_before(f"proxy-{conf}", proxy)):
            return load("http://proxy/hello")

    with ExitStack() as running:
        if _PORT not in listeners(behind).values():
            running.enter_context(backend(behind, _PORT))
        running.enter_context(sysctls(proxy, ip_forward=1, tcp_tw_reuse=1, tcp_max_tw_buckets=ROOM))
        running.enter_context(sysctls(behind, tcp_max_tw_buckets=ROOM))
        variants: dict[str, Callable[[], LoadReport]] = {
            conf: partial(through, conf) for conf in WAYS if conf != "direct"
        }
        yield {**variants, "direct": partial(load, f"http://{behind.address}:{_PORT}/hello")}
