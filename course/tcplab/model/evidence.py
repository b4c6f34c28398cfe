"""What a check is given, and what it answers: a check is a pure function from Evidence to Verdict."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from itertools import chain
from typing import Any

from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.keeping import found, kept
from tcplab.model.segment import Segment

_FORMAT = 2


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

    `misconception` names the foreseen wrong idea that the answer shows, empty where there is none. `unseen` tells what
    is not attempted because the evidence is missing from what is not because the answer is.
    """

    outcome: Outcome
    message: str
    expected: str = ""
    got: str = ""
    misconception: str = ""
    unseen: bool = False

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a check may look at, gathered by the notebook or by a grader.

    `sockets` and `counters` are by host ("client", "server"), `files` by name as the learner wrote them, `answers` by
    the name of the prediction or exercise. What was asked is drawn (`checks/variants.py`) from who is asked, `learner`
    (nobody: what the solutions show), and from `draws`: how often that exercise was drawn anew, 0 where it is not in.
    """

    segments: Sequence[Segment] = ()
    sockets: Mapping[str, Sequence[Connection]] = field(default_factory=dict)
    counters: Mapping[str, Counters] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)
    learner: str = ""
    draws: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as JSON text, to be kept in a file and judged elsewhere: values only, no code."""
        said = {
            "tcplab-evidence": _FORMAT,
            "segments": kept(list(self.segments)),
            "sockets": {host: kept(list(table)) for host, table in self.sockets.items()},
            "counters": {host: kept(counted) for host, counted in self.counters.items()},
            "files": {name: kept(content) for name, content in self.files.items()},
            "answers": {name: kept(answer) for name, answer in self.answers.items()},
            "learner": self.learner,
            "draws": dict(self.draws),
        }
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        """Read what to_json() wrote; an answer that was no value of the course's comes back as its words.

        Raises: BadValue when the text is nothing of the kind.
        """
        try:
            return cls(**_parts(json.loads(text)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadValue("evidence", text[:60], "what Evidence.to_json() wrote") from error


def _parts(said: dict[str, Any]) -> dict[str, Any]:
    """Find the fields of evidence in what was kept; whatever is wrong with it raises something."""
    if said.pop("tcplab-evidence") != _FORMAT or set(said) != {each.name for each in fields(Evidence)}:
        raise ValueError
    segments = tuple(found(said.pop("segments")))
    learner, draws = said.pop("learner"), dict(said.pop("draws"))
    parts = {part: {name: found(value) for name, value in by.items()} for part, by in said.items()}
    parts["sockets"] = {host: tuple(table) for host, table in parts["sockets"].items()}
    of_their_kind = (
        (segments, Segment),
        (chain(*parts["sockets"].values()), Connection),
        (parts["counters"].values(), Counters),
        (parts["files"].values(), bytes),
        (draws.values(), int),
        ([learner], str),
    )
    if not all(isinstance(each, kind) for values, kind in of_their_kind for each in values):
        raise TypeError
    return {"segments": segments, **parts, "learner": learner, "draws": draws}
