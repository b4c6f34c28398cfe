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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import tcplab.checks
import tcplab.model.conversation
from tcplab.model.conversation import Conversation, conversations
from tcplab.model.segment import Segment
from verdicts import QUIZ, Replay, besides, near, quizzed, replays

PACKAGE = "tcplab.checks"
FOLDER = Path(tcplab.checks.__file__).parent
PATIENCE_S = 30.0  # of the processor's time, for one that loops is found, however busy the machine is

_FLIPPED: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_SAID = {"about", "expected", "got", "well", "shown_by", "says"}
_WORDS = {"dataclass", "Hints", "Misconception", "field", "BadValue"}
_HELD_ELSEWHERE = {"strict", "encoding"}  # that two rows are as long is no judgement


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
    for place, node in enumerate(_places(module)):
        before = ast.unparse(node)
        for slip, after in enumerate(_slips(node)):
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


@cache
def _places(module: str) -> list[Any]:
    """The nodes of a module where a slip is possible, always in the same order."""
    tree = _tree(module)
    prose = {id(part) for node in ast.walk(tree) for part in _prose(node)}
    kinds = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.If, ast.IfExp, ast.comprehension, ast.Constant)
    places = [node for node in ast.walk(tree) if isinstance(node, kinds) and id(node) not in prose]
    for node in places:
        if isinstance(node, ast.comprehension):
            node.lineno = node.target.lineno
    return places


def _prose(node: ast.AST) -> Iterator[ast.AST]:
    """What is under a node and is said to somebody, or is a type: not judged by."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.keyword) and node.arg in _SAID:
        yield from (part for part in ast.walk(node.value) if _is_text(part))
    elif (isinstance(node, ast.keyword) and node.arg in _HELD_ELSEWHERE) or _is_minutes(node):
        yield node.value  # type: ignore[attr-defined]
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield part
            if isinstance(part, ast.FormattedValue) and part.format_spec:
                yield from ast.walk(part.format_spec)
    elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
        yield from ast.walk(node.annotation)
    elif isinstance(node, ast.FunctionDef) and node.returns:
        yield from ast.walk(node.returns)
    elif _is_words(node):
        yield from ast.walk(node)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Exercise":
        yield from (part for argument in node.args[:2] for part in ast.walk(argument))


def _is_words(node: ast.AST) -> bool:
    """Whether all of it is said to somebody, or is no judgement: the misconceptions of an exercise, hints, errors."""
    if isinstance(node, ast.ClassDef):
        return "Misconception" in map(ast.unparse, node.bases)
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in _WORDS


def _is_minutes(node: ast.AST) -> bool:
    """Whether it says how long the lab takes, which test_chapters.py compares with the chapter."""
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MINUTES"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _slips(node: Any) -> list[Any]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare():
            return [
                ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)
                for at, operator in enumerate(node.ops)
                for other in _FLIPPED[type(operator)]
            ]
        case ast.BoolOp():
            dropped = [[*node.values[:at], *node.values[at + 1 :]] for at in range(len(node.values))]
            turned = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            left = [ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0] for rest in dropped]
            return [*left, ast.BoolOp(turned, node.values)]
        case ast.UnaryOp(op=ast.Not()):
            return [node.operand]
        case ast.If():
            return [ast.If(ast.Constant(value), node.body, node.orelse) for value in (True, False)]
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.comprehension():
            return [
                ast.comprehension(node.target, node.iter, [*node.ifs[:at], *node.ifs[at + 1 :]], node.is_async)
                for at in range(len(node.ifs))
            ]
        case ast.Constant(value=bool()):
            return [ast.Constant(not node.value)]
        case ast.Constant(value=int() | float()):
            return [ast.Constant(node.value + 1)]
        case ast.Constant(value=str()) if node.value and " " not in node.value:
            return [ast.Constant(f"{node.value}_")]
    return []


@contextmanager
def _slipped(mutant: Mutant) -> Iterator[ast.Module]:
    """The module's tree while the slip is in it."""
    if mutant.place < 0:
        yield _tree(mutant.module)
        return
    node = _places(mutant.module)[mutant.place]
    parent, field, at = _parents(mutant.module)[id(node)]

    def put(one: ast.AST) -> None:
        if at is None:
            setattr(parent, field, one)
        else:
            getattr(parent, field)[at] = one

    put(ast.fix_missing_locations(ast.copy_location(_slips(node)[mutant.slip], node)))
    try:
        yield _tree(mutant.module)
    finally:
        put(node)


@cache
def _parents(module: str) -> Mapping[int, tuple[ast.AST, str, int | None]]:
    """For each node of a module where it hangs: its parent, the field, and the place in it if that is a list."""
    found: dict[int, tuple[ast.AST, str, int | None]] = {}
    for parent in ast.walk(_tree(module)):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list):
                found |= {id(one): (parent, field, at) for at, one in enumerate(value)}
            elif isinstance(value, ast.AST):
                found[id(value)] = (parent, field, None)
    return found


@contextmanager
def _loaded(mutant: Mutant) -> Iterator[dict[str, Any]]:
    """The labs that the mutant has a part in, with their exercises, and all that build on its module made anew."""
    with _slipped(mutant) as tree:
        code = {mutant.module: compile(tree, mutant.module, "exec")}
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
