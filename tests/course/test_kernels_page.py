"""course/kernels.md is made of the recorded runs, and leaves no claim out."""

import re

import pytest
from kernels.page import PAGE, claim_ids, page, recorded
from kernels.run import pinned

pytestmark = pytest.mark.skipif(not recorded(), reason="no run is recorded: ./env/test --kernels --record")
AGAIN = "Run ./env/test --kernels --record, and look at the diff."


def test_page_is_what_the_runs_make():
    """Nobody writes in it by hand, and no run is left out of it."""
    assert PAGE.read_text(encoding="utf-8") == page(), AGAIN


def test_every_claim_has_a_row():
    """Whatever claims.md names was executed on each kernel, and has a verdict there."""
    rows = re.findall(r"^\| ([SX]\d+[a-z]?) \| \d\d \|(.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [claim for claim, _ in rows] == list(claim_ids())
    for result in recorded():
        missing = set(claim_ids()) - set(result["claims"])
        assert not missing, f"{result['series']} has no verdict on {sorted(missing)}. {AGAIN}"


def test_pinned_kernels_were_run():
    """Five at least, the oldest and the newest among them."""
    there = [result["series"] for result in recorded()]
    assert set(pinned()) <= set(there), AGAIN
    assert len(there) >= 5
