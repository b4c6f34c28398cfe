"""The end of a lab in words: what was predicted beside what happened, and the quiz."""

from collections.abc import Mapping
from string import ascii_lowercase

from tcplab.checks.quiz import Question, questions
from tcplab.errors import BadValue
from tcplab.model.evidence import Verdict
from tcplab.notebook import kept
from tcplab.notebook.exercise import in_full, seen_here
from tcplab.notebook.progress import MARKS
from tcplab.notebook.say import table

NOTHING = "nothing yet"
_WIDTH = 140


def looked_back(lab: str, happened: Mapping[str, object]) -> str:
    """Keep a lab's predictions and what happened, and return them side by side.

    Args:
        lab: its number
        happened: by the prediction's name, beside what the lab has shown by predictions(…)
    """
    guessed, shown = seen_here()
    for name, value in guessed.items():
        kept.keep_prediction(lab, name, value)
    for name, value in {**shown, **happened}.items():
        kept.keep_what_happened(lab, name, value)
    both = kept.predicted(lab)
    order = [name for name in dict.fromkeys([*guessed, *shown, *happened]) if name in both]
    order += [name for name in both if name not in order]
    rows = [(name, *(said or NOTHING for said in both[name])) for name in order]
    return table([("", "predicted", "happened"), *rows]) if rows else "Nothing was predicted."


def asked(lab: str) -> str:
    """Return a lab's quiz in words, with what was chosen so far."""
    chosen = kept.chosen(lab)
    lines = [f'{len(questions(lab))} questions. Your choices, a letter each: quiz("{lab}", …)']
    for number, question in enumerate(questions(lab), start=1):
        taken = chosen.get(question.asks, ("", False))[0]
        lines += [f"{number}. {question.asks}", *_choices(question, taken)]
    return "\n".join(lines)


def _choices(question: Question, taken: str) -> list[str]:
    """Return the choices behind their letters: one a line, and the short ones of the self-test on one line."""
    by_letter = zip(ascii_lowercase, question.choices, strict=False)
    said = [f"{letter}  {choice}{_mark(question, choice, taken)}" for letter, choice in by_letter]
    one_line = "   " + "   ".join(said)
    return [one_line] if question.read and len(one_line) <= _WIDTH else [f"   {each}" for each in said]


def _mark(question: Question, choice: str, taken: str) -> str:
    return f"  {MARKS[question.judged(choice).outcome]}" if choice == taken else ""


def answered(lab: str, letters: tuple[str, ...]) -> str:
    """Keep choices, a letter for each question from the first on, and return what is said of each.

    Raises:
        BadValue: a letter stands for no choice, or there are more letters than questions
    """
    every = questions(lab)
    if len(letters) > len(every):
        raise BadValue("choices", letters, f"{len(every)} letters at most")
    said = []
    for question, letter in zip(every, letters, strict=False):
        by_letter = dict(zip(ascii_lowercase, question.choices, strict=False))
        if letter not in by_letter:
            raise BadValue("choice", letter, ", ".join(by_letter))
        said.append(f"{question.asks}\n{in_full(chose(lab, question.asks, by_letter[letter]))}")
    return "\n".join(said)


def chose(lab: str, asks: str, choice: str) -> Verdict:
    """Keep a choice, and judge it."""
    question = next(question for question in questions(lab) if question.asks == asks)
    verdict = question.judged(choice)
    kept.keep_choice(lab, asks, choice, is_right=verdict.passed)
    return verdict
