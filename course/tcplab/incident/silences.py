"""Outages in which nobody answers: a process that hangs, a machine that is gone, a NAT that has forgotten."""

from random import Random

from tcplab.errors import SysctlMissing, TcplabError
from tcplab.incident.kind import ALONE, Kind, Wrong
from tcplab.incident.proxies import edited, longer_reads
from tcplab.incident.service import FILES, OTHER_SHOP, PUBLISHED, Service
from tcplab.traffic.curl import curl
from tcplab.traffic.program import Program

_SERVER = "        server             198.51.100.2:8080  max_fails=0;\n"
_TWO_SHOPS = f"{_SERVER}        server             198.51.100.2:8081  max_fails=0;\n"
_GONE = "198.51.100.3"
_TWO_MACHINES = f"{_SERVER}        server             {_GONE}:8080  max_fails=0;\n"
_SOON, _LATE = "proxy_connect_timeout  500ms;", "proxy_connect_timeout  60s;"
_LAST_IDLE = "keepalive_timeout  10s;"
_FORGETS_S = 2
_FIREWALL = "firewall.nft"


def _hang(service: Service, draw: Random) -> None:
    del draw
    service.programs["the other shop.py"] = lambda: Program(service.path("shop.py")).start(
        service.bed.backend, OTHER_SHOP, open_files=256
    )
    other = service.run("the other shop.py")
    service.other_pid = other.pid
    edited(service, _SERVER, _TWO_SHOPS)
    service.bed.backend.run(["kill", "-STOP", str(other.pid)])


def _wake(service: Service) -> None:
    service.bed.backend.run(["kill", "-CONT", str(service.other_pid)])


def _die(service: Service, draw: Random) -> None:
    """Let nginx pool connections to two machines, and take one of them away: no RST, no ICMP, no word."""
    del draw
    proxy, backend = service.bed.proxy, service.bed.backend
    backend.run(["ip", "address", "add", f"{_GONE}/32", "dev", "eth0"])
    known = proxy.run(["ip", "neighbour", "show", "198.51.100.2"]).stdout.split()
    proxy.run(["ip", "neighbour", "add", _GONE, "lladdr", known[known.index("lladdr") + 1], "dev", "eth1"])
    service.edit("proxy.conf", _SOON, _LATE)
    edited(service, _SERVER, _TWO_MACHINES)
    for _ in range(2):
        curl(service.bed.client, "http://proxy/hello")
    backend.run(["ip", "address", "del", f"{_GONE}/32", "dev", "eth0"])
    backend.run(["ss", "-KHtn4", "src", _GONE], expect=None)


def _bury(service: Service) -> None:
    service.edit("proxy.conf", _LATE, _SOON)
    edited(service, _TWO_MACHINES, _SERVER)


def _tracks(service: Service) -> bool:
    """Tell whether this kernel takes the firewall's rules, and has its clocks."""
    try:
        service.bed.backend.run(["nft", "-c", "-f", str(FILES / _FIREWALL)])
        service.bed.backend.sysctl("nf_conntrack_tcp_timeout_established")
    except (TcplabError, SysctlMissing):
        return False
    return True


def _forget(service: Service, draw: Random) -> None:
    del draw
    service.write(_FIREWALL)
    service.bed.backend.run(["nft", "-f", str(service.path(_FIREWALL))])
    service.tracks = True
    service.sysctl(service.bed.backend, nf_conntrack_tcp_timeout_established=_FORGETS_S, nf_conntrack_tcp_loose=0)
    edited(service, "198.51.100.2:8080", f"198.51.100.2:{PUBLISHED}")


def _rest_less(service: Service) -> None:
    edited(service, _LAST_IDLE, "keepalive_timeout  1s;")


def _no_firewall(service: Service) -> None:
    service.bed.backend.run(["nft", "delete", "chain", "ip", "published", "strangers"])


def _unasked_probes(service: Service) -> None:
    service.sysctl(service.bed.proxy, tcp_keepalive_time=1)


KINDS = (
    Kind(
        "hung shop",
        ("backend",),
        "upstream hangs",
        "orders",
        ALONE,
        _hang,
        _wake,
        (
            Wrong(longer_reads, "waits longer"),
            Wrong(lambda service: service.restart("shop.py"), "which of the two"),
            Wrong(_unasked_probes, "kernel answers them"),
        ),
    ),
    Kind(
        "dead upstream",
        ("backend",),
        "upstream is dead",
        "orders",
        ALONE,
        _die,
        _bury,
        (
            Wrong(longer_reads, "waits longer"),
            Wrong(lambda service: service.restart("shop.py"), "the one that lives"),
            Wrong(_unasked_probes, "opens new ones"),
        ),
    ),
    Kind(
        "NAT that forgets",
        ("backend",),
        "middle forgets",
        "lunch orders",
        frozenset({"proxy.conf", "shop.py", "back"}),
        _forget,
        _rest_less,
        (
            Wrong(_no_firewall, "takes in what belongs to nothing"),
            Wrong(longer_reads, "was dropped"),
            Wrong(_unasked_probes, "SO_KEEPALIVE"),
        ),
        possible=_tracks,
    ),
)
