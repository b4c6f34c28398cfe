"""What a lab asks at its end: questions with one right choice, and for each wrong one what speaks against it.

The questions are data: quizzes/NN.toml, one file a lab, and before.toml, what the course takes for granted. Where the
right choice comes from stands beside it: a claim of claims.md that the lab shows, an RFC, a manual page, a file of the
kernel's.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from tcplab.checks.exercise import not_yet, passed
from tcplab.errors import BadValue
from tcplab.model.evidence import Verdict

FOLDER = Path(__file__).with_name("quizzes")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a quiz.

    Args:
        asks: the question
        right: the one right choice
        because: why it is right
        source: a claim's id, or where it is written
        wrong: each other choice, with what speaks against it
        read: where to read it up, for who does not know
    """

    asks: str
    right: str
    because: str
    source: str
    wrong: Mapping[str, str]
    read: str = ""

    @property
    def choices(self) -> list[str]:
        """All choices, in an order that tells nothing and is the same for everybody."""
        return sorted([self.right, *self.wrong], key=lambda choice: sha256(choice.encode()).digest())

    def judged(self, choice: str) -> Verdict:
        """Say why a choice is right, or what speaks against it.

        Raises:
            BadValue: it is none of the choices
        """
        if choice == self.right:
            return passed(self.because)
        if choice not in self.wrong:
            raise BadValue("choice", choice, "; ".join(self.choices))
        return not_yet(" ".join(filter(None, (self.wrong[choice], self.read and f"Read first: {self.read}."))))


@cache
def questions(lab: str) -> tuple[Question, ...]:
    """Return a lab's questions, in order; those of "before" are the self-test at the beginning.

    Raises:
        BadValue: the lab has none

    >>> [len(question.choices) for question in questions("03")]
    [4, 4, 4]
    """
    path = FOLDER / f"{lab}.toml"
    if not path.is_file():
        raise BadValue("lab", lab, ", ".join(sorted(each.stem for each in FOLDER.glob("*.toml"))))
    return tuple(Question(**one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["question"])
