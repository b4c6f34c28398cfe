"""The machine itself: its system, its kernel, and what processor that is for."""

import os
import sys
from pathlib import Path

from tcplab.doctor.report import Check, Found

OLDEST_TRIED = (5, 10)
MADE_FOR = ("x86_64", "aarch64")


def checked_system() -> list[Check]:
    """Linux, and which kernel: what labs show depends on it, so they print it too."""
    if sys.platform != "linux":
        meaning = "The labs are about the Linux kernel and run on one; a virtual machine with it is prepared."
        return [Check("Linux", Found.FAILS, sys.platform, meaning, "vagrant up")]

    release, machine = os.uname().release, os.uname().machine
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    return [
        Check("Linux", Found.WORKS, _distribution()),
        _known("kernel", release, numbers >= OLDEST_TRIED, "No lab was tried on a kernel before 5.10"),
        _known("processor", machine, machine in MADE_FOR, f"The course is made for {' and '.join(MADE_FOR)}"),
    ]


def _known(name: str, seen: str, known: bool, otherwise: str) -> Check:  # noqa: FBT001 (what was found out)
    if known:
        return Check(name, Found.WORKS, seen)
    return Check(name, Found.ABSENT, seen, f"{otherwise}; what you see may differ.", "vagrant up")


def _distribution() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return "Linux"
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else "Linux"
