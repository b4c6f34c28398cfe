"""Whether those who complained are served now, and what still stands in their way."""

import re

from tcplab.checks.exercise import not_yet
from tcplab.checks.missed import MISSED, NOTHING
from tcplab.model.evidence import Verdict
from tcplab.model.incident import Aftermath, Cause

_POOL_S = 60.0  # how long a connection may rest in nginx's pool, where keepalive_timeout does not say
_REMEMBERS = "nf_conntrack_tcp_timeout_established"


def judged_unmended(after: Aftermath) -> Verdict | None:
    """Judge whether those who complained are served; None where they are."""
    for cause, crowd in zip(after.causes, after.served, strict=False):
        served = after.served[crowd]
        if served.all_well and not _lucky(cause, after):
            continue
        message = next((said for test, said in MISSED if test(cause, after)), NOTHING)
        if served.all_well:
            message = _lucky(cause, after)
        return not_yet(message, expected=f"{served.asked} of {served.asked} {crowd} served well", got=repr(served))
    return None


def _lucky(cause: Cause, after: Aftermath) -> str:
    """Return what is still wrong where a short load happens to go well; empty where nothing is."""
    shop = re.search(r"^IDLE_S = ([\d.]+)", after.now.files.get("shop.py", ""), re.MULTILINE)
    conf = after.now.files.get("proxy.conf", "")
    pool = re.search(r"^\s*keepalive_timeout\s+(\d+)(ms|s)?\s*;", conf, re.MULTILINE)
    if not shop or not re.search(r"^\s*keepalive\s+[1-9]", conf, re.MULTILINE):
        return ""
    pool_s = int(pool[1]) / (1000 if pool[2] == "ms" else 1) if pool else _POOL_S
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
