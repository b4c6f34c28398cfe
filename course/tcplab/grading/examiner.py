"""What runs in the sandbox beside the submission, and out of its reach: it runs the cells, and judges.

A job comes on standard input, as JSON. What is found goes out on standard output, a line of JSON each, at once: what
was judged before the sandbox is ended counts.
"""

import base64
import contextlib
import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

from tcplab.checks import exercises
from tcplab.errors import BadValue, TcplabError
from tcplab.grading.alike import answers, chance
from tcplab.grading.desk import Desk, listening
from tcplab.grading.kernel import Kernel, Stopped
from tcplab.grading.limits import Limits
from tcplab.grading.line import ADDRESS
from tcplab.grading.sandbox import HOME
from tcplab.grading.spliced import Code, cells, lab_of, opened, spliced
from tcplab.model.evidence import Verdict

_REPLACED = ("tcplab.notebook.walk", "tcplab.observe.conntrack", "tcplab.incident.case")
_LOOK_S = 0.25
_SAID = ("outcome", "message", "expected", "got", "misconception")
_MOST_WORDS = 2000


def main() -> None:
    """Examine one submission."""
    job = json.loads(sys.stdin.buffer.read())
    report = _Report()
    try:
        _examine(job, Limits(**job["limits"]), report)
    except Stopped as why:
        report.say(stopped=str(why))
    except BadValue as error:
        report.say(stopped=f"It is no notebook: {error}")
    except TcplabError as error:
        report.say(stopped=f"It could not be run here: {error}")
    report.say(done=True)
    os._exit(0)  # the rest of the sandbox ends with this process


class _Report:
    """Lines to the supervisor; several threads write them."""

    def __init__(self) -> None:
        self._output = os.fdopen(os.dup(1), "wb", buffering=0)
        self._writing = threading.Lock()

    def say(self, **said: object) -> None:
        """Write one line."""
        with self._writing:
            self._output.write(json.dumps(said).encode() + b"\n")


def _examine(job: dict[str, Any], limits: Limits, report: _Report) -> None:
    labs = {
        path.stem: cells(opened(path.read_bytes())) for path in sorted(Path(job["labs"]).glob("[0-9][0-9]-*.ipynb"))
    }
    book = opened(base64.b64decode(job["notebook"]))
    theirs = cells(book)
    lab = lab_of(theirs, labs, job["file"])
    if lab is None:
        raise BadValue("cells", f"{len(theirs)} code cells", "those of one of our labs")
    run = spliced(labs[lab], theirs)
    report.say(lab=lab, chance=chance(book), answers=answers(run, labs[lab]))
    asked = set(exercises()[lab[:2]])

    def tell(name: str, verdict: Verdict) -> None:
        words = {
            key: str(getattr(verdict, key))[:2000] for key in ("outcome", "message", "expected", "got", "misconception")
        }
        report.say(exercise=name, **words)

    os.chdir("/")  # where the submission can put nothing
    desk = Desk(asked, limits, HOME, tell)
    listener = listening(ADDRESS)
    threading.Thread(target=desk.serve, args=(listener,), daemon=True).start()
    threading.Thread(target=_watch_memory, args=(limits, report), daemon=True).start()
    _limit(limits)
    text = "\n".join(one.source for one in labs[lab])
    kernel = Kernel(HOME, limits, [module for module in _REPLACED if module in text])
    try:
        _run(run, kernel, desk, report)
    finally:
        kernel.end()
        with contextlib.suppress(Exception):
            desk.close()


def _run(run: list[Code], kernel: Kernel, desk: Desk, report: _Report) -> None:
    for number, cell in enumerate(run, start=1):
        desk.begins(cell.name)
        try:
            trouble = kernel.run(cell.source)
        except Stopped as why:
            raise Stopped(f"cell {number} of {len(run)}, {_first_line(cell)}: {why}") from None
        if trouble:
            report.say(note=f"{cell.name or _first_line(cell)}: {trouble}")


def _first_line(cell: Code) -> str:
    return next((repr(line.strip()[:60]) for line in cell.source.splitlines() if line.strip()), "an empty cell")


def _limit(limits: Limits) -> None:
    """Bound what is started from now on; tasks are counted in this sandbox alone (user namespaces, Linux 5.14).

    Files that have a name are bound by the file systems that they lie in, so RLIMIT_FSIZE is for records.
    """
    for kind, most in (
        (resource.RLIMIT_NPROC, limits.tasks),
        (resource.RLIMIT_FSIZE, limits.record_bytes),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def _watch_memory(limits: Limits, report: _Report) -> None:
    """End all when the processes of the sandbox, which are all that this one sees, hold too much together."""
    page, pause = resource.getpagesize(), threading.Event()
    while not pause.wait(_LOOK_S):
        held = 0
        for path in Path("/proc").glob("[0-9]*/statm"):
            with contextlib.suppress(OSError, ValueError):
                words = path.read_text().split()
                held += (int(words[1]) - int(words[2])) * page
        if held > limits.memory_bytes:
            report.say(stopped=f"it held more than {limits.memory_bytes:,} bytes of memory", done=True)
            os._exit(1)
