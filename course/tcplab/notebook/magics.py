"""`%%on HOST` and `%on HOST command`: shell in a host, its output as the shell would show it."""

import codecs
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from tcplab.errors import NotReady
from tcplab.model.evidence import Verdict
from tcplab.notebook.beds import hosts, newest
from tcplab.notebook.exercise import in_full, just_printed

if TYPE_CHECKING:
    from tcplab.world.host import Host
    from tcplab.world.process import Process

_MOST_CHARACTERS = 1_000_000
"""What a notebook file can bear; more is read, counted and not shown."""

_LOOK_S = 0.05
_PATIENCE_S = 60.0
_GRACE_S = 0.5
_USAGE = "Write %%on client, with the commands below it, or in one line: %on client ss -tan"


def register(shell: Any) -> None:
    """Make the magics known to IPython, and nothing else."""

    @no_var_expand  # a $1 is the shell's, not IPython's
    def on(line: str, cell: str | None = None) -> None:
        """Run shell in a host: `%on client ss -tan`, or `%%on client` with the commands below it."""
        __tracebackhide__ = True
        name, _, rest = line.strip().partition(" ")
        if not name or (cell is None) == (not rest.strip()):
            raise UsageError(_USAGE)
        run(_host(name, shell.ev), rest if cell is None else cell, sys.stdout.write)

    shell.register_magic_function(on, magic_kind="line_cell", magic_name="on")
    shell.set_hook("complete_command", lambda *_: list(hosts(newest())), re_key=r"%{1,2}on\b")
    shell.display_formatter.ipython_display_formatter.for_type(Verdict, _show_once)


def run(host: "Host", script: str, write: Callable[[str], object]) -> None:
    """Run a shell script in a host, and write what it says while it says it.

    Both its outputs come in order, through one pipe. A non-zero exit code is the last line. What the script leaves
    running in the background runs on; its output is not waited for.

    Args:
        host: where it runs
        script: as typed, for bash
        write: takes pieces of text

    Raises:
        KeyboardInterrupt: after all that it started has been killed
    """
    from tcplab.world.process import PIPE, STDOUT

    __tracebackhide__ = True
    shown = _Shown(write)
    process = host.start(["bash", "-c", script], stdout=PIPE, stderr=STDOUT)
    try:
        _stream(process, shown)
        exit_code = _ended(process)
    except KeyboardInterrupt as interrupt:
        _end(host, process, shown)
        # IPython asks an exception for its own picture; the learner's code has no part in the frames here.
        vars(interrupt)["_render_traceback_"] = lambda: ["[interrupted: what this cell ran has been ended]"]
        raise
    finally:
        process.close()
    shown.finish()
    if exit_code:
        shown.line(f"[exit code {exit_code}]" if exit_code > 0 else f"[ended by {signal.Signals(-exit_code).name}]")


def _stream(process: "Process", shown: "_Shown") -> None:
    """Pass on what comes, until the shell has ended and nothing more is there."""
    __tracebackhide__ = True
    pipe = process.stdout
    assert pipe is not None
    ended = False
    while True:
        if select.select([pipe], [], [], 0 if ended else _LOOK_S)[0]:
            if not (said := os.read(pipe.fileno(), 1 << 16)):
                return
            shown.take(said)
        elif ended:
            return
        else:
            ended = process.poll() is not None


def _ended(process: "Process") -> int:
    """Wait as long as it takes: a learner ends it, by interrupting."""
    __tracebackhide__ = True
    while True:
        with contextlib.suppress(NotReady):
            return process.wait(_PATIENCE_S)


def _end(host: "Host", process: "Process", shown: "_Shown") -> None:
    """Interrupt as ^C does, hear the last words, then kill the whole process group, background jobs too."""
    process.send_signal(signal.SIGINT)
    pipe = process.stdout
    assert pipe is not None
    while select.select([pipe], [], [], _GRACE_S)[0] and (said := os.read(pipe.fileno(), 1 << 16)):
        shown.take(said)
    # The shell may be gone by now, and no longer ours to signal; what it started in the background ignores ^C.
    host.run(["bash", "-c", f"kill -KILL -- -{process.pid}"], expect=(0, 1))
    process.stop(signal.SIGKILL)


class _Shown:
    """What was shown so far: bytes in, text out, bounded."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._count = 0
        self._at_line_start = True

    def take(self, said: bytes) -> None:
        """Show bytes as they come; a character may be split between two pieces."""
        text = self._decoder.decode(said)
        room = _MOST_CHARACTERS - self._count
        self._count += len(text)
        if shown := text[: max(0, room)]:
            self._write(shown)  # no flush: a kernel sends on five times a second, and whole pieces
            self._at_line_start = shown.endswith("\n")

    def finish(self) -> None:
        """Say how much was left out, where the output was too long."""
        if (more := self._count - _MOST_CHARACTERS) > 0:
            self.line(f"[{more:,} more characters not shown]")

    def line(self, text: str) -> None:
        """Show a line of our own, on a line of its own."""
        self._write(("" if self._at_line_start else "\n") + text + "\n")
        self._at_line_start = True


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
