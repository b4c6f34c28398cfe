"""What doctor says of one thing, and of all of them: as a table for people, as JSON for scripts."""

import json
import textwrap
from dataclasses import asdict, dataclass
from enum import StrEnum


class Found(StrEnum):
    """What became of one check."""

    WORKS = "works"
    FAILS = "fails"
    ABSENT = "absent"
    """Missing, or not tried because something before it fails; no lab stops for it."""


MARKS = {Found.WORKS: "✓", Found.FAILS: "✗", Found.ABSENT: "–"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that labs need: what was seen, what that means for the learner, the command that mends it."""

    name: str
    found: Found
    seen: str
    meaning: str = ""
    mend: str = ""

    def __str__(self) -> str:
        lines = [f"{MARKS[self.found]} {self.name:<22} {self.seen}"]
        if self.meaning:
            lines += textwrap.wrap(self.meaning, 92, initial_indent=" " * 25, subsequent_indent=" " * 25)
        if self.mend:
            lines.append(f"{' ' * 25}$ {self.mend}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Report:
    """All checks, in the order in which they were made.

    >>> report = Report((Check("nginx", Found.FAILS, "not found", "Lab 01 asks it.", "./env/up --no-lab"),))
    >>> report.labs_can_run
    False
    >>> print(report)
    ✗ nginx                  not found
                             Lab 01 asks it.
                             $ ./env/up --no-lab
    <BLANKLINE>
    The labs cannot run yet: 1 thing to mend, marked ✗ above.
    """

    checks: tuple[Check, ...]

    @property
    def labs_can_run(self) -> bool:
        """Tell whether nothing that every lab needs is missing."""
        return not self.failing

    @property
    def failing(self) -> tuple[Check, ...]:
        """Return what has to be mended before a lab can run."""
        return tuple(check for check in self.checks if check.found is Found.FAILS)

    def __getitem__(self, name: str) -> Check:
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"{name}; there are: {', '.join(check.name for check in self.checks)}")

    def __str__(self) -> str:
        return "\n".join([*map(str, self.checks), "", self.verdict])

    @property
    def verdict(self) -> str:
        """Say in one line whether the labs can run."""
        if self.failing:
            things = "1 thing" if len(self.failing) == 1 else f"{len(self.failing)} things"
            return f"The labs cannot run yet: {things} to mend, marked ✗ above."
        absent = sum(check.found is Found.ABSENT for check in self.checks)
        rest = f" What is marked – ({absent}) is not there, and no lab stops for it." if absent else ""
        return f"The labs can run on this machine.{rest}"

    def as_json(self) -> str:
        """Return it for scripts: labs_can_run, and one object a check."""
        rows = [asdict(check) for check in self.checks]
        return json.dumps({"labs_can_run": self.labs_can_run, "checks": rows}, ensure_ascii=False, indent=2)
