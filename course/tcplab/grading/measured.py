"""What the answer to some exercises is: no value that a learner chooses, but something measured.

A submission could hand in any numbers. So the examiner measures again, in the same world or in a fresh one, and the
submission's own are not looked at. Where it measures nothing, answers are the learner's, and are judged as at home.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tcplab.checks.lab_11 import ONE_TOO_MANY
from tcplab.errors import TcplabError
from tcplab.model.evidence import Evidence
from tcplab.notebook.gather import gather
from tcplab.observe.conntrack import conntrack
from tcplab.observe.counters import counters
from tcplab.testbed import Testbed

NIGHTS = {"first_night": (31,), "second_night": (17,), "third_night": (7,)}
"""Whose case has a seed that is the same for all."""

_LARGEST_FILE = 1 << 20


def files_of(names: list[str], home: Path) -> dict[str, bytes]:
    """Read the files that a check asks for: plain ones of the submission's own folder, not too large."""
    found = {}
    for name in names[:10]:
        with contextlib.suppress(OSError, ValueError):
            descriptor = os.open(home / Path(name).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    found[name] = file.read(_LARGEST_FILE)
    return found


@contextlib.contextmanager
def _fresh(bed: Testbed) -> Iterator[Testbed]:
    bed.lent = True  # what runs in it is the submission's program
    with bed:
        yield bed


def mended(answers: Mapping[str, object], files: Mapping[str, bytes], home: Path) -> Evidence:
    """Visit the program that the submission wrote."""
    from tcplab.traffic.program import Program
    from tcplab.traffic.visits import visited

    if "mended.py" not in files:
        return Evidence(answers={**answers, "mended": ...})
    with _fresh(Testbed.two_hosts()) as bed:
        trial = visited(Program(home / "mended.py"), bed.client, bed.server, port=9000)
        return gather(bed, {**answers, "mended": trial})


def pooled(answers: Mapping[str, object], files: Mapping[str, bytes], home: Path) -> Evidence:
    """Put load on the configuration that the submission wrote."""
    from tcplab.traffic.backend import backend
    from tcplab.traffic.site import tried

    if "site.conf" not in files:
        return Evidence(answers={**answers, "pooled": ...})
    with _fresh(Testbed.proxied()) as bed, backend(bed.backend):
        trial = tried(home / "site.conf", bed.client, bed.proxy, requests=100)
        return Evidence(answers={**answers, "pooled": trial})


def one_too_many(bed: Testbed, asked: Evidence) -> object:
    """Ask the gateway what it remembers of the port that was drawn for the learner."""
    try:
        return conntrack(bed.gateway, port=ONE_TOO_MANY.drawn(asked).port)
    except (TcplabError, OSError):
        return None


def counted(bed: Testbed | None) -> Any:
    """Read the client's counters, at the beginning of the exercise and at its end."""
    return None if bed is None or not bed.is_up else counters(bed.client)


AGAIN: dict[str, Callable[[Mapping[str, object], Mapping[str, bytes], Path], Evidence]] = {
    "mended": mended,
    "pooled": pooled,
}
