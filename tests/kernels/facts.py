"""Inside a guest: what differs from kernel to kernel, each looked at and not deduced from a version.

A fact is a function that makes a bed of its own, as an ordinary user, and returns a few words. What raises is a fact,
too.
"""

import errno
import json
import socket
import statistics
import struct
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import IO

from tcplab import TcpState, Testbed, counters, sockets, sysctls, wait_until
from tcplab.model.conversation import conversations
from tcplab.traffic.connects import has_local_port_range, leave_time_waits, open_and_close
from tcplab.traffic.forget import forget

# Sysctls that came with a kernel.
NEW_SYSCTLS = (
    "tcp_tw_reuse_delay",
    "tcp_child_ehash_entries",
    "tcp_rto_min_us",
    "tcp_rto_max_ms",
    "tcp_syn_linear_timeouts",
)


def tw_reuse() -> str:
    """The default of tcp_tw_reuse."""
    with Testbed.two_hosts() as bed:
        return bed.client.sysctl("tcp_tw_reuse")


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


def _visit(bed: Testbed, listener: socket.socket) -> None:
    mine = bed.client.connect(bed.server, listener.getsockname()[1])
    theirs = listener.accept()[0]
    mine.close()
    theirs.recv(1)
    theirs.close()


def reuse_is_refused() -> str:
    """Whether tcp_tw_reuse takes what is no mode."""
    with Testbed.two_hosts() as bed:
        said = bed.client.run(["sysctl", "-w", "net.ipv4.tcp_tw_reuse=3"], expect=None)
    return "refused" if "Invalid argument" in said.stdout + said.stderr else "taken"


def time_wait_s() -> str:
    """Whether tcp_fin_timeout shortens TIME_WAIT."""
    with Testbed.two_hosts() as bed, sysctls(bed.client, tcp_fin_timeout=5), bed.server.listen(80) as listener:
        _visit(bed, listener)
        (entry,) = sockets(bed.client, state=TcpState.TIME_WAIT)
    return "60 s" if 55 < (entry.timer_s or 0) <= 61 else f"{entry.timer_s} s"


def port_range() -> str:
    """The default of ip_local_port_range."""
    with Testbed.two_hosts() as bed:
        return bed.client.sysctl("ip_local_port_range").replace("\t", " ")


def option() -> str:
    """Whether a socket can narrow the range."""
    with Testbed.two_hosts() as bed:
        return "yes" if has_local_port_range(bed.client) else "ENOPROTOOPT"


def parity() -> str:
    """Which half of a range is given first, for an even and an odd lowest port."""
    with Testbed.two_hosts(link="veth") as bed:
        found = []
        for lowest in (40000, 40101):
            with sysctls(bed.client, ip_local_port_range=(lowest, lowest + 15)):
                row = open_and_close(bed.client, bed.server, count=16).ports
            found.append(all(port % 2 == lowest % 2 for port in row[:8]))
    return "the lowest one's parity" if all(found) else "others"


def cliff() -> str:
    """Whether connect() becomes slow when half of the range is used."""
    with Testbed.two_hosts(link="veth") as bed, sysctls(bed.client, ip_local_port_range=(40000, 41999)):
        took = open_and_close(bed.client, bed.server, count=2000).took_us
    before, after = statistics.median(took[850:950]), statistics.median(took[1050:1150])
    return "yes" if after > 1.5 * before else f"no ({after / before:.1f} times as long)"


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


def poisoned() -> str:
    """Whether a port stays bound for others when the socket that bound it is gone, and one that did not is there."""
    with Testbed.two_hosts() as bed, sysctls(bed.client, ip_local_port_range=(40000, 40000)):
        kept = [bed.server.listen(port) for port in (80, 81, 82)]
        picked, bound = bed.client.socket(), bed.client.socket()
        for one in (picked, bound):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        picked.connect(("192.0.2.2", 80))
        bound.bind(("", 40000))
        bound.connect(("192.0.2.2", 81))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        bound.close()
        with bed.client.socket() as third:
            code = third.connect_ex(("192.0.2.2", 82))
        del kept, picked
    return errno.errorcode.get(code, "connects")


def netem() -> str:
    """Which of two modules an ordinary user can have."""
    with Testbed.two_hosts(link="veth") as bed:
        tries = {
            "netem": ["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "1ms"],
            "dummy": ["ip", "link", "add", "d0", "type", "dummy"],
        }
        said = {name: bed.client.run(argv, expect=None).exit_code == 0 for name, argv in tries.items()}
    return ", ".join(name if there else f"no {name}" for name, there in said.items())


def conntrack() -> str:
    """How long conntrack keeps TIME_WAIT."""
    with Testbed.translated() as bed:
        for words in ("add table ip t", "add chain ip t c { type nat hook postrouting priority 100 ; }"):
            bed.gateway.run(["nft", words])
        bed.gateway.run(["nft", "add rule ip t c oifname eth1 masquerade"])
        return f"{bed.gateway.sysctl('net.netfilter.nf_conntrack_tcp_timeout_time_wait')} s"


def one_queue() -> str:
    """Whether a wire can have one queue for each device."""
    return "yes" if Path("/proc/sys/net/core/rps_default_mask").exists() else "no"


def fin_again() -> str:
    """When a lost FIN is repeated."""
    with Testbed.two_hosts() as bed:
        bed.client.run(["sysctl", "-w", "net.ipv4.tcp_early_retrans=0"])
        with bed.server.listen(80) as listener:
            mine, theirs = bed.client.connect(bed.server, 80), listener.accept()[0]
        with bed.wire.drop(having="F", source=bed.client) as fins:
            mine.close()
            wait_until(lambda: fins.matched >= 4, within_s=10, what="three repeats")
        theirs.close()
        at = [segment.time_s for segment in bed.wire.segments if "F" in segment.flags and segment.from_host == "client"]
    return " ".join(f"{after - before:.1f}" for before, after in pairwise(at[:4])) + " s"


FACTS: dict[str, Callable[[], str]] = {
    "`tcp_tw_reuse`, by default": tw_reuse,
    "`tcp_tw_reuse=3`": reuse_is_refused,
    "`tcp_tw_reuse=1`: how old TIME_WAIT must be, begun early and late in a second of the kernel's clock": reuse_waits,
    "TIME_WAIT with `tcp_fin_timeout=5`": time_wait_s,
    "`ip_local_port_range`, by default": port_range,
    "`IP_LOCAL_PORT_RANGE`, a socket's own range": option,
    "16 ports: which does connect() take first": parity,
    "2,000 ports: connect() with 55 % in TIME_WAIT takes longer than with 45 %": cliff,
    "a port whose bound socket is gone, one picked by connect() still on it: another destination": poisoned,
    "`ss -K` on TIME_WAIT": killed,
    "a SYN meets LAST_ACK, whose peer has forgotten it: segments": syn_meets_last_ack,
    "a server takes a SYN out of its TIME_WAIT: its first number": first_number,
    "a lost FIN's repeats come after": fin_again,
    "`tcp_max_tw_buckets=10`, 50 closes: held, counted as overflow": overflow,
    "`TcpExtTW` after ten new TIME_WAITs": tw_counter,
    "`netem`, `dummy` for an ordinary user": netem,
    "conntrack, and its TIME_WAIT, for an ordinary user": conntrack,
    "`rps_default_mask` in a namespace: one queue for each device of a wire": one_queue,
}


def tell(to: IO[str]) -> None:
    """Look, and write each fact as one line of JSON."""
    for row, fact in FACTS.items():
        begun = time.monotonic()
        try:
            found = fact()
        except Exception as error:  # noqa: BLE001 (that it cannot be had here is what is told)
            found = f"{type(error).__name__}: {error}"
        story = {"fact": fact.__name__, "row": row, "found": found, "seconds": round(time.monotonic() - begun, 2)}
        to.write(json.dumps(story) + "\n")
        to.flush()
    with Testbed.two_hosts() as bed:
        for name in NEW_SYSCTLS:
            done = bed.client.run(["sysctl", "-n", f"net.ipv4.{name}"], expect=None)
            found = done.stdout.strip() if done.exit_code == 0 else "–"
            to.write(json.dumps({"fact": name, "row": f"`{name}`", "found": found, "seconds": 0}) + "\n")
        denied = bed.client.run(["cat", "/proc/slabinfo"], expect=None).exit_code
    found = "refused" if denied else "allowed"
    to.write(json.dumps({"fact": "slabinfo", "row": "`/proc/slabinfo` for an ordinary user", "found": found}) + "\n")
    to.flush()
