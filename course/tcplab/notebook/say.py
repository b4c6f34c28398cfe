"""Values in words: how a learner's answer, right or wrong, is repeated to them."""

from enum import Enum

_LONGEST = 72


def in_words(value: object) -> str:
    """Say a value in at most 72 characters, on one line; never raises, whatever the learner made.

    >>> in_words("TIME_WAIT"), in_words(3), in_words(...)
    ('TIME_WAIT', '3', 'nothing yet')
    """
    if value is ...:
        return "nothing yet"
    try:
        said = _said(value)
    except Exception:  # noqa: BLE001 (a class written by the learner may do anything)
        said = f"a {type(value).__name__} that cannot be shown"
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _said(value: object) -> str:
    if isinstance(value, str | Enum):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(each, Enum) for each in value):
        return f"[{', '.join(map(str, value))}]"  # a path of states: by their names alone
    if isinstance(value, set) and value and all(isinstance(each, str) for each in value):
        return f"{{{', '.join(sorted(repr(each) for each in value))}}}"  # words lie in another order in each process
    return repr(value)


def table(rows: list[tuple[str, ...]], *, right: frozenset[int] = frozenset()) -> str:
    """Set rows in columns two spaces apart; `right` are the columns that stand right-aligned, such as numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
