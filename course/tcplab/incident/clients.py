"""Outages that lie with the client: ports that are too few, or that may not be used again."""

from random import Random

from tcplab.incident.kind import ALONE, Kind, Wrong
from tcplab.incident.service import Service

DEFAULT_RANGE = (32768, 60999)


def _one_port(service: Service, draw: Random) -> None:
    port = draw.randrange(33_000, 60_000)
    service.sysctl(service.bed.client, ip_local_port_range=(port, port))


def _few_ports(service: Service, draw: Random) -> None:
    lowest = draw.randrange(33_000, 60_000)
    service.sysctl(service.bed.client, ip_local_port_range=(lowest, lowest + draw.randrange(9, 20)), tcp_tw_reuse=0)


def _no_timestamps(service: Service, draw: Random) -> None:
    lowest = draw.randrange(33_000, 60_000)
    ports = (lowest, lowest + draw.randrange(63, 80))
    service.ports["client"] = ports
    service.sysctl(service.bed.client, ip_local_port_range=ports, tcp_tw_reuse=1)
    service.sysctl(service.bed.proxy, tcp_timestamps=0)


def _widen(service: Service) -> None:
    service.sysctl(service.bed.client, ip_local_port_range=DEFAULT_RANGE)


KINDS = (
    Kind(
        "one port",
        ("client",),
        "range too small",
        "apps",
        ALONE,
        _one_port,
        _widen,
        (
            Wrong(lambda service: service.sysctl(service.bed.client, tcp_fin_timeout=1), "clock of orphans"),
            Wrong(lambda service: service.reload(), "Nothing has changed"),
            Wrong(lambda service: service.sysctl(service.bed.client, tcp_max_tw_buckets=0), "what TIME_WAIT is for"),
            Wrong(lambda service: service.sysctl(service.bed.proxy, ip_local_port_range=(1024, 65535)), "other host"),
        ),
    ),
    Kind(
        "few ports",
        ("client",),
        "range too small",
        "apps",
        ALONE,
        _few_ports,
        _widen,
        (
            Wrong(lambda service: service.sysctl(service.bed.client, tcp_tw_reuse=1), "rests for a second"),
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_fin_timeout=1), "clock of orphans"),
        ),
    ),
    Kind(
        "no timestamps",
        ("proxy",),
        "no timestamps",
        "comers",
        frozenset({"client's ports", "proxy's ports"}),
        _no_timestamps,
        lambda service: service.sysctl(service.bed.proxy, tcp_timestamps=1),
        (
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_tw_reuse=1), "only for who connects"),
            Wrong(lambda service: service.sysctl(service.bed.client, ip_local_port_range=DEFAULT_RANGE), "the house"),
            Wrong(lambda service: service.sysctl(service.bed.client, tcp_max_tw_buckets=5), "what TIME_WAIT is for"),
        ),
    ),
)
