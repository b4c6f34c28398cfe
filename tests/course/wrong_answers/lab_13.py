"""What learners of lab 13 might do, and what they must be told."""

from dataclasses import replace

from exercises import Tries, Try
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


TRIES = {
    "first_night": Tries(
        solved=Try(FIRST, "a few connections carry them all"),
        wrong=(
            Try(replace(FIRST, diagnoses=(("backend", "no pool"),)), "on the backend it is not"),
            Try(replace(FIRST, diagnoses=(("proxy", "ports bound"),)), "something else"),
            Try(replace(FIRST, diagnoses=(("proxy", "too many TIME_WAITs"),)), "in good days, too"),
            Try(replace(FIRST, diagnoses=(("proxy", "FIN_WAIT2 too long"),)), "it has a clock"),
            Try(replace(FIRST, diagnoses=(("client", "segments lost"),)), "first host where a request does not go on"),
            Try(replace(FIRST, now=BARE, served=badly("pages")), "Nothing has changed"),
            Try(first("proxy", tcp_fin_timeout="5"), "shortens no TIME_WAIT"),
            Try(first("proxy", tcp_tw_reuse="1"), "still rests for a second"),
            Try(first("proxy", ip_local_port_range="1024 65535"), "its firewall drops"),
            Try(first("client", ip_local_port_range="1024 65535"), "to the other host"),
            Try(
                replace(FIRST, now=changed(BARE, "proxy", tcp_max_tw_buckets="0")),
                "what TIME_WAIT is for, you have switched off",
            ),
            Try(first(conf=BARE.files["proxy.conf"] + "worker_connections 4096;\n"), "when they fall idle"),
            Try(first(conf=BARE.files["proxy.conf"] + "keepalive_timeout 300s;\n"), "on the other side of nginx"),
            Try(first(conf=BARE.files["proxy.conf"] + "# a note\n"), "Has nginx read it"),
            Try(replace(FIRST, opened=192), "the pool is gone"),
            Try(replace(FIRST, served={**well("pages"), **badly("metrics", "dark")}), "metrics are dark"),
            Try("proxy", "case.examined() is what is judged"),
        ),
    ),
    "second_night": Tries(
        solved=Try(SECOND, "must wait longer than who asks"),
        wrong=(
            Try(second(changed(CROSSED, "proxy", tcp_keepalive_time="1")), "probes find dead peers"),
            Try(second(changed(CROSSED, conf=CONF + "proxy_next_upstream error non_idempotent;\n")), "booked twice"),
            Try(second(PATIENT, restarted=frozenset()), "what runs is still the old one"),
            Try(second(CROSSED, restarted=frozenset({"shop.py"})), "A restart"),
            Try(replace(SECOND, now=changed(CROSSED, shop=SHOP.replace("60", "5"))), "After 5 s without an order"),
            Try(
                replace(SECOND, now=changed(CROSSED, shop=SHOP + "setsockopt(SOL_SOCKET, SO_LINGER)\n")),
                "closes by RST",
            ),
            Try(
                replace(
                    SECOND,
                    now=changed(PATIENT, conf=CONF + "# no pool\n"),
                    opened=192,
                    served=well("late orders", "pages"),
                ),
                "a connection to the shop for each request",
            ),
        ),
    ),
    "third_night": Tries(
        solved=Try(THIRD, "destroyed at birth"),
        wrong=(
            Try(replace(THIRD, diagnoses=THIRD.diagnoses[:1]), "One of the two is found"),
            Try(replace(THIRD, diagnoses=(("client", "TIME_WAIT cut short"),)), "on the client it is not"),
            Try(
                replace(THIRD, now=changed(CUT, "client", tcp_max_tw_buckets="262144"), served=badly("banks")),
                "the limit of the other host",
            ),
            Try(
                replace(THIRD, served={**well("banks"), **badly("catalogues")}, replaced=frozenset({"front"})),
                "the other cable",
            ),
            Try(replace(THIRD, now=changed(THIRD.now, "client", tcp_timestamps="0")), "old duplicates"),
            Try(replace(THIRD, diagnoses=(("backend", "too many TIME_WAITs"),)), "in good days, too"),
            Try(replace(THIRD, now=changed(CUT, "backend", tcp_max_tw_buckets="0")), "switched off"),
        ),
    ),
    "your_night": Tries(
        solved=Try(LEAK, "left a connection in CLOSE_WAIT"),
        also=(
            Try(replace(LEAK, now=changed(HEALTHY, "client", tcp_timestamps="2")), "CLOSE_WAIT"),
            Try(replace(LEAK, now=changed(HEALTHY, "client", tcp_max_tw_buckets="1000")), "CLOSE_WAIT"),
            Try(replace(LEAK, healthy=SMALL, broken=SMALL, now=LESS), "CLOSE_WAIT"),
            Try(replace(LEAK, broken=LINGERS, now=LINGERS), "CLOSE_WAIT"),
            Try(replace(LEAK, served=well("probes", "pages"), opened=192), "CLOSE_WAIT"),
            Try(replace(FIRST, opened=30), "a few connections"),
            Try(
                replace(FIRST, opened=192, now=changed(POOLED, shop=SHOP.replace("True", "False"))),
                "a few connections",
            ),
            Try(replace(NAT, now=replace(changed(BRIEF, conf=CONF.replace("10s", "1999ms")), firewall=WALL)), "used"),
            Try(kept_by_probes("1"), "used"),
            Try(forgotten(conf="upstream shop {\n}\n", well_by_luck=True), "used"),
            Try(replace(NAT, now=replace(changed(AWAY, shop="PERSISTENT = True\n"), firewall=WALL)), "used"),
        ),
        wrong=(
            Try(in_vain(PORTS, "proxy", tcp_tw_reuse="1"), "they are all in use"),
            Try(in_vain(STAMPS, "proxy", tcp_tw_reuse="1"), "only for who connects"),
            Try(in_vain(BACKLOG, "backend", tcp_abort_on_overflow="1"), "refused at once now"),
            Try(in_vain(BACKLOG, "backend", tcp_max_syn_backlog="9999"), "when the program called it"),
            Try(in_vain(HUNG, "proxy", tcp_keepalive_time="1"), "its kernel answers them"),
            Try(in_vain(HUNG, conf=CONF + "proxy_read_timeout 90s;\n"), "who will never answer"),
            Try(replace(in_vain(HUNG), restarted=frozenset({"shop.py"})), "the one that was well"),
            Try(in_vain(HALF, conf=CONF.replace("keepalive          32", "keepalive  64")), "A pool with more places"),
            Try(in_vain(BANKS, conf=CONF + "proxy_read_timeout 90s;\n"), "it never comes"),
            Try(replace(in_vain(BANKS), replaced=frozenset({"back"})), "the other cable"),
            Try(in_vain(LEAK, "proxy", tcp_tw_reuse="1"), "still rests for a second"),
            Try(in_vain(LEAK, "client", ip_local_port_range="1024 65535"), "to the other host"),
            Try(in_vain(BACKLOG, "backend", tcp_keepalive_time="1"), "Nothing has changed for them"),
            Try(in_vain(LEAK, conf=CONF + "worker_connections 9;\n"), "when they fall idle"),
            Try(worse(LEAK, "pages"), "Pages that many ask for"),
            Try(worse(LEAK, "banks"), "what happens to TIME_WAITs"),
            Try(worse(LEAK, "catalogues"), "Large downloads"),
            Try(worse(BACKLOG, "probes"), "leave connections behind"),
            Try(worse(BACKLOG, "late orders"), "after a quiet spell fails now"),
            Try(worse(BACKLOG, "ghosts"), "does not work any more"),
            Try(on_ports("40000 40100"), "its firewall drops"),
            Try(on_ports("39999 40099"), "its firewall drops"),
            Try(replace(LEAK, now=changed(HEALTHY, "client", tcp_max_tw_buckets="999")), "switched off"),
            Try(replace(LEAK, now=LINGERS), "closes by RST"),
            Try(kept_by_probes("2"), "After 2 s without an order"),
            Try(kept_by_probes("1", "off"), "After 2 s without an order"),
            Try(replace(SECOND, now=changed(CROSSED, shop=SHOP)), "After 60 s without an order"),
            Try(replace(LEAK, served=badly("probes", "CLOSE_WAIT")), "A restart puts the same program back"),
            Try(
                replace(LEAK, now=changed(HEALTHY, "backend", tcp_fin_timeout="5"), served=badly("probes")),
                "CLOSE_WAIT has no clock",
            ),
            Try(
                replace(BACKLOG, now=changed(HEALTHY, "backend", somaxconn="65535"), served=badly("rush", "504")),
                "when the program called it",
            ),
            Try(
                replace(DEAD, now=changed(HEALTHY, "proxy", tcp_keepalive_time="1"), served=badly("orders")),
                "opens new ones",
            ),
            Try(replace(DEAD, served=badly("orders"), restarted=frozenset({"shop.py"})), "the one that lives"),
            Try(replace(LEAK, diagnoses=(("backend", "too many TIME_WAITs"),)), "in good days, too"),
            Try(
                replace(
                    LEAK,
                    ports={"proxy": (40000, 40099)},
                    now=changed(HEALTHY, "proxy", ip_local_port_range="1024 65535"),
                    served=badly("probes"),
                ),
                "its firewall drops",
            ),
            Try(replace(NAT, now=replace(BRIEF, firewall="")), "takes in what belongs to nothing"),
            Try(forgotten(tcp_keepalive_time="1"), "sockets that ask for them"),
            Try(forgotten(ip_local_port_range="1024 65535"), "no port is missing"),
            Try(forgotten(conf=CONF + "proxy_socket_keepalive on;\n"), "Who has forgotten by then"),
            Try(forgotten(conf=CONF + "proxy_read_timeout 60s;\n"), "was dropped"),
            Try(forgotten(conf=CONF.replace("10s", "5s")), "nginx must tire of it sooner"),
            Try(forgotten(well_by_luck=True), "After 2 s without an order"),
            Try(forgotten(conf=CONF.replace("10s", "2001ms"), well_by_luck=True), "for 2.001 s"),
            Try(forgotten(conf=SILENT, well_by_luck=True), "nginx keeps a line for 60 s"),
            Try(
                replace(SECOND, now=changed(CROSSED, conf=SILENT, shop=SHOP.replace("60", "30"))), "before nginx (60 s)"
            ),
        ),
    ),
}
