"""Inside a guest: what of TIME_WAIT differs from kernel to kernel; see facts.py."""

import errno
import socket
import time

from tcplab import TcpState, Testbed, counters, sockets, sysctls, wait_until
from tcplab.model.conversation import conversations
from tcplab.traffic.connects import leave_time_waits, open_and_close
from tcplab.traffic.forget import forget


def tw_reuse() -> str:
    """The default of tcp_tw_reuse."""
    with Testbed.two_hosts() as bed:
        return bed.client.sysctl("tcp_tw_reuse")


def reuse_is_refused() -> str:
    """Whether tcp_tw_reuse takes what is no mode."""
    with Testbed.two_hosts() as bed:
        said = bed.client.run(["sysctl", "-w", "net.ipv4.tcp_tw_reuse=3"], expect=None)
    return "refused" if "Invalid argument" in said.stdout + said.stderr else "taken"


def reuse_waits() -> str:
    """How long a TIME_WAIT keeps its port from reuse, begun early and late in a second of the kernel's clock."""
    with Testbed.two_hosts(link="veth") as bed:
        waited = [_reused_after_ms(bed, begun) for begun in (0.05, 0.85)]
    exact = all(900 < ms < 1300 for ms in waited)
    return "1 s" if exact else "until the next whole second: 0 to 1 s"


def _reused_after_ms(bed: Testbed, begun: float) -> float:
    with sysctls(bed.client, ip_local_port_range=(40000, 40000), tcp_tw_reuse=1), bed.server.listen(0) as listener:
        while abs(time.monotonic() % 1 - begun) > 0.03:
            time.sleep(0.002)
        _visit(bed, listener)
        since = time.monotonic()
        while True:
            try:
                _visit(bed, listener)
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL or time.monotonic() - since > 5:
                    raise
            else:
                return (time.monotonic() - since) * 1000


def time_wait_s() -> str:
    """Whether tcp_fin_timeout shortens TIME_WAIT."""
    with Testbed.two_hosts() as bed, sysctls(bed.client, tcp_fin_timeout=5), bed.server.listen(80) as listener:
        _visit(bed, listener)
        (entry,) = sockets(bed.client, state=TcpState.TIME_WAIT)
    return "60 s" if 55 < (entry.timer_s or 0) <= 61 else f"{entry.timer_s} s"


def killed() -> str:
    """What becomes of a TIME_WAIT that ss is to kill."""
    with Testbed.two_hosts() as bed, bed.server.listen(80) as listener:
        _visit(bed, listener)
        done = bed.client.run(["ss", "-KHtn4", "state", "time-wait"], expect=None)
        left = sockets(bed.client, state=TcpState.TIME_WAIT)
    return f"stays, and `ss` ends with {done.exit_code}" if left else "gone"


def tw_counter() -> str:
    """How far TcpExtTW moves when TIME_WAITs begin."""
    with Testbed.two_hosts(link="veth") as bed:
        before = counters(bed.client)
        leave_time_waits(bed.client, bed.server, 80, count=10)
        return f"+{(counters(bed.client) - before)['TcpExtTW']}"


def overflow() -> str:
    """What the limit on TIME_WAITs leaves, and counts."""
    with Testbed.two_hosts(link="veth") as bed, sysctls(bed.client, tcp_max_tw_buckets=10):
        open_and_close(bed.client, bed.server, count=50)
        now = counters(bed.client)
    return f"{now['sockstat.TCP.tw']}, {now['TcpExtTCPTimeWaitOverflow']}"


def syn_meets_last_ack() -> str:
    """What crosses the wire when a SYN meets LAST_ACK: the peer has forgotten the connection."""
    with (
        Testbed.two_hosts() as bed,
        bed.patient(),
        sysctls(bed.client, ip_local_port_range=(40000, 40000)),
        bed.server.listen(80) as listener,
    ):
        mine, theirs = bed.client.connect(bed.server, 80), listener.accept()[0]
        mine.close()
        wait_until(lambda: sockets(bed.client, state=TcpState.FIN_WAIT2), within_s=5, what="the server's ACK")
        with bed.wire.drop(flags="A", source=bed.client, first=1):
            theirs.close()
        forget(bed.client, conversations(bed.wire.segments)[-1])
        begun = len(bed.wire.segments)
        again = bed.client.connect(bed.server, 80)
        bed.wire.settle()
        flags = [segment.flags for segment in bed.wire.segments[begun:]]
        again.close()
    return " ".join(flags)


def first_number() -> str:
    """How far beyond a TIME_WAIT's last number the server of a connection that came out of it begins."""
    with (
        Testbed.two_hosts() as bed,
        sysctls(bed.client, ip_local_port_range=(40000, 40000)),
        bed.server.listen(80) as listener,
    ):
        for _ in range(2):
            mine, theirs = bed.client.connect(bed.server, 80), listener.accept()[0]
            theirs.close()
            mine.recv(1)
            mine.close()
            bed.wire.settle()
        old, new = (
            [turn.segment for turn in talk if not turn.from_client] for talk in conversations(bed.wire.segments)
        )
    beyond = (new[0].seq - old[-1].seq - old[-1].sequence_length) % 2**32
    return f"{beyond:,} beyond the old one's last" if beyond == 65_537 else "drawn"


def _visit(bed: Testbed, listener: socket.socket) -> None:
    mine = bed.client.connect(bed.server, listener.getsockname()[1])
    theirs = listener.accept()[0]
    mine.close()
    theirs.recv(1)
    theirs.close()
