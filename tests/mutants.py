"""Mutants of the checks: each is one of their modules with one slip in it, replayed on all that learners might answer.

A slip is a comparison that is flipped or moved to its edge, a condition that is dropped or turned round, a constant
that is another. A mutant is killed when any answer that is kept gets another verdict than it should. What reads like a
sentence is none of a check's constants: the verdicts that are kept word by word (verdicts.py) hold those.

mutmut and cosmic-ray begin a test run for each mutant, a second or more; here two thousand are judged in one process.
"""

import ast
import gc
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import tcplab.checks
import tcplab.model.conversation
from slips import places, slipped, slips
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.segment import Segment
from verdicts import QUIZ, Replay, besides, near, quizzed, replays

PACKAGE = "tcplab.checks"
FOLDER = Path(tcplab.checks.__file__).parent
PATIENCE_S = 30.0  # of the processor's time, for one that loops is found, however busy the machine is


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip: in which module, at which of its places, which of the slips that fit there, and how it reads."""

    module: str
    place: int
    slip: int
    line: int
    says: str


@cache
def modules() -> tuple[str, ...]:
    """The modules that judge, by name: hints are prose."""
    names = (path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", ".") for path in FOLDER.rglob("*.py"))
    return tuple(sorted(name for name in names if not name.endswith("__init__") and "hint" not in name))


def mutants(module: str) -> list[Mutant]:
    """Every mutant of a module."""
    found = []
    for place, node in enumerate(places(_tree(module))):
        before = ast.unparse(node)
        for slip, after in enumerate(slips(node)):
            found.append(Mutant(module, place, slip, node.lineno, f"{before}  →  {ast.unparse(after)}"))
    return found


def unchanged(module: str) -> Mutant:
    """No slip at all: what is made anew of a module as it stands, which must survive."""
    return Mutant(module, -1, 0, 0, "as it stands")


def survives(mutant: Mutant) -> bool:
    """Whether every answer that is kept gets the verdict that it should, in spite of the slip."""
    kept = _replays()
    with _limited(PATIENCE_S):
        try:
            with _loaded(mutant) as labs:
                return all(replay.holds(labs[replay.lab]) for replay in kept if replay.lab in labs)
        except Exception:  # noqa: BLE001 (whatever a slip leads to, it is seen)
            return False


@cache
def _replays() -> Sequence[Replay]:
    """All that is kept. It does not change, so its conversations are worked out once."""
    found = (*besides(), *replays(), *near())
    kept = {id(replay.evidence.segments) for replay in found}
    worked_out: dict[int, list[Conversation]] = {}

    def remembered(segments: Sequence[Segment]) -> list[Conversation]:
        if id(segments) not in kept:
            return conversations(segments)
        if id(segments) not in worked_out:
            worked_out[id(segments)] = conversations(segments)
        return list(worked_out[id(segments)])

    tcplab.model.conversation.conversations = remembered
    return found


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_file(module).read_text(encoding="utf-8"))


def _file(module: str) -> Path:
    return FOLDER / f"{module.replace('.', '/')}.py"


@contextmanager
def _loaded(mutant: Mutant) -> Iterator[dict[str, Any]]:
    """The labs that the mutant has a part in, with their exercises, and all that build on its module made anew."""
    with nullcontext() if mutant.place < 0 else slipped(_tree(mutant.module), mutant.place, mutant.slip):
        code = {mutant.module: compile(_tree(mutant.module), mutant.module, "exec")}
    before = dict(sys.modules)
    labs: dict[str, Any] = {}
    try:
        for name in _building_on(mutant.module):
            module = ModuleType(f"{PACKAGE}.{name}")
            module.__package__, module.__file__ = PACKAGE, str(_file(name))
            sys.modules[module.__name__] = module
            exec(code.get(name) or _compiled(name), module.__dict__)
            if hasattr(module, "EXERCISES"):
                labs[name.removeprefix("lab_")] = module.EXERCISES
            elif name == QUIZ:
                labs[QUIZ] = quizzed(module)
        yield labs
    finally:
        sys.modules.update(before)


@cache
def _compiled(module: str) -> Any:
    return compile(_tree(module), module, "exec")


@cache
def _building_on(module: str) -> tuple[str, ...]:
    """A module and those that import it, directly or not, each after what it imports."""
    imports = {name: _imported(name) for name in modules()}
    order: list[str] = []

    def place(name: str) -> None:
        if name not in order:
            for other in sorted(imports[name]):
                place(other)
            order.append(name)

    for name in imports:
        place(name)
    touched = {module}
    for name in order:
        if imports[name] & touched:
            touched.add(name)
    return tuple(name for name in order if name in touched)


@cache
def _imported(module: str) -> frozenset[str]:
    known = set(modules())
    named = {
        node.module.removeprefix(f"{PACKAGE}.")
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}.")
    }
    return frozenset(named & known)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    gc.disable()  # raised in a callback of a collection (hypothesis has one), it would be lost
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        gc.enable()


def shown(mutant: Mutant) -> str:
    """A survivor as the report lists it: its module, and the slip on one line."""
    said = " ".join(mutant.says.split())
    return f"{mutant.module}: {said if len(said) <= 160 else said[:159] + '…'}"
