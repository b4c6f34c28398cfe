"""What a check is given, and what it answers: a check is a pure function from Evidence to Verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.segment import Segment


class Outcome(Enum):
    """The three ways an exercise can stand."""

    PASSED = "passed"
    NOT_YET = "not yet"
    NOT_ATTEMPTED = "not attempted"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says: the outcome, and in words what was expected and what it got.

    `misconception` names the foreseen wrong idea that the answer shows, empty where there is none.
    """

    outcome: Outcome
    message: str
    expected: str = ""
    got: str = ""
    misconception: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a check may look at, gathered by the notebook or by a grader.

    `sockets` and `counters` are by host ("client", "server"), `files` by name as the learner wrote them, `answers` by
    the name of the prediction or exercise.
    """

    segments: Sequence[Segment] = ()
    sockets: Mapping[str, Sequence[Connection]] = field(default_factory=dict)
    counters: Mapping[str, Counters] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)
