"""The course map, live: what is passed, what is next, how long it takes, and links that open the labs."""

import os
from pathlib import Path
from typing import Any, Final

import traitlets

from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.notebook.progress import Standing, lead, next_lab, recorded, standings
from tcplab.notebook.progress import course_map as in_words
from tcplab.notebook.store import FILE

PARTS: Final = {
    "00": "Ground",
    "02": "TIME_WAIT",
    "07": "Beyond TIME_WAIT",
    "08": "Services",
    "12": "Deeper",
    "13": "All of it",
    "14": "Museum",
}
"""What begins with which lab."""


def course_map(folder: Path | None = None) -> "CourseMap":
    """The labs with what you have passed, the next one named, and links that open them.

    Args:
        folder: where the notebooks are; the working directory by default

    >>> course_map()                                     # doctest: +SKIP
    3 of 60 checks passed. Next: lab 01, about 45 minutes.
    """
    return CourseMap(folder or Path.cwd())


class CourseMap(View):
    """The course map; it looks again when a check, in whatever notebook, was kept."""

    _esm = script("course.js")
    _css = style("course.css")

    labs = traitlets.List().tag(sync=True)
    period_s = 0.5

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, ...] = ()
        super().__init__()
        self.look()

    def twin(self) -> str:
        """Return the labs as a numbered list, with passed and total, and minutes."""
        return in_words(recorded(self._folder))

    def _look(self) -> None:
        seen = tuple(_changed_at(path) for path in (self._folder, self._folder / FILE))
        if seen == self._seen:
            return
        outcomes = recorded(self._folder)
        labs = standings(outcomes)
        coming = next_lab(labs)
        self.labs = [self._sent(lab, is_next=lab is coming) for lab in labs]
        self.lead, self.words = lead(labs), in_words(outcomes)
        self._seen = seen

    def _sent(self, lab: Standing, *, is_next: bool) -> dict[str, Any]:
        return {
            "number": lab.number,
            "part": PARTS.get(lab.number, ""),
            "title": lab.title,
            "minutes": lab.minutes,
            "outcomes": [outcome.value for outcome in lab.outcomes],
            "passed": lab.passed,
            "next": is_next,
            "here": Path(os.environ.get("JPY_SESSION_NAME", "")).name.startswith(f"{lab.number}-"),
            "path": self._path(lab.number),
        }

    def _path(self, number: str) -> str:
        """Return where the lab's notebook lies for JupyterLab; empty where it does not lie beside this one."""
        found = min(self._folder.glob(f"{number}-*.ipynb"), key=lambda path: len(path.name), default=None)
        if found is None:
            return ""
        root = Path(os.environ.get("JUPYTER_SERVER_ROOT") or self._folder)
        return str(found.relative_to(root) if found.is_relative_to(root) else found.name)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
