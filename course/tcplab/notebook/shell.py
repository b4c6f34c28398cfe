"""A shell script in a host, its output shown while it runs, ended by an interrupt."""

import codecs
import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.errors import NotReady

if TYPE_CHECKING:
    from tcplab.world.host import Host
    from tcplab.world.process import Process

_MOST_CHARACTERS = 1_000_000
"""What a notebook file can bear; more is read, counted and not shown."""

_LOOK_S = 0.05
_PATIENCE_S = 60.0
_GRACE_S = 0.5


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
    deadline = time.monotonic() + 2 * _GRACE_S  # what ignores ^C may go on talking
    while select.select([pipe], [], [], _GRACE_S)[0] and (said := os.read(pipe.fileno(), 1 << 16)):
        shown.take(said)
        if time.monotonic() > deadline:
            break
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
