"""On what a run was measured: the machine, how busy it was, and the versions of all that took part."""

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import distributions, version
from pathlib import Path

from bench.peers import PINS, ROOT, program
from bench.side_by_side import Missing

SAY_THEIR_VERSION = {
    "iproute2": (("ip", "-V"), r"iproute2-([\w.]+)"),
    "tshark": (("tshark", "--version"), r"TShark.*? (\d[\w.]+)"),
    "ab": (("ab", "-V"), r"Version (\S+)"),
    "nginx": (("nginx", "-v"), r"nginx/(\S+)"),
    "util-linux": (("unshare", "--version"), r"util-linux (\S+)"),
}


def machine() -> dict[str, str]:
    """The machine in words."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return {
        "processor": f"{model[1] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{int(memory[1]) / 2**20:.0f} GB" if memory else "?",
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "kernel": f"Linux {platform.release()}, {platform.machine()}",
        "user": "root" if os.geteuid() == 0 else "an ordinary user",
    }


def versions() -> dict[str, str]:
    """The programs and packages that are compared, as far as they are here."""
    found = {"Python": platform.python_version()} | {name: version(name) for name in ("tcplab", "numpy", "matplotlib")}
    for name, (argv, pattern) in SAY_THEIR_VERSION.items():
        if said := _said(argv, pattern):
            found[name] = said
    for unpacked in (ROOT / ".tools" / "mininet", Path("/")):
        for each in distributions(name="mininet", path=[str(unpacked / "usr/lib/python3/dist-packages")]):
            found["Mininet"] = each.version
    found |= dict(re.findall(r"^(psutil|pyroute2|scapy)==(\S+)", PINS.read_text(), re.MULTILINE))
    return found | commit()


@cache
def commit() -> dict[str, str]:
    """What is measured; asked once, for a recorded run changes the checkout."""
    argv = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--exclude=*"]
    head = subprocess.run(argv, capture_output=True, text=True, check=False)
    return {"commit": head.stdout.strip()} if head.returncode == 0 else {}


def _said(argv: Sequence[str], pattern: str) -> str:
    try:
        where = program(argv[0])
    except Missing:
        return ""
    done = subprocess.run([where, *argv[1:]], capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""


def busy(within_s: float = 2.0) -> float:
    """The share of all cores that is in use now, by others: a bench at rest begins with next to none."""
    before = _jiffies()
    time.sleep(within_s)
    used, whole = (b - a for a, b in zip(before, _jiffies(), strict=True))
    return used / max(1, whole)


def _jiffies() -> tuple[int, int]:
    numbers = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(numbers) - numbers[3] - numbers[4], sum(numbers)
