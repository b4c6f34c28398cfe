"""The checks of exercises are checked: nearly every slip in them is noticed by an answer that is kept."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from mutants import Mutant, modules, mutants, shown, survives, unchanged

REPORT = Path(__file__).with_name("survivors.txt")
KILLED = 0.95
SAMPLE = 97  # every so manieth mutant is tried each time, all of them with --long


def every() -> list[Mutant]:
    """All mutants of all modules that judge."""
    return [mutant for module in modules() for mutant in mutants(module)]


@pytest.mark.parametrize("module", ["numbers", "quiz", "closes"])
def test_a_module_without_a_slip_is_not_noticed(module):
    """What is said of an answer is the same by a module that is made anew: else each of its slips would seem found."""
    assert survives(unchanged(module))


def test_a_sample_of_slips_is_noticed():
    """Of every so manieth slip in checks, few go unnoticed."""
    tried = every()[::SAMPLE]
    surviving = [shown(mutant) for mutant in tried if survives(mutant)]
    assert len(surviving) <= len(tried) * 0.2, f"Keep answers in wrong_answers/ that tell these apart: {surviving}"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nearly_every_slip_is_noticed():
    """At least 95 in 100 slips are found out; the report lists the others, to be read."""
    tried, sound = every(), [unchanged(module) for module in modules()]
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        assert all(workers.map(survives, sound)), "A module without a slip is noticed."
        survived = list(workers.map(survives, tried, chunksize=25))
    surviving = sorted(shown(mutant) for mutant, alive in zip(tried, survived, strict=True) if alive)
    share = 1 - len(surviving) / len(tried)
    head = f"{len(tried) - len(surviving)} of {len(tried)} slips in the checks are noticed ({share:.1%}). The others:"
    REPORT.write_text("\n".join([head, "", *surviving]) + "\n", encoding="utf-8")
    assert share >= KILLED, f"Of {len(tried)} slips {len(surviving)} are not noticed ({share:.1%}): see {REPORT.name}."
