"""What tcp_tw_reuse goes by in one host: its delay, and how old each TIME_WAIT is."""

import time

from tcplab.errors import SysctlMissing
from tcplab.model.connection import Connection
from tcplab.model.reuse import JIFFY_S, all_old_enough
from tcplab.model.state import TcpState
from tcplab.observe.sockets import sockets
from tcplab.world.host import Host

TIME_WAIT_S = 60
_BEGINNING_S = 0.1


def reuse_delay_s(host: Host) -> float | None:
    """How old (s) a TIME_WAIT must be before this host reuses it; None where the kernel has no such setting.

    Source: ip-sysctl, tcp_tw_reuse_delay (Linux 6.14 and later). Before, a kernel waits for its next whole second.
    """
    try:
        return int(host.sysctl("tcp_tw_reuse_delay")) / 1000
    except SysctlMissing:
        return None


def entered_s(entry: Connection, now_s: float) -> float:
    """When an entry began (time.monotonic()), read off the clock that counts its 60 s down.

    Limit: a FIN that comes again starts that clock anew; the kernel's delay goes on from the true beginning.
    """
    return now_s - (TIME_WAIT_S - (entry.timer_s or 0.0))


def ripe(host: Host) -> bool:
    """Tell whether every TIME_WAIT of a host is old enough to be reused; true also where there is none.

    >>> wait_until(lambda: ripe(bed.client), within_s=5, what="the reuse delay")     # doctest: +SKIP
    """
    table = list(sockets(host, state=TcpState.TIME_WAIT))
    now_s = time.monotonic()
    # That clock counts jiffies, so an entry may look older than it is, by one of them.
    return all_old_enough([entered_s(entry, now_s) + JIFFY_S for entry in table], now_s, reuse_delay_s(host))


def early(host: Host) -> bool:
    """Tell whether a TIME_WAIT that begins now stays too young for a while.

    Always, where the kernel has tcp_tw_reuse_delay. Where it counts whole seconds: in the first tenth of one.

    >>> wait_until(lambda: early(bed.client), within_s=2, what="the beginning of a second")     # doctest: +SKIP
    """
    return reuse_delay_s(host) is not None or time.monotonic() % 1 < _BEGINNING_S
