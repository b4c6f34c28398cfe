"""The evidence for a check, gathered from a bed, and judged. A grader outside the notebook calls these two alike."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.checks import exercise_named
from tcplab.errors import WorldDown
from tcplab.model.evidence import Evidence, Outcome, Verdict
from tcplab.notebook.beds import hosts, newest
from tcplab.notebook.say import in_words
from tcplab.notebook.tasks import draws, learner

if TYPE_CHECKING:
    from tcplab.testbed import Testbed


def gather(
    bed: "Testbed | None" = None,
    answers: Mapping[str, object] | None = None,
    files: Iterable[str | Path] = (),
) -> Evidence:
    """Collect what a check may look at: wires' records, sockets, counters, files, answers, and who was asked.

    Args:
        bed: the newest that is up by default; without one, only answers and files are evidence
        answers: by the name of the exercise or prediction
        files: read whole; those that do not exist are left out

    Returns: values only: nothing in it depends on the bed being up afterwards.
    """
    from tcplab.observe.counters import counters
    from tcplab.observe.sockets import sockets

    bed = newest(bed)
    segments = tuple(segment for wire in bed.wires.values() for segment in wire.segments) if bed is not None else ()
    tables, counted = {}, {}
    with contextlib.suppress(WorldDown):  # of a bed that is down only the record is left
        for name, host in hosts(bed).items():
            tables[name], counted[name] = tuple(sockets(host)), counters(host)
    written = {str(path): Path(path).read_bytes() for path in files if Path(path).is_file()}
    return Evidence(segments, tables, counted, written, dict(answers or {}), learner(), draws())


def judged(name: str, evidence: Evidence) -> Verdict:
    """Call an exercise's check; what it cannot judge is a verdict too."""
    try:
        return exercise_named(name).check(evidence)
    except Exception as error:  # noqa: BLE001 (an answer may be anything, and comparing it may do anything)
        got = in_words(evidence.answers.get(name, ...))
        why = f"This answer could not be judged ({type(error).__name__}). Look at what kind of value is asked for."
        return Verdict(Outcome.NOT_YET, why, got=got)
