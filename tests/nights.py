"""Nights of lab 13 as its exercises see them: what was broken, and what was left of it."""

from dataclasses import replace

from tcplab.model.incident import Aftermath, Cause, Served, Setup

HOSTS = ("client", "proxy", "backend")
GOOD = {
    "ip_local_port_range": "32768 60999",
    "somaxconn": "4096",
    "tcp_fin_timeout": "60",
    "tcp_keepalive_time": "7200",
    "tcp_max_tw_buckets": "131072",
    "tcp_timestamps": "1",
    "tcp_tw_reuse": "2",
}
CONF = "upstream shop {\n    keepalive          32;\n    keepalive_timeout  10s;\n}\n"
SILENT = "upstream shop {\n    keepalive          32;\n}\n"
SHOP = "BACKLOG = 128\nIDLE_S = 60\nPERSISTENT = True\n"
HEALTHY = Setup(dict.fromkeys(HOSTS, GOOD), {"proxy.conf": CONF, "shop.py": SHOP})


def changed(setup: Setup, host: str = "", *, conf: str = "", shop: str = "", **values: str) -> Setup:
    """A setup with sysctls of one host, or a file, that are others."""
    settings = {name: {**found, **(values if name == host else {})} for name, found in setup.settings.items()}
    files = {"proxy.conf": conf or setup.files["proxy.conf"], "shop.py": shop or setup.files["shop.py"]}
    return Setup(settings, files)


def well(*crowds: str) -> dict[str, Served]:
    """Crowds that have no complaint."""
    return {crowd: Served(crowd, 60, 60) for crowd in crowds}


def badly(crowd: str, what: str = "502") -> dict[str, Served]:
    """A crowd that still complains."""
    return {crowd: Served(crowd, 60, 20, {what: 40})}


def case(cause: Cause, broken: Setup, mended: Setup, crowd: str, **more: object) -> Aftermath:
    """A case that is solved."""
    served = well(crowd, "banks", "orders")
    return Aftermath((cause,), ((cause.sides[0], cause.mechanism),), HEALTHY, broken, mended, served, **more)


HOUSE = changed(HEALTHY, "proxy", ip_local_port_range="40000 40099")
NO_POOL = Cause("no pool", ("proxy",), "no pool")
BARE = changed(HOUSE, conf=CONF + "proxy_pass http://198.51.100.2:8080;\n")
POOLED = changed(HOUSE, conf=CONF + "proxy_pass http://shop;\n")
FIRST = case(NO_POOL, BARE, POOLED, "pages", ports={"proxy": (40000, 40099)}, opened=24)


def first(host: str = "", crowd: str = "pages", **values: str) -> Aftermath:
    """The first night, not mended: this was done in place of it."""
    return replace(FIRST, now=changed(BARE, host, **values), served=badly(crowd))


CROSSED = changed(HEALTHY, conf=CONF.replace("10s", "60s"), shop=SHOP.replace("60", "0.3"))
PATIENT = changed(CROSSED, shop=SHOP.replace("60", "75"))
CROSS = Cause("timeouts cross", ("proxy", "backend"), "timeouts cross")
SECOND = case(CROSS, CROSSED, PATIENT, "late orders", restarted=frozenset({"shop.py"}))


def second(now: Setup, **more: object) -> Aftermath:
    """The second night, not mended."""
    return replace(SECOND, now=now, served=badly("late orders"), **more)


FEW, LOST = (
    Cause("few buckets", ("proxy",), "TIME_WAIT cut short"),
    Cause("lost on the back", ("back",), "segments lost"),
)
CUT = changed(HEALTHY, "proxy", tcp_max_tw_buckets="5")
THIRD = Aftermath(
    (FEW, LOST),
    (("proxy", "TIME_WAIT cut short"), ("back", "segments lost")),
    HEALTHY,
    CUT,
    changed(CUT, "proxy", tcp_max_tw_buckets="65536"),
    well("banks", "catalogues", "pages"),
    replaced=frozenset({"back"}),
)
LEAK = case(
    Cause("leak", ("backend",), "connections leak"), HEALTHY, HEALTHY, "probes", restarted=frozenset({"shop.py"})
)
BACKLOG = case(Cause("backlog", ("backend",), "backlog overflows"), HEALTHY, HEALTHY, "rush")

DEAD = case(Cause("dead upstream", ("backend",), "upstream is dead"), HEALTHY, HEALTHY, "orders")
WALL = "ct state invalid counter drop"
AWAY = replace(changed(changed(HEALTHY, "backend", nf_conntrack_tcp_timeout_established="2"), conf=CONF), firewall=WALL)
BRIEF = replace(AWAY, files={**AWAY.files, "proxy.conf": CONF.replace("10s", "1s")})
NAT = case(Cause("NAT that forgets", ("backend",), "middle forgets"), AWAY, BRIEF, "lunch orders")


def kept_by_probes(silence_s: str, switch: str = "on") -> Aftermath:
    """A NAT that forgets, and probes from the proxy, after so much silence."""
    conf = CONF + f"proxy_socket_keepalive {switch};\n"
    return replace(NAT, now=replace(changed(AWAY, "proxy", conf=conf, tcp_keepalive_time=silence_s), firewall=WALL))


def forgotten(conf: str = "", *, well_by_luck: bool = False, **values: str) -> Aftermath:
    """A NAT that still forgets: this was done on the proxy."""
    now = replace(changed(AWAY, "proxy", conf=conf, **values), firewall=WALL)
    return replace(NAT, now=now) if well_by_luck else replace(NAT, now=now, served=badly("lunch orders", "504"))


PORTS = case(Cause("few ports on the proxy", ("proxy",), "range too small"), HEALTHY, HEALTHY, "orders")
STAMPS = case(Cause("no timestamps", ("proxy",), "no timestamps"), HEALTHY, HEALTHY, "orders")
HUNG = case(Cause("hung shop", ("backend",), "upstream hangs"), HEALTHY, HEALTHY, "orders")
HALF = case(Cause("half a pool", ("proxy",), "pool too small"), HEALTHY, HEALTHY, "orders")
BANKS = case(Cause("lost on the front", ("front",), "segments lost"), HEALTHY, HEALTHY, "catalogues")


def in_vain(solved: Aftermath, host: str = "", *, conf: str = "", **values: str) -> Aftermath:
    """Somebody's night, not mended: this was done in place of it."""
    crowd = next(iter(solved.served))
    return replace(solved, now=changed(solved.broken, host, conf=conf, **values), served=badly(crowd))


def worse(solved: Aftermath, crowd: str) -> Aftermath:
    """Somebody's night, mended, and another crowd has a complaint now."""
    return replace(solved, served={**solved.served, **badly(crowd)})


LINGERS = Setup(HEALTHY.settings, {**HEALTHY.files, "shop.py": SHOP + "SO_LINGER\n"})
SMALL, LESS = (changed(HEALTHY, "backend", tcp_max_tw_buckets=most) for most in ("1500", "900"))


def on_ports(ports: str) -> Aftermath:
    """A night, mended with a range that the house may not like."""
    now = changed(HEALTHY, "proxy", ip_local_port_range=ports)
    return replace(LEAK, ports={"proxy": (40000, 40099)}, now=now)
