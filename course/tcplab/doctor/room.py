"""What runs out: disk, a place for temporary files, memory, processes, open files."""

import os
import resource
import shutil
import tempfile
from pathlib import Path

from tcplab.doctor import cgroup
from tcplab.doctor.report import Check, Found

DISK_NEEDED_MB = 200
TEMPORARY_NEEDED_MB = 50
MEMORY_NEEDED_MB = 500
PROCESSES_NEEDED = 300
OPEN_FILES_NEEDED = 1024


def checked_room(folder: Path) -> list[Check]:
    """Room for captures and notebooks, for a kernel and a few worlds, for their threads and sockets."""
    return [*checked_places(folder), checked_memory(), checked_processes(), checked_open_files()]


def checked_places(folder: Path) -> list[Check]:
    """Say where the learner's files can be written, and how much of them."""
    return [
        _writable(folder),
        _room(
            "disk",
            shutil.disk_usage(folder).free // 2**20,
            DISK_NEEDED_MB,
            f"MB free in {folder}",
            "A capture or a notebook could not be saved.",
            f"du -xh {folder} | sort -h | tail",
        ),
        _temporary(),
    ]


def _temporary() -> Check:
    name, mend = "temporary files", "export TMPDIR=DIR"
    meaning = "Jupyter and its kernels speak through files there. Another place will do:"
    try:
        place = Path(tempfile.gettempdir())
    except OSError as error:
        return Check(name, Found.FAILS, f"{error.strerror}", meaning, mend)
    free_mb = shutil.disk_usage(place).free // 2**20
    return _room(name, free_mb, TEMPORARY_NEEDED_MB, f"MB free in {place}", meaning, mend)


def _writable(folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check("folder", Found.WORKS, f"{folder} can be written")
    except OSError as error:
        meaning = "Your copies of the labs cannot be kept there. Name a folder of your own:"
        return Check("folder", Found.ABSENT, f"{folder}: {error.strerror}", meaning, "tcplab lab DIR")


def checked_memory() -> Check:
    """Look at what the machine has left, and what a container's limit leaves of it."""
    machine_mb, limit_mb = _available_memory_mb(), cgroup.memory_left_mb()
    limited = limit_mb is not None and limit_mb < machine_mb
    return _room(
        "memory",
        limit_mb if limit_mb is not None and limited else machine_mb,
        MEMORY_NEEDED_MB,
        "MB left by the control group's limit" if limited else "MB available",
        "A notebook's kernel could be ended by the system in the middle of a lab.",
        "docker run --memory 2g …" if limited else "ps aux --sort=-rss | head",
    )


def checked_processes() -> Check:
    """Look at the limits on processes: the container's, and the user's own, which root does not have."""
    name, meaning = "processes", "A kernel has some forty threads; a world starts a dozen programs."
    limit = cgroup.processes_left()
    if limit is not None and limit < PROCESSES_NEEDED:
        seen = f"{limit} more let the control group start, {PROCESSES_NEEDED} are needed"
        return Check(name, Found.FAILS, seen, meaning, "docker run --pids-limit 2048 …")

    own, most = resource.getrlimit(resource.RLIMIT_NPROC)
    if own == resource.RLIM_INFINITY or os.geteuid() == 0 or own >= PROCESSES_NEEDED:
        return Check(name, Found.WORKS, "the limits leave enough")
    seen = f"{own} at most for one user (ulimit -u), {PROCESSES_NEEDED} are needed"
    return Check(name, Found.FAILS, seen, meaning, _raised("-u", "nproc", PROCESSES_NEEDED, most))


def checked_open_files() -> Check:
    """Look at the limit on open files of one process, which every socket counts against."""
    own, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if own == resource.RLIM_INFINITY or own >= OPEN_FILES_NEEDED:
        return Check("open files", Found.WORKS, f"{own:,} at most for one process")
    seen = f"{own} at most for one process (ulimit -n), {OPEN_FILES_NEEDED} are needed"
    meaning = "Each socket is one; labs open hundreds."
    return Check("open files", Found.FAILS, seen, meaning, _raised("-n", "nofile", OPEN_FILES_NEEDED, most))


def _raised(option: str, name: str, needed: int, most: int) -> str:
    """Return the command that raises a limit of this shell: its own where the hard limit allows it."""
    if most == resource.RLIM_INFINITY or most >= needed:
        return f"ulimit -S {option} {needed}"
    return f"sudo prlimit --pid $$ --{name}={needed}:{needed}"


def _room(name: str, seen: int, needed: int, where: str, meaning: str, mend: str) -> Check:
    if seen < needed:
        return Check(name, Found.FAILS, f"{seen:,} {where}, {needed} MB are needed", meaning, mend)
    return Check(name, Found.WORKS, f"{seen:,} {where}")


def _available_memory_mb() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0
