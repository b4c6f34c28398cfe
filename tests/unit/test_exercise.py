"""Predict, check, hint: what they say, and that no answer of a learner breaks them."""

from enum import Enum
from pathlib import Path

import pytest
from tcplab.checks import Exercise, exercise_named
from tcplab.checks.exercise import not_attempted, not_yet, passed, unseen
from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints, where
from tcplab.checks.misconception import Misconception
from tcplab.errors import BadValue
from tcplab.model.evidence import Evidence, Outcome, Verdict
from tcplab.notebook import exercise, kept
from tcplab.notebook import gather as gathering
from tcplab.notebook.exercise import check, hint, in_full, predict, predictions
from tcplab.notebook.gather import gather, judged
from tcplab.notebook.progress import recorded
from unit.test_notebook_words import Hostile


class Closer(Misconception, Enum):
    """What those may think who name the other side."""

    WHO_CONNECTS = "who connects", "Look for the first FIN."


def _first_closer(evidence: Evidence) -> Verdict:
    answer = FIRST_CLOSER.answer(evidence)
    if answer is ...:
        return not_attempted()
    if answer == "server":
        return passed("Its FIN is first on the wire.")
    lead = Closer.WHO_CONNECTS if answer == "client" else Closer.WHO_CONNECTS.says
    return not_yet(lead, expected="the sender of the first FIN", got=repr(answer))


HINTS = Hints(
    ("Look for an F.", "Whose F is it?"),
    "Of three others …",
    {UNTOUCHED: "Make a guess.", UNSEEN: "Run it.", "who connects": "Who connects may close last."},
)
FIRST_CLOSER = Exercise("first_closer", "Who closed first?", _first_closer, Closer, HINTS)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One exercise, no bed, an empty folder; nothing predicted, hinted or told."""
    monkeypatch.chdir(tmp_path)
    for module in (exercise, gathering):
        monkeypatch.setattr(module, "exercise_named", {"first_closer": FIRST_CLOSER}.__getitem__)
    monkeypatch.setattr(gathering, "newest", lambda given=None: given)
    for name in ("_predictions", "_verdicts", "_told"):
        monkeypatch.setattr(exercise, name, {})


def test_three_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    """Passed, not yet with expected and got, not attempted: each with its mark."""
    assert check("first_closer", ...).outcome is Outcome.NOT_ATTEMPTED
    assert check("first_closer", "client").outcome is Outcome.NOT_YET
    assert check("first_closer", "server").passed
    assert capsys.readouterr().out.splitlines() == [
        "□ not attempted  Nothing is written here yet: replace the three dots.",
        "◧ not yet  Look for the first FIN.",
        "  expected  the sender of the first FIN",
        "  got       'client'",
        '  next step: hint("first_closer")',
        "■ passed  Its FIN is first on the wire.",
        '  our way, to compare: solution("first_closer")',
    ]
    assert recorded() == {"first_closer": Outcome.PASSED}


@pytest.mark.parametrize("answer", [None, 3, b"server", ["server"], {}, object(), Hostile(), float("nan"), print])
def test_no_answer_breaks_it(answer: object) -> None:
    """A wrong or odd answer is a verdict, never an exception."""
    assert check("first_closer", answer).outcome is Outcome.NOT_YET


def test_several_answers() -> None:
    """One answer is taken as it is, several as a tuple, keywords as a dict, none as not attempted."""
    seen = []
    asking = Exercise("asking", "?", lambda evidence: seen.append(evidence.answers["asking"]) or passed("."), (), HINTS)
    for arguments, named in (((1,), {}), ((1, 2), {}), ((), {"a": 1}), ((), {})):
        with pytest.MonkeyPatch.context() as patch:
            for module in (exercise, gathering):
                patch.setattr(module, "exercise_named", lambda _: asking)
            check("asking", *arguments, **named)
    assert seen == [1, (1, 2), {"a": 1}, ...]


def test_a_check_that_fails_is_a_verdict() -> None:
    """What a check cannot judge is not the learner's traceback."""
    verdict = judged("first_closer", Evidence(answers={"first_closer": Hostile()}))
    assert verdict.outcome is Outcome.NOT_YET
    assert "RuntimeError" in verdict.message
    assert verdict.got == "a Hostile that cannot be shown"


def test_a_grader_needs_no_notebook() -> None:
    """The same pure function judges evidence that somebody else gathered."""
    assert FIRST_CLOSER.check(Evidence(answers={"first_closer": "server"})).passed


def test_hints_come_in_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """Each call tells the next; the last, a problem like it, is told again; nobody counts."""
    check("first_closer", "nobody")
    capsys.readouterr()
    for _ in range(4):
        hint("first_closer")
    assert capsys.readouterr().out.splitlines() == [
        "hint: Look for an F.",
        "hint: Whose F is it?",
        "a problem like it, worked: Of three others …",
        "a problem like it, worked: Of three others …",
    ]


def test_hints_fit_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    """Who has done nothing, and who has shown a known wrong idea, are told what is for them first."""
    hint("first_closer")
    check("first_closer", "client")
    hint("first_closer")
    hint("first_closer")
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("hint")]
    assert said == ["hint: Make a guess.", "hint: Who connects may close last.", "hint: Look for an F."]


def test_hints_fit_what_was_done_in_another_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last attempt is kept beside the notebook, and read from there."""
    check("first_closer", "client")
    monkeypatch.setattr(exercise, "_verdicts", {})
    capsys.readouterr()
    hint("first_closer")
    assert capsys.readouterr().out == "hint: Who connects may close last.\n"


def test_where_somebody_stands() -> None:
    """Nothing done, nothing seen, a known idea, another: hints are chosen by this."""
    assert where(None) == where(not_attempted()) == UNTOUCHED
    assert where(unseen("Run it.")) == UNSEEN
    assert where(not_yet(Closer.WHO_CONNECTS)) == "who connects"
    assert where(not_yet("No.")) == where(passed("Yes.")) == ""


def test_predictions_meet_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    """A prediction is kept, replaced by the next, taken back by `...`, and is evidence for a check."""
    predict("client_state", ...)
    predict("client_state", "FIN_WAIT2")
    predict("segments", 3)
    capsys.readouterr()
    predictions(client_state="LAST_ACK", sides=1)
    assert capsys.readouterr().out.splitlines() == [
        "              predicted    happened",
        "client_state  FIN_WAIT2    LAST_ACK",
        "sides         nothing yet  1",
    ]
    predictions()
    assert capsys.readouterr().out.splitlines()[1:] == ["client_state  FIN_WAIT2", "segments      3"]


def test_a_prediction_may_be_written_as_an_answer_may(capsys: pytest.CaptureFixture[str]) -> None:
    """Several values are taken as a tuple, keywords as a dict, none as no prediction yet."""
    predict("sides", 0, 40)
    predict("sides", client=0, server=40)
    predict("sides")
    assert [line[:39] for line in capsys.readouterr().out.splitlines()] == [
        "predicted  sides: (0, 40)",
        "predicted  sides: {'client': 0, 'server': 40}"[:39],
        "□ sides: no prediction yet. Replace the three dots"[:39],
    ]


def test_files_are_evidence(tmp_path: Path) -> None:
    """What the learner wrote is read by its name; what does not exist is left out."""
    (tmp_path / "nginx.conf").write_text("keepalive_timeout 5;")
    found = gather(files=["nginx.conf", "missing"])
    assert found.files == {"nginx.conf": b"keepalive_timeout 5;"}


def test_progress_that_cannot_be_kept_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One plain sentence, and the lab goes on: also in a folder that not even root may write."""
    monkeypatch.chdir("/proc/self")
    for answer in ("client", "server"):
        check("first_closer", answer)
        hint("first_closer")
    assert capsys.readouterr().out.count("not kept") == 1


def test_a_prediction_is_kept_for_its_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the notebook's name says which lab it is, it outlives the notebook."""
    monkeypatch.setenv("JPY_SESSION_NAME", "my-labs/03-what-if.ipynb")
    predict("client_state", "FIN_WAIT2")
    assert kept.predicted("03") == {"client_state": ("FIN_WAIT2", None)}


def test_an_unknown_name_is_the_labs_mistake() -> None:
    """A name that no lab has is refused, with those that exist."""
    with pytest.raises(BadValue, match="paths"):
        exercise_named("no_such_exercise")


def test_in_full_without_extras() -> None:
    """A verdict of one sentence is one line."""
    assert in_full(Verdict(Outcome.PASSED, "Done.")) == "■ passed  Done."
