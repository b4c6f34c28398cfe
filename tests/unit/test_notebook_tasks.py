"""Tasks in numbers: printed and returned, the same until a guess was wrong or others are asked for."""

import pytest
from tcplab.checks import Exercise
from tcplab.checks.exercise import not_attempted, not_yet, passed
from tcplab.checks.hint import Hints
from tcplab.checks.variants import Variants
from tcplab.errors import BadValue
from tcplab.model.evidence import Evidence, Verdict
from tcplab.notebook import exercise, gather, tasks
from tcplab.notebook.exercise import check
from tcplab.notebook.tasks import SEED, task

SUMS = Variants("{a} and {b}", {"a": range(5), "b": (10, 20)})


def _sum(evidence: Evidence) -> Verdict:
    drawn, answer = SUM.drawn(evidence), SUM.answer(evidence)
    if answer is ...:
        return not_attempted()
    return passed("Right.") if answer == drawn.a + drawn.b else not_yet("Add them.", got=repr(answer))


NONE = Hints((), "")
SUM = Exercise("sum", "What is the sum?", _sum, (), NONE, SUMS)
DEED = Exercise("deed", "Do it.", _sum, (), NONE, Variants("{a}", {"a": range(5)}, while_wrong=True))
PLAIN = Exercise("plain", "What is it?", _sum, (), NONE)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Three exercises, an empty folder, nothing drawn yet."""
    known = {one.name: one for one in (SUM, DEED, PLAIN)}
    monkeypatch.chdir(tmp_path)
    for module in (exercise, gather, tasks):
        monkeypatch.setattr(module, "exercise_named", known.__getitem__)
    monkeypatch.setattr(gather, "newest", lambda given=None: given)


def test_a_task_is_printed_and_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks again gets the same, also after an answer that is missing or right."""
    first = task("sum")
    check("sum", ...)
    check("sum", first.a + first.b)
    assert task("sum") == first
    assert [line for line in capsys.readouterr().out.splitlines() if "for you" in line] == ["for you: 0 and 10"] * 2


def test_a_wrong_guess_draws_anew(capsys: pytest.CaptureFixture[str]) -> None:
    """What would have been right is not right any more, and the verdict says what is asked from now on."""
    check("sum", 11)
    assert "from now on, for you: 1 and 20" in capsys.readouterr().out
    assert not check("sum", 10).passed
    now = task("sum")
    assert check("sum", now.a + now.b).passed


def test_a_deed_is_asked_as_before_until_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """Who is on the way is not sent elsewhere; who wants to be, says so."""
    monkeyed = task("deed")
    tasks.drawn_anew(DEED)
    assert task("deed") == monkeyed
    assert task("deed", again=True) != monkeyed


def test_others_are_asked_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """TCPLAB_SEED stands for the learner: for a grader, and for solutions, which show what is drawn for nobody."""
    asked = set()
    for who in ("", "Ada", "Ben", "Cleo", "Дмитрий"):
        monkeypatch.setenv(SEED, who)
        asked.add(tuple(task("sum").numbers.values()))
    assert len(asked) > 2


def test_where_nothing_is_drawn_there_is_no_task() -> None:
    """A slip of a chapter's author is refused."""
    with pytest.raises(BadValue, match="drawn"):
        task("plain")


def test_a_learner_is_asked_the_same_in_the_next_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """For whom and how often was drawn is kept beside the notebooks; another folder is another learner."""
    monkeypatch.delenv(SEED)
    assert tasks.learner() == ""
    first = task("sum")
    assert tasks.learner() != ""
    check("sum", -1)
    second = task("sum")
    assert second != first
    assert tasks.draws() == {"sum": 1}
    (tmp_path / "other").mkdir()
    before = tasks.learner()
    monkeypatch.chdir(tmp_path / "other")
    task("sum")
    assert tasks.learner() != before
