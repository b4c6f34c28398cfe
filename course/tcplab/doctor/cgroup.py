"""The limits of a container or a service: control groups, from a process's own up to the root that it can see."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def memory_left_mb() -> int | None:
    """Return how much memory the strictest limit leaves; None without a limit.

    What holds files counts as used (memory.current) and is given up when a program wants it.
    """
    left = [
        limit - _number(group / "memory.current") + _files(group / "memory.stat")
        for group in _groups()
        if (limit := _limit(group / "memory.max")) is not None
    ]
    return max(0, min(left)) // 2**20 if left else None


def processes_left() -> int | None:
    """Return how many processes and threads more the strictest limit lets start; None without a limit."""
    left = [
        limit - _number(group / "pids.current")
        for group in _groups()
        if (limit := _limit(group / "pids.max")) is not None
    ]
    return max(0, min(left)) if left else None


def _groups() -> Iterator[Path]:
    """This process's group and those above it, in version 2; none elsewhere."""
    rows = Path("/proc/self/cgroup").read_text().splitlines()
    own = next((row.removeprefix("0::/") for row in rows if row.startswith("0::/")), None)
    if own is not None:
        group = ROOT / own
        yield from (each for each in (group, *group.parents) if each.is_relative_to(ROOT))


def _limit(file: Path) -> int | None:
    said = _text(file)
    return int(said) if said.isdecimal() else None  # "max", or no such file: no limit


def _number(file: Path) -> int:
    return _limit(file) or 0


def _files(file: Path) -> int:
    rows = (row.split() for row in _text(file).splitlines())
    return sum(int(row[1]) for row in rows if row[0] == "file")


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
