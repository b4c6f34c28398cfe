"""All that is kept of what learners might answer: the right, the wrong and the untouched, for every lab."""

import runpy
from pathlib import Path

from exercises import Tries
from tcplab.checks import exercises

KEPT = Path(__file__).with_name("course") / "wrong_answers"
LABS = exercises()
EVERY = [(lab, name) for lab, known in LABS.items() for name in known]


def tries(lab: str) -> dict[str, Tries]:
    """What is kept for a lab."""
    kept: dict[str, Tries] = runpy.run_path(str(KEPT / f"lab_{lab}.py"))["TRIES"]
    return kept


TRIES = {lab: tries(lab) for lab in LABS}
