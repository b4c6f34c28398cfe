"""Outages that lie with the proxy: its pool, its ports, its TIME_WAITs, and another program's ports."""

import re
from random import Random

from tcplab.incident.kind import Kind, Wrong
from tcplab.incident.service import Service

_POOLED = "proxy_pass             http://shop;"
_BARE = "proxy_pass             http://198.51.100.2:8080;"
_VERSION = "proxy_http_version     1.1;"
_OLD_VERSION = "proxy_http_version     1.0;"
_POOL = "keepalive          32;"
_LAST_IDLE = "keepalive_timeout  10s;"
_BIND = '    line.bind(("198.51.100.1", FIRST + number))\n'


def _house_ports(service: Service, draw: Random, count: int) -> None:
    """Leave the proxy so many ports, by order of the house."""
    lowest = draw.randrange(33_000, 60_000, 2)
    service.ports["proxy"] = ports = (lowest, lowest + count - 1)
    service.sysctl(service.bed.proxy, ip_local_port_range=ports, tcp_tw_reuse=0)


def edited(service: Service, old: str, new: str) -> None:
    """Replace a piece of nginx's file, and let nginx read it."""
    service.edit("proxy.conf", old, new)
    service.reload()


def _few_ports(service: Service, draw: Random) -> None:
    lowest = draw.randrange(33_000, 60_000)
    service.sysctl(service.bed.proxy, ip_local_port_range=(lowest, lowest + draw.randrange(3, 9)))


def _no_pool(service: Service, draw: Random) -> None:
    _house_ports(service, draw, draw.randrange(90, 110))
    edited(service, _POOLED, _BARE)


def _half_a_pool(service: Service, draw: Random) -> None:
    _house_ports(service, draw, draw.randrange(90, 110))
    edited(service, _VERSION, _OLD_VERSION)


def _small_pool(service: Service, draw: Random) -> None:
    _house_ports(service, draw, draw.randrange(50, 60))
    edited(service, _POOL, f"keepalive          {draw.randrange(1, 3)};")


def _larger_pool(service: Service) -> None:
    text = re.sub(r"keepalive  +\d+;", _POOL, service.path("proxy.conf").read_text())
    service.path("proxy.conf").write_text(text)
    service.reload()


def _timeouts_cross(service: Service, draw: Random) -> None:
    service.edit("shop.py", "IDLE_S = 60", f"IDLE_S = {draw.choice((0.2, 0.3, 0.4))}")
    service.restart("shop.py")
    edited(service, _LAST_IDLE, "keepalive_timeout  60s;")


def _uncross(service: Service) -> None:
    text = re.sub(r"^IDLE_S = [\d.]+", "IDLE_S = 75", service.path("shop.py").read_text(), flags=re.MULTILINE)
    service.path("shop.py").write_text(text)
    service.restart("shop.py")


def _few_buckets(service: Service, draw: Random) -> None:
    service.sysctl(service.bed.proxy, tcp_max_tw_buckets=draw.randrange(2, 8))


def _ports_bound(service: Service, draw: Random) -> None:
    _house_ports(service, draw, 66 + draw.randrange(0, 6))
    service.reload()  # its pool gives back the ports that the agent binds
    service.write("store.py")
    service.write("agent.py")
    service.edit("agent.py", "FIRST = 40_000", f"FIRST = {service.ports['proxy'][0]}")
    service.start_agent()


def _unbound(service: Service) -> None:
    service.edit("agent.py", _BIND, "")
    service.restart("agent.py")


def _more_workers(service: Service) -> None:
    text = service.path("proxy.conf").read_text()
    service.path("proxy.conf").write_text(text.replace("worker_connections  1024", "worker_connections  4096"))
    service.reload()


def longer_reads(service: Service) -> None:
    """Let nginx wait longer for an answer, as many try."""
    edited(service, "proxy_read_timeout     1s;", "proxy_read_timeout     2s;")


def _front_timeout(service: Service) -> None:
    edited(service, "        location / {", "        keepalive_timeout  300s;\n        location / {")


def _retry_orders(service: Service) -> None:
    retried = "proxy_next_upstream    error timeout non_idempotent;"
    edited(service, _VERSION, f"{_VERSION}\n            {retried}")


def _close_agent(service: Service) -> None:
    service.edit("agent.py", "LINES = 60", "LINES = 0")
    service.restart("agent.py")


def _ask_all_ports(service: Service) -> None:
    service.sysctl(service.bed.proxy, ip_local_port_range=(1024, 65535))


_FIN_TIMEOUT = Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_fin_timeout=1), "clock of orphans")
_NO_RULE = Wrong(_ask_all_ports, "the house")

KINDS = (
    Kind(
        "few ports on the proxy",
        ("proxy",),
        "range too small",
        "pages",
        frozenset({"proxy's ports", "pages"}),
        _few_ports,
        _ask_all_ports,
        (
            _FIN_TIMEOUT,
            Wrong(lambda service: service.sysctl(service.bed.client, ip_local_port_range=(1024, 65535)), "other host"),
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_tw_reuse=1), "not TIME_WAIT that holds"),
        ),
    ),
    Kind(
        "no pool",
        ("proxy",),
        "no pool",
        "pages",
        frozenset({"proxy's ports", "proxy's TIME_WAITs", "proxy.conf", "pages"}),
        _no_pool,
        lambda service: edited(service, _BARE, _POOLED),
        (
            _NO_RULE,
            _FIN_TIMEOUT,
            Wrong(_front_timeout, "other side of nginx"),
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_max_tw_buckets=0), "what TIME_WAIT is for"),
        ),
    ),
    Kind(
        "half a pool",
        ("proxy",),
        "no pool",
        "pages",
        frozenset({"proxy's ports", "proxy's TIME_WAITs", "proxy.conf", "pages"}),
        _half_a_pool,
        lambda service: edited(service, _OLD_VERSION, _VERSION),
        (
            Wrong(lambda service: edited(service, _POOL, "keepalive          256;"), "more places"),
            Wrong(_front_timeout, "other side of nginx"),
            _NO_RULE,
        ),
    ),
    Kind(
        "small pool",
        ("proxy",),
        "pool too small",
        "pages",
        frozenset({"proxy's ports", "proxy's TIME_WAITs", "proxy.conf", "pages"}),
        _small_pool,
        _larger_pool,
        (Wrong(_more_workers, "worker_connections"), _FIN_TIMEOUT, _NO_RULE),
    ),
    Kind(
        "timeouts cross",
        ("proxy", "backend"),
        "timeouts cross",
        "late orders",
        frozenset({"proxy.conf", "shop.py"}),
        _timeouts_cross,
        _uncross,
        (
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_keepalive_time=1), "probes"),
            Wrong(_retry_orders, "twice"),
            Wrong(_front_timeout, "other side of nginx"),
        ),
    ),
    Kind(
        "few buckets",
        ("proxy",),
        "TIME_WAIT cut short",
        "banks",
        frozenset({"proxy's TIME_WAITs", "front"}),
        _few_buckets,
        lambda service: service.sysctl(service.bed.proxy, tcp_max_tw_buckets=65536),
        (
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_fin_timeout=1), "clock of orphans"),
            Wrong(lambda service: service.sysctl(service.bed.client, tcp_max_tw_buckets=262144), "other host"),
            Wrong(lambda service: service.sysctl(service.bed.proxy, tcp_max_tw_buckets=0), "what TIME_WAIT is for"),
        ),
    ),
    Kind(
        "ports bound",
        ("proxy",),
        "ports bound",
        "pages",
        frozenset({"proxy's ports", "agent.py", "pages"}),
        _ports_bound,
        _unbound,
        (Wrong(_close_agent, "metrics are dark"), _NO_RULE, _FIN_TIMEOUT),
    ),
)
