"""Red herrings: what looks guilty, is there indeed, and harms nobody."""

from collections.abc import Callable
from random import Random

from tcplab.incident.service import Service
from tcplab.traffic.ab import ab

Herring = Callable[[Service], str]


def _time_waits(service: Service) -> str:
    ab(service.bed.client, "http://proxy/hello", requests=40)
    return "“There are dozens of TIME_WAITs on the proxy”, says monitoring, in red."


def _fin_timeout(service: Service) -> str:
    service.sysctl(service.bed.proxy, tcp_fin_timeout=5)
    return "A colleague owns up: on Friday he set tcp_fin_timeout to 5 on the proxy."


def _probes_time(service: Service) -> str:
    service.sysctl(service.bed.backend, tcp_keepalive_time=600)
    return "On the backend tcp_keepalive_time is 600. The handbook says 7200."


def _rfc1337(service: Service) -> str:
    service.sysctl(service.bed.backend, tcp_rfc1337=1)
    return "Nobody knows who set tcp_rfc1337 to 1 on the backend, or what it is."


def _syn_backlog(service: Service) -> str:
    service.sysctl(service.bed.client, tcp_max_syn_backlog=64)
    return "The client has a tcp_max_syn_backlog of 64. That is not much, says a forum."


HERRINGS: tuple[Herring, ...] = (_time_waits, _fin_timeout, _probes_time, _rfc1337, _syn_backlog)


def herrings(service: Service, draw: Random, count: int = 2) -> list[str]:
    """Lay some out, and return how each is talked about."""
    return [herring(service) for herring in draw.sample(HERRINGS, count)]
