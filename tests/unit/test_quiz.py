"""The end of a lab: predictions meet what happened, and each choice in the quiz has an answer of its own."""

import pytest
from tcplab.checks.quiz import questions
from tcplab.errors import BadValue
from tcplab.live.closing import Quiz, quiz, review
from tcplab.model.evidence import Outcome
from tcplab.notebook import exercise, kept
from tcplab.notebook.exercise import predict, predictions


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exercise, "_predictions", {})
    monkeypatch.setattr(exercise, "_happened", {})


def letters(lab: str, *, right: bool) -> list[str]:
    """The right choices of a lab's quiz as letters, or the first wrong ones."""
    return [
        next("abcd"[at] for at, choice in enumerate(one.choices) if (choice == one.right) is right)
        for one in questions(lab)
    ]


def test_predictions_meet_what_happened(capsys):
    """What the lab has compared on the way need not be said again; what was never predicted shows as such."""
    predict("client_state", "FIN_WAIT2")
    predict("gap", 3)
    predictions(gap=4)
    capsys.readouterr()
    shown = review("03", client_state="LAST_ACK", recv_says=b"")
    assert capsys.readouterr().out.splitlines() == [
        "              predicted    happened",
        "client_state  FIN_WAIT2    LAST_ACK",
        "gap           3            4",
        "recv_says     nothing yet  b''",
    ]
    assert repr(shown).startswith('3 questions. Your choices, a letter each: quiz("03", …)\n1. The last ACK is lost')


def test_predictions_outlive_the_notebook(monkeypatch, capsys):
    """What was predicted before the kernel was restarted is there at the end of the lab."""
    predict("client_state", "FIN_WAIT2")
    review("03", client_state="LAST_ACK")
    monkeypatch.setattr(exercise, "_predictions", {})
    capsys.readouterr()
    review("03")
    assert "client_state  FIN_WAIT2  LAST_ACK" in capsys.readouterr().out


def test_a_lab_without_a_guess(capsys):
    """Nothing is made up."""
    review("03")
    assert capsys.readouterr().out == "Nothing was predicted.\n"


def test_answers_are_judged_and_kept(capsys):
    """A wrong choice hears what speaks against it, the right one why it is right; the last one is kept."""
    quiz("03", *letters("03", right=False))
    assert capsys.readouterr().out.count("◧ not yet  ") == 3
    quiz("03", *letters("03", right=True))
    assert capsys.readouterr().out.count("■ passed  ") == 3
    assert [is_right for _, is_right in kept.chosen("03").values()] == [True] * 3
    assert repr(Quiz("03")).count("■") == 3


@pytest.mark.parametrize("given", [["e"], ["right"], ["a", "a", "a", "a"]])
def test_letters_that_are_none(given):
    """Refused with those that there are."""
    with pytest.raises(BadValue):
        quiz("03", *given)


def test_a_lab_that_has_none():
    """Refused with those that have."""
    with pytest.raises(BadValue, match="00, 01"):
        quiz("77")


def test_a_click_is_judged_and_kept(monkeypatch):
    """In the browser: choices as radio buttons, what is said below them; a second look shows what was chosen."""
    one = questions("03")[0]
    head, choices, said = Quiz("03")._box().children[0].children
    assert one.asks in head.value
    assert (choices.value, list(choices.options)) == (None, one.choices)
    wrong, message = next(iter(one.wrong.items()))
    choices.value = wrong
    assert message in said.value
    choices.value = one.right
    assert one.judged(one.right).outcome is Outcome.PASSED
    assert one.source in said.value
    assert kept.chosen("03") == {one.asks: (one.right, True)}
    assert Quiz("03")._box().children[0].children[1].value == one.right
