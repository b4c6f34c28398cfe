"""Outages of tcplab.incident.backends, from several seeds each; a file of its own, for workers share by file."""

from pathlib import Path

import pytest
from incidents import LONG, SEEDS, solvable
from tcplab.incident.backends import KINDS

every = pytest.mark.parametrize("name", [kind.name for kind in KINDS])


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_can_be_solved(name: str, seed: int, tmp_path: Path) -> None:
    """Unsolved fails, a plausible wrong repair gets its own message, the recorded repair passes."""
    solvable(name, seed, tmp_path)


@pytest.mark.long
@every
@pytest.mark.parametrize("seed", LONG)
def test_can_be_solved_from_more_seeds(name: str, seed: int, tmp_path: Path) -> None:
    """The same, from seven seeds more."""
    solvable(name, seed, tmp_path)
