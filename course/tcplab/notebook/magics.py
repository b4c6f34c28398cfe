"""`%%on HOST` and `%on HOST command`: shell in a host, its output as the shell would show it."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from tcplab.model.evidence import Verdict
from tcplab.notebook.beds import hosts, newest
from tcplab.notebook.exercise import hint, in_full, just_printed
from tcplab.notebook.refusal import show_in_short
from tcplab.notebook.shell import run
from tcplab.notebook.solution import solution

if TYPE_CHECKING:
    from tcplab.world.host import Host

_USAGE = "Write %%on client, with the commands below it, or in one line: %on client ss -tan"


def register(shell: Any) -> None:
    """Make known to IPython: the magics, hint(), solution(), and how it shows a verdict and a refusal; nothing else.

    A verdict says `next step: hint("…")`, and most labs do not import it.
    """

    @no_var_expand  # a $1 is the shell's, not IPython's
    def on(line: str, cell: str | None = None) -> None:
        """Run shell in a host: `%on client ss -tan`, or `%%on client` with the commands below it."""
        __tracebackhide__ = True
        name, _, rest = line.strip().partition(" ")
        if not name or (cell is None) == (not rest.strip()):
            raise UsageError(_USAGE)
        run(_host(name, shell.ev), rest if cell is None else cell, sys.stdout.write)

    shell.user_ns.setdefault("hint", hint)
    shell.user_ns.setdefault("solution", solution)
    shell.register_magic_function(on, magic_kind="line_cell", magic_name="on")
    shell.set_hook("complete_command", lambda *_: list(hosts(newest())), re_key=r"%{1,2}on\b")
    show_in_short(shell)
    shell.display_formatter.ipython_display_formatter.for_type(Verdict, _show_once)


def _host(name: str, evaluate: Callable[[str], object]) -> "Host":
    """Find the host that is meant: by name on the newest bed, else as an expression."""
    from tcplab.world.host import Host

    known = hosts(newest())
    if name in known:
        return known[name]
    try:
        meant = evaluate(name)
    except Exception:  # noqa: BLE001 (a learner's expression may raise anything; the answer is the same)
        meant = None
    if isinstance(meant, Host):
        return meant
    there = f"Hosts of the newest bed: {', '.join(known)}." if known else "No bed is up: bed = Testbed.two_hosts().up()"
    raise UsageError(f"{name} is not a host. {there}")


def _show_once(verdict: Verdict) -> None:
    """Show a verdict that stands alone in a cell, unless check() has just printed it."""
    if not just_printed(verdict):
        print(in_full(verdict))
