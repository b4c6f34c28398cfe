"""What is kept of a learner: each thing comes back, in one small file, whoever else writes."""

import subprocess
import sys

import pytest
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import kept
from tcplab.notebook.store import FILE

WRONG = Verdict(Outcome.NOT_YET, "Look at the first FIN.", "a side", "'both'", "both close first")
RIGHT = Verdict(Outcome.PASSED, "Its FIN is first.")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_attempts_come_back_in_order():
    """Each attempt with its answer in words, its message and the wrong idea that it shows."""
    kept.keep_attempt("holders", WRONG, "both")
    kept.keep_attempt("holders", RIGHT, {"server"})
    kept.keep_attempt("paths", WRONG)
    first, second = kept.attempts("holders")
    assert (first.outcome, first.answer, first.misconception) == (Outcome.NOT_YET, "both", "both close first")
    assert (second.outcome, second.answer, second.message) == (Outcome.PASSED, "{'server'}", "Its FIN is first.")
    assert first.at <= second.at
    assert kept.attempts("nothing_of_the_kind") == []
    assert (kept.passed("holders"), kept.passed("paths")) == (True, False)


def test_an_attempt_that_was_none_is_not_kept(tmp_path):
    """A lab that was only run leaves no file behind."""
    kept.keep_attempt("holders", Verdict(Outcome.NOT_ATTEMPTED, "Nothing yet."))
    assert list(tmp_path.iterdir()) == []


def test_hints_are_seen_up_to_a_step():
    """A hint that is read again takes nothing back, and is no attempt."""
    for step in (1, 2, 1):
        kept.keep_hint("holders", step)
    assert kept.hints_seen("holders") == 2
    assert kept.hints_seen("paths") == 0
    assert kept.attempts("holders") == []


def test_predictions_are_a_labs_own():
    """The same name in two labs is two predictions; a new one takes the old one's place, three dots take it back."""
    kept.keep_prediction("00", "answered", 2)
    kept.keep_prediction("00", "answered", 0)
    kept.keep_prediction("04", "answered", 10)
    kept.keep_what_happened("04", "answered", 8)
    kept.keep_prediction("04", "slow_from", 50)
    kept.keep_prediction("04", "slow_from", ...)
    assert kept.predicted("00") == {"answered": ("0", None)}
    assert kept.predicted("04") == {"answered": ("10", "8"), "slow_from": (None, None)}


def test_a_quiz_keeps_the_last_choice():
    """A second answer to a question takes the first one's place."""
    kept.keep_choice("03", "Who answers?", "the program", is_right=False)
    kept.keep_choice("03", "Who answers?", "the kernel", is_right=True)
    assert kept.chosen("03") == {"Who answers?": ("the kernel", True)}
    assert kept.chosen("04") == {}


def test_a_learner_has_one_number(tmp_path):
    """It is given once, and another learner's is another."""
    assert kept.learner() == ""
    mine = kept.introduce()
    assert mine == kept.introduce() == kept.learner()
    (tmp_path / "other").mkdir()
    assert kept.introduce(folder=tmp_path / "other") != mine


def test_draws_are_counted():
    """Each exercise's for itself; what was never drawn anew is left out."""
    kept.keep_hint("paths", 1)
    for name in ("holders", "holders", "lost_twice"):
        kept.draw_again(name)
    assert kept.draws() == {"holders": 2, "lost_twice": 1}


@pytest.mark.parametrize(
    ("session", "lab"),
    [("/home/a/03-what-if.ipynb", "03"), ("my-labs/12-more.ipynb", "12"), ("Untitled.ipynb", ""), ("", "")],
)
def test_the_lab_at_hand(monkeypatch, session, lab):
    """The notebook's name says which lab it is."""
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    assert kept.lab_at_hand() == lab


TWENTY = """
import sys
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import kept, store
for _ in range(20):
    kept.keep_attempt(sys.argv[1], Verdict(Outcome.NOT_YET, "."))
sys.exit(store.unsaid() or 0)
"""


def test_two_notebooks_write_at_once(tmp_path):
    """Whoever writes waits for the other, and nothing of either is lost."""
    words = ([sys.executable, "-c", TWENTY, name] for name in ("holders", "paths", "holders"))
    writers = [subprocess.Popen(argv, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for argv in words]
    assert [writer.communicate()[1] for writer in writers] == ["", "", ""]
    assert (len(kept.attempts("holders")), len(kept.attempts("paths"))) == (40, 20)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
