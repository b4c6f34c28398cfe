"""One kind of outage from one seed: not solved, repaired in vain, repaired."""

from pathlib import Path

import pytest
from tcplab.errors import NotPermitted
from tcplab.incident.case import Incident
from tcplab.incident.kinds import KINDS
from tcplab.model.evidence import Outcome

SEEDS = (1, 2, 3)
LONG = tuple(range(4, 11))


def at_hand(case: Incident) -> None:
    """Bring a case up, or skip what this kernel cannot have."""
    try:
        case.up()
    except NotPermitted as reason:
        pytest.skip(str(reason))


def solvable(name: str, seed: int, folder: Path) -> None:
    """Unsolved fails, a repair in vain gets its own message, the recorded one passes."""
    case = Incident(seed, kinds=[name], folder=folder)
    kind = KINDS[name]
    try:
        at_hand(case)
        assert all(served.well < served.asked for served in case.complaints), case.complaints
        assert case.verdict().outcome is Outcome.NOT_ATTEMPTED

        case.diagnose(side=kind.sides[0], mechanism=kind.mechanism)
        unsolved = case.verdict()
        assert unsolved.outcome is Outcome.NOT_YET, unsolved
        assert "Nothing has changed for them" in unsolved.message

        before = case.service.setup()
        wrong = kind.wrong[seed % len(kind.wrong)]
        wrong.tried(case.service)
        vain = case.verdict()
        assert vain.outcome is Outcome.NOT_YET, vain
        assert wrong.says in vain.message, vain
        case.service.recall(before)

        case.recorded_repair()
        mended = case.verdict()
        assert mended.outcome is Outcome.PASSED, mended
    finally:
        case.down()
