"""The machine itself: its system, its kernel, and the room that is left on it."""

import os
import shutil
import sys
from pathlib import Path

from tcplab.doctor.report import Check, Found

OLDEST_TRIED = (5, 10)
DISK_NEEDED_MB = 200
MEMORY_NEEDED_MB = 500


def checked_system() -> list[Check]:
    """Linux, and which kernel: what labs show depends on it, so they print it too."""
    if sys.platform != "linux":
        meaning = "The labs are about the Linux kernel and run on one; a virtual machine with it is prepared."
        return [Check("Linux", Found.FAILS, sys.platform, meaning, "vagrant up")]

    release = os.uname().release
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    old = numbers < OLDEST_TRIED
    note = "No lab was tried on a kernel before 5.10; what you see may differ." if old else ""
    return [
        Check("Linux", Found.WORKS, _distribution()),
        Check("kernel", Found.ABSENT if old else Found.WORKS, release, note),
    ]


def checked_room(folder: Path) -> list[Check]:
    """Disk where the labs are kept, and memory for a kernel and a few worlds."""
    free_mb = shutil.disk_usage(folder).free // 2**20
    available_mb = _available_memory_mb()
    return [
        _room(
            "disk",
            free_mb,
            DISK_NEEDED_MB,
            f"free in {folder}",
            "A capture or a notebook could not be saved.",
            f"du -xh {folder} | sort -h | tail",
        ),
        _room(
            "memory",
            available_mb,
            MEMORY_NEEDED_MB,
            "available",
            "A notebook's kernel could be ended by the system in the middle of a lab.",
            "ps aux --sort=-rss | head",
        ),
    ]


def _room(name: str, seen_mb: int, needed_mb: int, where: str, meaning: str, mend: str) -> Check:
    if seen_mb < needed_mb:
        return Check(name, Found.FAILS, f"{seen_mb:,} MB {where}, {needed_mb} MB are needed", meaning, mend)
    return Check(name, Found.WORKS, f"{seen_mb:,} MB {where}")


def _available_memory_mb() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0


def _distribution() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return "Linux"
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else "Linux"
