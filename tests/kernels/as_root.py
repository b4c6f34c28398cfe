"""Inside a guest: what only root sees. It imports nothing of the course: that would take its time twice."""

import os
import platform
import re
from pathlib import Path


def of_root() -> dict[str, str]:
    """What only root sees: which kernel, and the sizes of its objects."""
    sizes = {}
    for line in Path("/proc/slabinfo").read_text().splitlines():
        words = line.split()
        if words[0] in ("tw_sock_TCP", "TCP"):
            sizes[words[0]] = int(words[3])
    buckets = Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").read_text().strip()
    return {
        "release": platform.release(),
        "version": re.sub(r"^#1 SMP (PREEMPT\w* )*", "", platform.version()),
        "machine": f"{os.cpu_count()} CPUs",
        "sizes": f"{sizes.get('tw_sock_TCP', '?')}, {sizes.get('TCP', '?')} bytes",
        "buckets": buckets,
    }
