"""Tables of several hosts under one another, each with the name of the host it comes from."""

from collections.abc import Sequence
from itertools import islice

from tcplab.model.connection import Connection
from tcplab.model.tracked import Tracked
from tcplab.notebook.say import table

_MOST_ROWS = 20


def show(*tables: object, **named: object) -> None:
    """Print what several hosts hold, one line a socket, with the host's name before the first.

    Args:
        tables: what `sockets()`, `counters()` or `conntrack()` returned; anything else is printed as it prints itself
        named: the same under names of your own: `show(before=…, after=…)`

    >>> show(client=[], server="not asked")
    client  no sockets
    server  not asked
    """
    blocks = [(_host_of(shown), _lines(shown)) for shown in tables]
    blocks += [(name, _lines(shown)) for name, shown in named.items()]
    rows = [(name if at == 0 else "", line) for name, lines in blocks for at, line in enumerate(lines)]

    # A sentence takes no part in the columns of the sockets: it would push them apart.
    aligned = iter(table([line for _, line in rows if len(line) > 1]).splitlines())
    wide = max((len(name) + 2 for name, _ in rows if name), default=0)
    for name, line in rows:
        print(f"{name:{wide}}{next(aligned) if len(line) > 1 else line[0]}".rstrip())


def _host_of(shown: object) -> str:
    host = getattr(shown, "host", "")
    return str(getattr(host, "name", host))


def _lines(shown: object) -> list[tuple[str, ...]]:
    if not isinstance(shown, Sequence) or isinstance(shown, str):
        return [(line,) for line in str(shown).splitlines()] or [("",)]
    if not shown:
        return [(getattr(shown, "nothing", "no sockets"),)]
    lines = [_cells(row) for row in islice(shown, _MOST_ROWS)]
    if len(shown) > _MOST_ROWS:
        lines.append((f"… and {len(shown) - _MOST_ROWS:,} more",))
    return lines


def _cells(row: object) -> tuple[str, ...]:
    if not isinstance(row, Connection | Tracked):
        return (str(row),)
    where, state, rest = str(row).partition(f" {row.state}")
    return where, state.strip() + rest
