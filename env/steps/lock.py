"""Ubuntu's lock on user namespaces: explained, and opened only for who says yes."""

import os
import subprocess
import sys
from pathlib import Path

NAME = "kernel.apparmor_restrict_unprivileged_userns"
SETTING = Path("/proc/sys", NAME.replace(".", "/"))
OPEN = ["sudo", "sysctl", "-w", f"{NAME}=0"]

ASKED = f"""
Ubuntu's AppArmor keeps ordinary programs from having powers in a user namespace of their own: a lock against faults
of the kernel that only such programs can reach. Every lab makes such a namespace. This opens it, for all programs,
until the machine restarts (README.md names a narrower way, for good):

    {" ".join(OPEN)}

Run it now? [y/N] """


def closed() -> bool:
    """Whether AppArmor forbids worlds to this user."""
    try:
        return os.geteuid() != 0 and SETTING.read_text().strip() not in ("", "0")
    except OSError:
        return False


def opened_by_request() -> bool:
    """Ask, where somebody is there to answer; True if the lock is open now."""
    if not (closed() and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    if input(ASKED).strip().lower() not in ("y", "yes"):
        return False
    return subprocess.run(OPEN, check=False).returncode == 0 and not closed()
