"""Worlds at once: how long each of 1, 10 and 100 takes to come up, and how much memory it has for itself."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.rows import Bound, Row
from bench.side_by_side import Progress
from tcplab import Testbed

ROUNDS = 5
COUNTS = (1, 10, 100)
REST_S = 3  # the kernel takes networks apart when their last processes have gone
SOME = 10  # the first and the last so many of them are compared
MOST_MB, MOST_SLOWER = Bound(12), Bound(1.2)
OURS = "two hosts and a wire"
REASON = "each world adds namespaces and interfaces, and the kernel goes through lists of all of them"
MEMORY = "four processes of Python share what they were forked with; what each has written to since is its own"


def descendants(pid: int) -> set[int]:
    """A process, and all that it or they have started."""
    children: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has just ended
        children.setdefault(parent, []).append(int(file.parent.name))
    found, left = set(), [pid]
    while left:
        found.add(one := left.pop())
        left += children.get(one, [])
    return found


def pss_mb(bed: Testbed) -> float:
    """The memory of all processes of a world; what several share counts in parts (smaps_rollup, proc(5))."""
    assert bed._world
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in descendants(bed._world.pid)]
    return sum(int(re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)[1]) for said in rollups) / 1024  # type: ignore[index]


def at_once(count: int) -> tuple[list[float], float]:
    """Bring so many up, one after the other, and return what each took (ms), and their PSS (MB a world)."""
    taken = []
    with ExitStack() as stack:
        beds = []
        for _ in range(count):
            begun = time.perf_counter()
            beds.append(stack.enter_context(Testbed.two_hosts()))
            taken.append(1e3 * (time.perf_counter() - begun))
        return taken, sum(map(pss_mb, beds)) / count


def measured(rounds: int, progress: Progress) -> Iterator[Row]:
    """All of them open at once."""
    at_once(1)
    times: dict[int, list[list[float]]] = {count: [] for count in COUNTS}
    memory: dict[int, list[float]] = {count: [] for count in COUNTS}
    for done in range(1, rounds + 1):
        for count in COUNTS:
            time.sleep(REST_S)
            taken, used = at_once(count)
            times[count].append(taken)
            memory[count].append(used)
        progress(done, rounds)
    for count in COUNTS:
        each = tuple(map(median, times[count]))
        yield Row("worlds", f"{count} at once, up, each", "ms", OURS, each)
        held = {"bound": MOST_MB, "reason": MEMORY} if count == max(COUNTS) else {}
        yield Row("worlds", f"{count} at once, PSS of each", "MB", OURS, tuple(memory[count]), **held)
    most = times[max(COUNTS)]
    first, last = (tuple(median(run[part]) for run in most) for part in (slice(SOME), slice(-SOME, None)))
    named = f"the last {SOME} of {max(COUNTS)}", last, f"the first {SOME}", first
    yield Row("worlds", "up", "ms", *named, bound=MOST_SLOWER, reason=REASON)
