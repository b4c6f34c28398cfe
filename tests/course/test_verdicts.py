"""What learners are told, word by word: each verdict on a kept answer is as it was when somebody last read it."""

import pytest
from answers import LABS
from verdicts import WRITTEN, written


@pytest.mark.parametrize("lab", LABS)
def test_verdicts_are_as_they_were_read(lab):
    """A word that changes is seen in the difference, and read."""
    path = WRITTEN / f"lab_{lab}.txt"
    assert path.exists(), "Run: python tests/verdicts.py, and read what it wrote."
    assert path.read_text(encoding="utf-8") == written(lab), (
        "A verdict has changed. Run: python tests/verdicts.py, and read the difference before you commit it."
    )


def test_verdicts_of_labs_that_are_gone_are_gone():
    """One file a lab."""
    assert {path.stem.removeprefix("lab_") for path in WRITTEN.iterdir()} == set(LABS)
