"""A case, judged: the diagnosis, the repair under load, and what worked before."""

import re
from collections.abc import Callable, Iterator

from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.model.evidence import Verdict
from tcplab.model.incident import Aftermath, Cause


def judged_case(after: object) -> Verdict:
    """Judge what came of a case; anything but an Aftermath is no attempt."""
    if after is ...:
        return unseen("There is no diagnosis yet: case.diagnose(side=…, mechanism=…), and then mend it.")
    if not isinstance(after, Aftermath):
        return not_yet("Let the case be examined: case.examined() is what is judged.", got=type(after).__name__)
    return next(_verdicts(after))


def judged_unseen(after: Aftermath) -> Verdict | None:
    """Judge what needs no load: the diagnosis, and what must not be; None where all that is in order."""
    return next((found for judge in _UNSEEN if (found := judge(after)) is not None), None)


def _verdicts(after: Aftermath) -> Iterator[Verdict]:
    for judged in (judged_unseen, _not_mended, _worked_before):
        if (found := judged(after)) is not None:
            yield found
    crowds = sum(served.asked for served in after.served.values())
    yield passed(f"{_why(after.causes)} Of {crowds:,} requests under load every one is served well.")


# ---- diagnosis


def _diagnosis(after: Aftermath) -> Verdict | None:
    said = ", and ".join(f"{side}: {mechanism}" for side, mechanism in after.diagnoses)
    missing = [cause for cause in after.causes if not any(_named(cause, one) for one in after.diagnoses)]
    if not missing:
        return None
    expected = "the side and the mechanism" if len(after.causes) == 1 else "two sides, and for each its mechanism"
    if len(missing) < len(after.causes):
        return not_yet(
            "One of the two is found. Who else complains, and where does that lead?", expected=expected, got=said
        )
    for side, mechanism in after.diagnoses:
        if mechanism in _INNOCENT:
            return not_yet(_INNOCENT[mechanism], expected=expected, got=said, misconception=mechanism)
        if any(mechanism == cause.mechanism for cause in missing):
            return not_yet(
                f"The mechanism is the right one; on the {side} it is not. Whose sockets, counters or files show it?",
                expected=expected,
                got=said,
            )
        if any(side in cause.sides for cause in missing):
            return not_yet(
                f"It lies there, and it is something else. What would {mechanism!r} leave behind for you to see?",
                expected=expected,
                got=said,
            )
    return not_yet(
        "That is not it. Go from the complaint to the first host where a request does not go on.",
        expected=expected,
        got=said,
    )


def _named(cause: Cause, diagnosis: tuple[str, str]) -> bool:
    side, mechanism = diagnosis
    return side in cause.sides and mechanism == cause.mechanism


_INNOCENT = {
    "too many TIME_WAITs": (
        "TIME_WAITs on the side that is connected to take no port and next to no memory (lab 06)."
        " They are there in good days, too."
    ),
    "FIN_WAIT2 too long": (
        "Nobody waits for an orphan in FIN_WAIT2: it has a clock, and ends alone (lab 07). What do requests wait for?"
    ),
}


# ---- what must not be


def _harm(after: Aftermath) -> Verdict | None:
    for host, value in after.changed("tcp_max_tw_buckets").items():
        if int(value) < int(after.healthy.settings[host]["tcp_max_tw_buckets"]) // 2 and int(value) < 1000:
            return not_yet(
                "A tcp_max_tw_buckets this small destroys TIME_WAITs at birth. Requests may go through now; what"
                " TIME_WAIT is for, you have switched off (labs 03 and 06).",
                expected="TIME_WAITs that live their minute",
                got=f"tcp_max_tw_buckets={value} on the {host}",
                misconception="fewer TIME_WAITs are better",
            )
    for host, value in after.changed("tcp_timestamps").items():
        if value == "0":
            return not_yet(
                "Without timestamps tcp_tw_reuse does nothing, and old duplicates have an open door (labs 05 and 12).",
                expected="tcp_timestamps=1",
                got=f"tcp_timestamps=0 on the {host}",
            )
    for name, text in after.now.files.items():
        if "SO_LINGER" in text and "SO_LINGER" not in after.broken.files.get(name, ""):
            return not_yet(
                "SO_LINGER with 0 closes by RST: no TIME_WAIT, and whatever is still on its way is thrown away.",
                expected="connections that end with FIN",
                got=f"SO_LINGER in {name}",
                misconception="SO_LINGER 0 is the cure",
            )
        if "non_idempotent" in text:
            return not_yet(
                "nginx may now send an order again whose answer was lost: some will be booked twice."
                " Mend why they fail.",
                expected="orders that nobody has to repeat",
                got=f"non_idempotent in {name}",
                misconception="a retry mends a race",
            )
    if "invalid" in after.broken.firewall and "invalid" not in after.now.firewall:
        return not_yet(
            "A firewall without that rule takes in what belongs to nothing, from anybody; the house wants it. Who lets"
            " a line rest for so long, and who forgets it so soon?",
            expected="a firewall that drops what is invalid",
            got="one that does not",
            misconception="no firewall, no outage",
        )
    return None


def _house_rule(after: Aftermath) -> Verdict | None:
    for host, (lowest, highest) in after.ports.items():
        low, high = map(int, after.now.settings[host]["ip_local_port_range"].split())
        if low < lowest or high > highest:
            return not_yet(
                "It would go through here, and not in the house: its firewall drops what comes from other ports."
                " Do with fewer connections, or use the ports again.",
                expected=f"the {host} on ports {lowest} to {highest}",
                got=f"ip_local_port_range={low} {high}",
                misconception="more ports are always to be had",
            )
    return None


_UNSEEN = (_diagnosis, _harm, _house_rule)


# ---- not mended


def _not_mended(after: Aftermath) -> Verdict | None:
    for cause, crowd in zip(after.causes, after.served, strict=False):
        served = after.served[crowd]
        if served.all_well and not _lucky(cause, after):
            continue
        message = next((said for test, said in _MISSED if test(cause, after)), _NOTHING)
        if served.all_well:
            message = _lucky(cause, after)
        return not_yet(message, expected=f"{served.asked} of {served.asked} {crowd} served well", got=repr(served))
    return None


def _lucky(cause: Cause, after: Aftermath) -> str:
    """Return what is still wrong where a short load happens to go well; empty where nothing is."""
    shop = re.search(r"^IDLE_S = ([\d.]+)", after.now.files.get("shop.py", ""), re.MULTILINE)
    conf = after.now.files.get("proxy.conf", "")
    pool = re.search(r"^\s*keepalive_timeout\s+(\d+)(ms|s)?\s*;", conf, re.MULTILINE)
    if not shop or not pool:
        return ""
    pool_s = int(pool[1]) / (1000 if pool[2] == "ms" else 1)
    if cause.kind == "timeouts cross" and pool_s >= float(shop[1]):
        return (
            f"After {shop[1]} s without an order it fails again: the shop still closes before nginx ({pool_s:g} s)"
            " does. Who waits longer must be the one who is asked."
        )
    if cause.kind == "NAT that forgets":
        remembers_s = int(after.now.settings["backend"][_REMEMBERS])
        probes = re.search(r"^\s*proxy_socket_keepalive\s+on\s*;", conf, re.MULTILINE)
        probe_s = float(after.now.settings["proxy"]["tcp_keepalive_time"]) if probes else pool_s
        if min(pool_s, probe_s, float(shop[1])) >= remembers_s:
            return (
                f"After {remembers_s} s without an order it fails again: nginx keeps a line for {pool_s:g} s, and"
                " nobody says a word on it meanwhile. What keeps it in memory?"
            )
    return ""


def _set(name: str) -> Callable[[Cause, Aftermath], bool]:
    return lambda _cause, after: bool(after.changed(name))


def _kind(*names: str) -> Callable[[Cause, Aftermath], bool]:
    return lambda cause, _after: cause.kind in names


def _both(*tests: Callable[[Cause, Aftermath], bool]) -> Callable[[Cause, Aftermath], bool]:
    return lambda cause, after: all(test(cause, after) for test in tests)


def _either(*tests: Callable[[Cause, Aftermath], bool]) -> Callable[[Cause, Aftermath], bool]:
    return lambda cause, after: any(test(cause, after) for test in tests)


def _edited(name: str, words: str = "") -> Callable[[Cause, Aftermath], bool]:
    def test(_cause: Cause, after: Aftermath) -> bool:
        added = set(after.now.files.get(name, "").splitlines()) - set(after.broken.files.get(name, "").splitlines())
        return after.edited(name) and (not words or any(words in line for line in added))

    return test


def _restarted(_cause: Cause, after: Aftermath) -> bool:
    return bool(after.restarted)


def _not_restarted(name: str) -> Callable[[Cause, Aftermath], bool]:
    return lambda _cause, after: after.edited(name) and name not in after.restarted


def _on_another_side(name: str) -> Callable[[Cause, Aftermath], bool]:
    return lambda cause, after: bool(after.changed(name)) and not set(after.changed(name)) & set(cause.sides)


_REMEMBERS = "nf_conntrack_tcp_timeout_established"
_NOTHING = "Nothing has changed for them. What stands in the way of their next request?"
_MISSED: tuple[tuple[Callable[[Cause, Aftermath], bool], str], ...] = (
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
        "proxy.conf is another now. Has nginx read it, and does the first host where requests stop agree?",
    ),
)


# ---- what worked before

_REGRESSIONS = {
    "metrics": "The metrics are dark: the agent's lines were in the way, and somebody needs them.",
    "pages": "Pages that many ask for at a time are not all served.",
    "late orders": "An order after a quiet spell fails now: does one side close what the other takes for open?",
    "banks": "Connections that end well no more: what happens to TIME_WAITs?",
    "catalogues": "Large downloads do not arrive whole any more.",
    "probes": "The balancer's probes leave connections behind on the shop.",
}


def _worked_before(after: Aftermath) -> Verdict | None:
    for crowd, served in after.served.items():
        if not served.all_well:
            message = _REGRESSIONS.get(crowd, "What they need does not work any more.")
            return not_yet(
                f"The complaint is answered, and there is a new one. {message}",
                expected=f"{served.asked} of {served.asked} {crowd} served well, as before",
                got=repr(served),
            )
    pages = after.served.get("pages")
    if (
        pages
        and after.edited("proxy.conf")
        and after.opened > pages.asked // 2
        and "PERSISTENT = True" in after.now.files["shop.py"]
    ):
        return not_yet(
            "The complaint is answered, and the pool is gone: a connection to the shop for each request (lab 10).",
            expected="a pool that is used",
            got=f"{after.opened} connections for {pages.asked} pages",
            misconception="without a pool there is no race",
        )
    return None


# ---- passed

_BECAUSE = {
    "range too small": "Ports are few, and each is taken: connect() has none to give.",
    "no pool": "Each request took a port of the proxy's for a minute; now a few connections carry them all.",
    "pool too small": "What found no place in the pool was closed, and left its port in TIME_WAIT.",
    "timeouts cross": "Who is asked must wait longer than who asks. Then nobody sends into a FIN.",
    "connections leak": "Each probe left a connection in CLOSE_WAIT, until no descriptor was left for a customer.",
    "TIME_WAIT cut short": "A TIME_WAIT without room is destroyed at birth, and the peer's FIN is answered with RST.",
    "backlog overflows": "Who found no room before accept() was not refused: its SYN was dropped, to try again later.",
    "no timestamps": "tcp_tw_reuse asks for timestamps on both sides, for they tell old segments from new.",
    "ports bound": "A port that bind() has taken is taken for every destination. connect() alone shares it.",
    "upstream hangs": "A kernel that acknowledges is no program that answers.",
    "upstream is dead": "Who is gone says nothing, not even no; nginx asked it in turn, and waited.",
    "middle forgets": "A line must be used, or given up, before somebody on its way forgets it.",
    "segments lost": "Small answers need no ACK to be whole; large ones wait for it.",
    "closed by reset": "RST throws away what is on its way; only small answers were fast enough.",
}


def _why(causes: tuple[Cause, ...]) -> str:
    return " ".join(_BECAUSE[cause.mechanism] for cause in causes)
