"""The crowds that use the service: each does one thing, and what became of it is counted."""

import sys
from collections.abc import Callable, Mapping
from errno import errorcode
from pathlib import Path
from types import MappingProxyType

from tcplab.errors import CommandFailed, NotReady
from tcplab.incident.service import SHOP, Service, wait
from tcplab.model.incident import Served
from tcplab.model.state import TcpState
from tcplab.traffic.ab import ab
from tcplab.world.host import Host

_CROWD = str(Path(__file__).with_name("files") / "crowd.py")
_PAGES, _AT_ONCE = 192, 24
_QUIET_S, _LUNCH_S, _AT_REST_WITHIN_S = 0.7, 2.4, 1.0
_REUSE_S = 1.1
"""Before Linux 6.14 tcp_tw_reuse takes a TIME_WAIT at the next whole second, since then after one second."""


def pages(service: Service) -> Served:
    """192 pages, 24 at a time, as ab asks for them: a connection each."""
    url = "http://proxy/slow/10"
    try:
        report = ab(service.bed.client, url, "-s", "10", requests=_PAGES, concurrency=_AT_ONCE, within_s=30)
    except CommandFailed as failed:
        return Served("pages", _PAGES, 0, {errorcode.get(failed.exit_code, "ab gave up"): _PAGES})
    except NotReady:
        return Served("pages", _PAGES, 0, {"timeout": _PAGES})
    broken = report.failures.connect + report.failures.receive + report.failures.exceptions + report.write_errors
    faults = {"not 2xx": report.non_2xx_responses, "broken off": broken}
    faults = {what: count for what, count in faults.items() if count}
    return Served("pages", _PAGES, max(0, _PAGES - sum(faults.values())), faults)


def rush(service: Service) -> Served:
    """48 people at once, when the doors open."""
    return _crowd("rush", service, 48, 48, "quick")


def apps(service: Service) -> Served:
    """60 apps on phones, one after the other: each closes as soon as it has its answer."""
    return _crowd("apps", service, 60, 1, "quick")


def comers(service: Service) -> Served:
    """60 apps, and after a good second 60 more."""
    first = _crowd("comers", service, 60, 1, "quick")
    wait(_REUSE_S)
    return _sum("comers", first, _crowd("comers", service, 60, 1, "quick"))


def banks(service: Service) -> Served:
    """16 banks: they let the proxy close first, and ask their socket whether all ended well."""
    return _crowd("banks", service, 16, 1, "careful")


def catalogues(service: Service) -> Served:
    """Four large downloads, 384,000 bytes each."""
    return _crowd("catalogues", service, 4, 4, "quick", path="/catalogue")


def orders(service: Service) -> Served:
    """Eight orders at once."""
    return _crowd("orders", service, 8, 8, "quick", method="POST", path="/order")


def late_orders(service: Service) -> Served:
    """Two orders, and after a quiet spell two more; what the shop's kernel says meanwhile is slow to arrive."""
    backend = service.bed.backend
    with service.bed.back.hold(having="F", source=backend):
        first = _crowd("late orders", service, 2, 1, "quick", method="POST", path="/order")
        wait(_QUIET_S, lambda: not service.count(backend, TcpState.ESTABLISHED, SHOP))
        second = _crowd("late orders", service, 2, 1, "quick", method="POST", path="/order")
    return _sum("late orders", first, second)


def lunch_orders(service: Service) -> Served:
    """Two orders, a lunch break, and two more; nothing on the wires is slow."""
    backend = service.bed.backend
    first = _crowd("lunch orders", service, 2, 1, "quick", method="POST", path="/order")
    wait(_LUNCH_S, lambda: not service.count(backend, TcpState.ESTABLISHED, SHOP))
    return _sum("lunch orders", first, _crowd("lunch orders", service, 2, 1, "quick", method="POST", path="/order"))


def probes(service: Service) -> Served:
    """20 looks of a balancer at the shop: connect, close. None may stay in CLOSE_WAIT."""
    backend = service.bed.backend
    came = _crowd("probes", service, 20, 1, "knock", host=service.bed.proxy, to=backend, port=SHOP)

    def left() -> int:
        return service.count(backend, TcpState.CLOSE_WAIT, SHOP)

    service.bed.settle()  # the last FIN has arrived
    wait(_AT_REST_WITHIN_S, lambda: not left())
    stuck = min(left(), came.well)
    return Served("probes", came.asked, came.well - stuck, {**came.faults, **({"CLOSE_WAIT": stuck} if stuck else {})})


def knock(service: Service, count: int) -> None:
    """Let the balancer look at the shop so many times."""
    _crowd("probes", service, count, 1, "knock", host=service.bed.proxy, to=service.bed.backend, port=SHOP)


def metrics(service: Service) -> Served:
    """60 lines from the agent to the store, all open."""
    wanted = 60 if "agent.py" in service.programs else 0
    wait(_AT_REST_WITHIN_S, lambda: service.agents_lines() >= wanted)
    lines = min(wanted, service.agents_lines())
    return Served("metrics", wanted, lines, {"dark": wanted - lines} if lines < wanted else {})


CROWDS: Mapping[str, Callable[[Service], Served]] = MappingProxyType(
    {
        "pages": pages,
        "rush": rush,
        "banks": banks,
        "catalogues": catalogues,
        "orders": orders,
        "late orders": late_orders,
        "lunch orders": lunch_orders,
        "probes": probes,
        "metrics": metrics,
        "apps": apps,
        "comers": comers,
    }
)
"""Every crowd by name, in the order in which they come: those last whose connections leave the client's ports busy."""


def _crowd(
    who: str,
    service: Service,
    count: int,
    at_once: int,
    manner: str,
    *,
    method: str = "GET",
    path: str = "/hello",
    host: Host | None = None,
    to: Host | None = None,
    port: int = 80,
) -> Served:
    """Run the program crowd.py in a host, and read what it counted."""
    host, to = host or service.bed.client, to or service.bed.proxy
    argv = [sys.executable, "-I", "-S", _CROWD, str(to.address), str(port), str(count), str(at_once)]
    said = host.run([*argv, manner, method, path]).stdout
    outcomes = {what: int(times) for times, _, what in (line.partition(" ") for line in said.splitlines())}
    return Served(who, count, outcomes.pop("200", 0), outcomes)


def _sum(who: str, *parts: Served) -> Served:
    faults: dict[str, int] = {}
    for part in parts:
        for what, count in part.faults.items():
            faults[what] = faults.get(what, 0) + count
    return Served(who, sum(part.asked for part in parts), sum(part.well for part in parts), faults)


RARE = frozenset({"rush", "comers", "lunch orders"})
"""Who comes only where they have something to complain of."""
