"""Write misconceptions.md, which lists for teachers what the exercises foresee: `python course/misconceptions.py`."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tcplab.checks import Exercise, exercises

if TYPE_CHECKING:
    from tcplab.checks.misconception import Misconception

PAGE = Path(__file__).with_name("misconceptions.md")
HEAD = """\
# What learners get wrong

Every exercise declares the wrong ideas that it foresees (`tcplab/checks/`). This page lists them with what a learner is
told, for who prepares a lesson: ask which of them the room holds, before the lab does. `exercises.csv`, of `tcplab
grade`, has the one that a class meets most often. `python course/misconceptions.py` makes this page; a test compares.
"""


def page() -> str:
    """The whole page, as the exercises have it now."""
    return "\n".join([HEAD, *(line for lab, known in exercises().items() for line in _lab(lab, list(known.values())))])


def _lab(lab: str, known: list[Exercise]) -> Iterator[str]:
    title = (import_module(f"tcplab.checks.lab_{lab}").__doc__ or "").splitlines()[0]
    yield f"## {title}\n"
    asking: dict[tuple[Misconception, ...], list[Exercise]] = {}
    for exercise in known:
        asking.setdefault(tuple(exercise.misconceptions), []).append(exercise)
    for foreseen, those in asking.items():
        yield from (f"**{exercise.name}** {exercise.question}  " for exercise in those[:-1])
        yield f"**{those[-1].name}** {those[-1].question}\n"
        yield "| who thinks | is told |"
        yield "|---|---|"
        yield from (f"| {_cell(one.idea)} | {_cell(one.says)} |" for one in foreseen)
        yield ""


def _cell(words: str) -> str:
    """Words for a table; what differs from answer to answer is left open."""
    return re.sub(r"\{\w+(:[^}]*)?\}", "…", words).replace("|", "\\|").replace("<", "&lt;").strip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
