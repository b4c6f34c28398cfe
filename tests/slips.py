"""Slips: what may go wrong at a place of a module's tree, and the tree while it has."""

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

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


@cache
def places(tree: ast.Module) -> list[Any]:
    """The nodes of a module where a slip is possible, always in the same order."""
    prose = {id(part) for node in ast.walk(tree) for part in _prose(node)}
    kinds = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.If, ast.IfExp, ast.comprehension, ast.Constant)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds) and id(node) not in prose]
    for node in found:
        if isinstance(node, ast.comprehension):
            node.lineno = node.target.lineno
    return found


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


def slips(node: Any) -> list[Any]:
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
def slipped(tree: ast.Module, place: int, slip: int) -> Iterator[None]:
    """One of a module's places, with one of the slips that fit there, for the length of the block."""
    node = places(tree)[place]
    parent, field, at = _parents(tree)[id(node)]

    def put(one: ast.AST) -> None:
        if at is None:
            setattr(parent, field, one)
        else:
            getattr(parent, field)[at] = one

    put(ast.fix_missing_locations(ast.copy_location(slips(node)[slip], node)))
    try:
        yield
    finally:
        put(node)


@cache
def _parents(tree: ast.Module) -> Mapping[int, tuple[ast.AST, str, int | None]]:
    """For each node of a module where it hangs: its parent, the field, and the place in it if that is a list."""
    found: dict[int, tuple[ast.AST, str, int | None]] = {}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list):
                found |= {id(one): (parent, field, at) for at, one in enumerate(value)}
            elif isinstance(value, ast.AST):
                found[id(value)] = (parent, field, None)
    return found
