"""The end of a lab: predictions beside what happened, and a quiz to click on, or to call where there is no browser."""

from html import escape
from typing import Any

from tcplab.checks.quiz import Question, questions
from tcplab.notebook.display import graphics
from tcplab.notebook.kept import chosen
from tcplab.notebook.progress import MARKS
from tcplab.notebook.review import answered, asked, chose, looked_back


def review(lab: str, /, **happened: object) -> "Quiz":
    """Show what you predicted beside what happened, then ask what you take along.

    Args:
        lab: its number
        happened: by the prediction's name, what the lab has not yet set beside it

    >>> review("03", client_state="LAST_ACK")            # doctest: +SKIP
    """
    print(looked_back(lab, happened))
    return Quiz(lab)


def quiz(lab: str, /, *letters: str) -> "Quiz | None":
    """Ask a lab's questions; with letters, answer them from the first on.

    Raises:
        BadValue: no such lab, or a letter that stands for no choice

    >>> quiz("03", "a", "b", "c")                        # doctest: +SKIP
    """
    if not letters:
        return Quiz(lab)
    print(answered(lab, letters))
    return None


class Quiz:
    """A lab's questions: in the browser to be clicked on, elsewhere as text."""

    def __init__(self, lab: str) -> None:
        self._lab = lab
        questions(lab)

    def __repr__(self) -> str:
        return asked(self._lab)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        words = {"text/plain": repr(self)}
        return self._box()._repr_mimebundle_(**given) | words if graphics() else words

    def _box(self) -> Any:
        from ipywidgets import VBox

        taken = chosen(self._lab)
        every = enumerate(questions(self._lab), start=1)
        return VBox([_asking(self._lab, number, one, taken.get(one.asks, (None, False))[0]) for number, one in every])


def _asking(lab: str, number: int, question: Question, taken: str | None) -> Any:
    """One question: its words, its choices, and below them what is said of the choice."""
    from ipywidgets import HTML, RadioButtons, VBox

    head = HTML(f"<strong>{number}. {escape(question.asks)}</strong>")
    said = HTML(_said(question, taken))
    choices = RadioButtons(
        options=question.choices,
        value=taken if taken in question.choices else None,
        layout={"width": "max-content"},
        tooltip=question.asks,
    )

    def choose(change: dict[str, Any]) -> None:
        chose(lab, question.asks, change["new"])
        said.value = _said(question, change["new"])

    choices.observe(choose, names="value")
    return VBox([head, choices, said])


def _said(question: Question, choice: str | None) -> str:
    if choice not in question.choices:
        return '<div role="status"></div>'
    verdict = question.judged(choice)
    source = f" <em>({escape(question.source)})</em>" if verdict.passed else ""
    return f'<div role="status">{MARKS[verdict.outcome]} {escape(verdict.message)}{source}</div>'
