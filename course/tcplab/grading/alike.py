"""Copied work: what two learners cannot both have come upon.

The kernel draws ephemeral ports, sequence numbers and times; the outputs that a notebook was saved with are full of
them. Two notebooks that share many share their origin. And a longer answer that two wrote in the same words, but for
its names, is worth a look: it proves nothing.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import Any

from tcplab.grading.spliced import Code

_CHANCE = re.compile(r"(?<![\w.])\d{5,}(?:\.\d+)?(?![\w])|(?<![\w.])\d+\.\d{3,}(?![\w.])")
_MOST, _LONG_NODES = 2000, 40
_COMMON, _SHARED = 3, 8


@dataclass(frozen=True, slots=True)
class Print:
    """A notebook's fingerprints: the numbers of chance in its outputs, and its longer answers, each by exercise."""

    chance: frozenset[str] = frozenset()
    answers: Mapping[str, str] | None = None


def chance(book: Mapping[str, Any]) -> list[str]:
    """The numbers in the outputs that a notebook was saved with."""
    words: list[str] = []
    cells = book.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        words += _texts(outputs if isinstance(outputs, list) else [])
    return sorted(set(_CHANCE.findall("\n".join(words))))[:_MOST]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, each in value.items() if not str(key).startswith("image/") for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def answers(run: Sequence[Code], given_out: Sequence[Code]) -> dict[str, str]:
    """The longer answers, each as a number that is the same for the same code, whatever its names and comments."""
    plain = {one.id: one.source for one in given_out}
    written = {one.name: one.source for one in run if one.to_write and one.name and one.source != plain.get(one.id)}
    return {name: found for name, source in written.items() if (found := _shape(source))}


def _shape(source: str) -> str:
    lines = [f"magic({line.strip()!r})" if re.match(r"\s*[%!]", line) else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    numbers: dict[str, str] = {}
    size = 0
    for node in ast.walk(tree):
        size += 1
        for field in ("id", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                setattr(node, field, numbers.setdefault(name, f"n{len(numbers)}"))
    return sha256(ast.dump(tree).encode()).hexdigest()[:16] if size >= _LONG_NODES else ""


def alike(prints: Mapping[tuple[str, str], Print]) -> list[str]:
    """Say which notebooks of different learners share what they should not.

    Args:
        prints: by learner and file
    """
    found = []
    seen_by = Counter(word for one in prints.values() for word in one.chance)
    rare = {key: {word for word in one.chance if seen_by[word] <= _COMMON} for key, one in prints.items()}
    for one, other in combinations(prints, 2):
        shared = rare[one] & rare[other]
        if one[0] != other[0] and len(shared) >= _SHARED and 2 * len(shared) >= min(len(rare[one]), len(rare[other])):
            few = ", ".join(sorted(shared)[:3])
            found.append(
                f"{_named(one)} and {_named(other)}: saved with {len(shared)} of the same numbers that a kernel draws"
                f" by chance ({few}, …). One was copied from the other, or both from a third."
            )
    by_answer: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (learner, _), each in prints.items():
        for exercise, shape in (each.answers or {}).items():
            by_answer[exercise, shape].add(learner)
    for (exercise, _), learners in by_answer.items():
        if 1 < len(learners) <= _COMMON:
            found.append(f"{', '.join(sorted(learners))}: the same answer to {exercise}, but for names. Worth a look.")
    return found


def _named(one: tuple[str, str]) -> str:
    return f"{one[0]} ({one[1]})"
