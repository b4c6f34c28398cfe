"""A host whose kernel waits: for stepping by hand."""

import contextlib

from tcplab.world.channel import if_up
from tcplab.world.host import Host
from tcplab.world.sysctl import sysctls

_SYSCTLS = {
    "tcp_early_retrans": 0,  # no tail loss probe
    "tcp_no_metrics_save": 1,  # a long hold must not slow the next connection down
    "tcp_syn_retries": 20,
    "tcp_synack_retries": 20,
}
_RTO_MIN = "100s"


def begin(host: Host, undo: contextlib.ExitStack) -> None:
    """Let data and FIN wait 100 s before they are sent again, until undo is closed.

    Source: `rto_min` of ip-route(8); it is of the route, and SYNs do not obey it.
    """
    undo.enter_context(sysctls(host, **_SYSCTLS))
    for family in ("-4", "-6"):
        routes = host.run(["ip", family, "route", "show", "table", "main"], expect=None).stdout.splitlines()
        for route in routes:
            words = route.split()
            if words[0] in ("unreachable", "fe80::/64") or "rto_min" in words:
                continue
            host.run(["ip", family, "route", "change", *words, "rto_min", _RTO_MIN])
            # A route that has been taken away meanwhile needs no mending.
            undo.callback(if_up, host.run, ["ip", family, "route", "change", *words], expect=None)
