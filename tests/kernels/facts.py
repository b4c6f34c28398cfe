"""Inside a guest: what differs from kernel to kernel, each looked at and not deduced from a version.

A fact is a function that makes a bed of its own, as an ordinary user, and returns a few words. What raises is a fact,
too.
"""

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import IO

from kernels.port_facts import cliff, option, parity, poisoned, port_range
from kernels.time_wait_facts import (
    first_number,
    killed,
    overflow,
    reuse_is_refused,
    reuse_waits,
    syn_meets_last_ack,
    time_wait_s,
    tw_counter,
    tw_reuse,
)
from tcplab import Testbed, wait_until

# Sysctls that came with a kernel.
NEW_SYSCTLS = (
    "tcp_tw_reuse_delay",
    "tcp_child_ehash_entries",
    "tcp_rto_min_us",
    "tcp_rto_max_ms",
    "tcp_syn_linear_timeouts",
)


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
