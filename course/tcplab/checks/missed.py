"""Repairs in vain: by what was changed and what was wrong, what leads on."""

from collections.abc import Callable

from tcplab.model.incident import Aftermath, Cause

Test = Callable[[Cause, Aftermath], bool]


def _set(name: str) -> Test:
    return lambda _cause, after: bool(after.changed(name))


def _kind(*names: str) -> Test:
    return lambda cause, _after: cause.kind in names


def _both(*tests: Test) -> Test:
    return lambda cause, after: all(test(cause, after) for test in tests)


def _either(*tests: Test) -> Test:
    return lambda cause, after: any(test(cause, after) for test in tests)


def _edited(name: str, words: str = "") -> Test:
    def test(_cause: Cause, after: Aftermath) -> bool:
        added = set(after.now.files.get(name, "").splitlines()) - set(after.broken.files.get(name, "").splitlines())
        return after.edited(name) and (not words or any(words in line for line in added))

    return test


def _restarted(_cause: Cause, after: Aftermath) -> bool:
    return bool(after.restarted)


def _not_restarted(name: str) -> Test:
    return lambda _cause, after: after.edited(name) and name not in after.restarted


def _on_another_side(name: str) -> Test:
    return lambda cause, after: bool(after.changed(name)) and not set(after.changed(name)) & set(cause.sides)


NOTHING = "Nothing has changed for them. What stands in the way of their next request?"
MISSED: tuple[tuple[Test, str], ...] = (
    (
        _both(_kind("lost on the front", "lost on the back"), lambda _, after: bool(after.replaced)),
        "That was the other cable. On which wire are segments dropped? Its record says so of each.",
    ),
    (
        _both(_kind("leak"), _set("tcp_fin_timeout")),
        "CLOSE_WAIT has no clock: it waits for its own program (lab 07).",
    ),
    (
        _set("tcp_fin_timeout"),
        "tcp_fin_timeout is the clock of orphans in FIN_WAIT2. It shortens no TIME_WAIT and frees no port (lab 02).",
    ),
    (
        _both(_kind("few ports on the proxy"), _set("tcp_tw_reuse")),
        "It is not TIME_WAIT that holds these ports: they are all in use. ss -tan shows in which state.",
    ),
    (
        _both(_kind("no timestamps"), _set("tcp_tw_reuse")),
        "tcp_tw_reuse is only for who connects, and there it is on. What else does it ask for, of both sides (lab 05)?",
    ),
    (
        _set("tcp_tw_reuse"),
        "With tcp_tw_reuse a port still rests for a second. Users come faster than you have ports (lab 05).",
    ),
    (
        _both(_kind("NAT that forgets"), _set("ip_local_port_range")),
        "No connect() fails here: no port is missing. What becomes of a segment on a line that has rested?",
    ),
    (
        _on_another_side("ip_local_port_range"),
        "You have given ports to the other host. Whose connect() fails, and for which range does it look?",
    ),
    (
        _on_another_side("tcp_max_tw_buckets"),
        "That is the limit of the other host. Which one counts TcpExtTCPTimeWaitOverflow?",
    ),
    (
        _both(_kind("backlog"), _set("tcp_abort_on_overflow")),
        "Those who find no room are refused at once now, in place of waiting. There is no more room than before.",
    ),
    (
        _both(_kind("backlog"), _either(_set("somaxconn"), _set("tcp_max_syn_backlog"))),
        "listen() took the smaller of its own number and somaxconn, when the program called it. See ss -tln.",
    ),
    (
        _both(_kind("timeouts cross"), _set("tcp_keepalive_time")),
        "TCP's probes find dead peers. Here the peer is alive, has closed, and its FIN is under way.",
    ),
    (
        _both(_kind("hung shop"), _set("tcp_keepalive_time")),
        "TCP's probes ask a kernel, and its kernel answers them. It is the program that does not (lab 09).",
    ),
    (
        _both(_kind("dead upstream"), _set("tcp_keepalive_time")),
        "TCP's probes find a dead peer of connections that are there. nginx opens new ones to it, each time anew.",
    ),
    (
        _both(_kind("NAT that forgets"), _edited("proxy.conf", "proxy_socket_keepalive")),
        "The first probe comes after tcp_keepalive_time seconds of silence. Who has forgotten by then?",
    ),
    (
        _both(_kind("NAT that forgets"), _set("tcp_keepalive_time")),
        "Probes are sent for sockets that ask for them, with SO_KEEPALIVE (lab 09). Does nginx ask, towards the shop?",
    ),
    (
        _both(_kind("NAT that forgets"), _edited("proxy.conf", "proxy_read_timeout")),
        "nginx waits longer, for the answer to a segment that was dropped, as all its repetitions will be (lab 11).",
    ),
    (
        _both(_kind("NAT that forgets"), _edited("proxy.conf", "keepalive_timeout")),
        "How long does the backend remember a silent line? nginx must tire of it sooner: a matter of upstream{}.",
    ),
    (
        _not_restarted("shop.py"),
        "shop.py is another file now, and what runs is still the old one: case.restart('shop.py').",
    ),
    (
        _edited("proxy.conf", "worker_connections"),
        "worker_connections is how many nginx may have. How many does it keep when they fall idle?",
    ),
    (
        _edited("proxy.conf", "keepalive_timeout"),
        "That keepalive_timeout stands outside upstream{}: it is for browsers, on the other side of nginx (lab 10).",
    ),
    (
        _both(_kind("half a pool"), _edited("proxy.conf", "keepalive ")),
        "A pool with more places is as empty: what comes back to it? By which version of HTTP does nginx ask?",
    ),
    (
        _both(_kind("hung shop", "dead upstream"), _edited("proxy.conf", "proxy_read_timeout")),
        "nginx waits longer, for somebody who will never answer.",
    ),
    (
        _edited("proxy.conf", "proxy_read_timeout"),
        "The rest is not late: it never comes. Who throws it away, and what does the wire record last?",
    ),
    (
        _both(_kind("hung shop"), _restarted),
        "You have started the one that was well. Two listen on the backend: which of the two reads what it is sent?",
    ),
    (
        _both(_kind("dead upstream"), _restarted),
        "You have started the one that lives. nginx knows two servers: connect() to each, and see who answers.",
    ),
    (
        _restarted,
        "A restart puts the same program back, and the same thing happens again. Read its file.",
    ),
    (
        _edited("proxy.conf"),
        "proxy.conf is another now. Has nginx read it: case.reload()? If so, is that the line by which requests stop?",
    ),
)
