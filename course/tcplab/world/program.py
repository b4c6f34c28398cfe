"""Programs of a host: started so that ^C neither loses nor leaves one, and followed to their end."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tcplab.errors import BadValue, ToolMissing
from tcplab.world.channel import Channel
from tcplab.world.environment import environment
from tcplab.world.errand import go_on, waiting_for
from tcplab.world.interrupt import interrupt_waits
from tcplab.world.process import Completed, Process, communicate


def started(
    way: Callable[[], Channel],
    argv: Sequence[str],
    standard: tuple[int | None, int | None, int | None],
    env: Mapping[str, str],
    cwd: str | os.PathLike[str],
) -> Process:
    """Start a program where a way leads; see Host.start."""
    if isinstance(argv, str) or not argv:
        raise BadValue("argv", argv, 'a list such as ["ss", "-tan"]')
    go_on()
    words = [os.fspath(word) for word in argv]
    where = str(Path(cwd).absolute())
    process: Process | None = None
    try:
        with interrupt_waits(lambda: process and process.stop(signal.SIGKILL)):
            process = Process(way(), words, {**environment(), **env}, where, standard)
    except FileNotFoundError as error:
        if error.filename != words[0]:
            raise
        raise ToolMissing(words[0]) from None
    return process


def completed(start: Callable[[], Process], given: bytes, within_s: float) -> Completed:
    """Start a program, feed it, and wait for its end; nothing of it is left, whatever comes.

    Raises:
        NotReady: It did not end within within_s (seconds).
    """
    process: Process | None = None
    try:
        with interrupt_waits():
            process = start()
        with waiting_for(process):
            stdout, stderr = communicate(process, given, within_s)
            exit_code = process.wait(within_s)
    finally:
        if process is not None:
            process.stop(signal.SIGKILL)
    return Completed(process.argv, exit_code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))
