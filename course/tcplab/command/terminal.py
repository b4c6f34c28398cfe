"""A program of a host on this terminal: through a pseudo terminal of its own, or on plain pipes."""

import contextlib
import fcntl
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence

from tcplab.errors import NotReady
from tcplab.world.host import Host
from tcplab.world.process import Process

# A shell has job control where it leads a session whose terminal is its own. The agent makes the
# session; this makes the terminal the session's, then becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
_LONG_S = 86_400.0


def relayed(host: Host, argv: Sequence[str]) -> int:
    """Run a program in a host on a terminal of its own, relayed to ours, and return its exit code.

    Keys go over as they are typed (^C too: it reaches the program there), so does a change of the
    window's size; our own terminal is put back as it was.
    """
    master, slave = os.openpty()
    with os.fdopen(master, "r+b", buffering=0):
        _resize(master)
        words = [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *argv]
        try:
            process = host.start(words, stdin=slave, stdout=slave, stderr=slave, env=_environment(host))
        finally:
            os.close(slave)
        with process:
            with _raw(), _window_changes() as changed:
                _relay(master, changed)
            return _exit_code(process)


def plain(host: Host, argv: Sequence[str]) -> int:
    """Run a program in a host on our own standard input and outputs, and return its exit code."""
    with host.start(argv, stdin=0, stdout=1, stderr=2, env=_environment(host)) as process:
        try:
            return _exit_code(process)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            raise


def _environment(host: Host) -> dict[str, str]:
    return {"PS1": f"{host.name}$ ", "HISTFILE": ""}


def _exit_code(process: Process) -> int:
    """Wait as long as it takes; a program ended by a signal ends with 128 and the signal, as in a shell."""
    while True:
        try:
            code = process.wait(_LONG_S)
        except NotReady:
            continue
        return code if code >= 0 else 128 - code


def _relay(master: int, changed: int) -> None:
    """Pass bytes both ways until the program has let go of its terminal."""
    watched = [0, master, changed]
    while True:
        ready, _, _ = select.select(watched, [], [])
        with contextlib.suppress(BlockingIOError):  # a change that came before a key goes before it, whatever woke us
            os.read(changed, 512)
            _resize(master)
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                _write(master, typed)
            else:
                watched.remove(0)  # our terminal has hung up
                _write(master, b"\x04")
        if master in ready:
            try:
                shown = os.read(master, 65536)
            except OSError:
                return  # EIO: its last process has closed the other end
            _write(1, shown)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _resize(master: int) -> None:
    """Give the far terminal the size of ours; the kernel then tells the programs there."""
    with contextlib.suppress(OSError):
        size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
        fcntl.ioctl(master, termios.TIOCSWINSZ, size)


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Let our terminal pass every key, and put it back at the end, however that comes."""
    before = termios.tcgetattr(0)
    ended = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    tty.setraw(0, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
        signal.signal(signal.SIGTERM, ended)


@contextlib.contextmanager
def _window_changes() -> Iterator[int]:
    """Give a descriptor that becomes readable when our window's size has changed."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    before = signal.signal(signal.SIGWINCH, lambda *_: None)
    old = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(old)
        signal.signal(signal.SIGWINCH, before)
        os.close(reader)
        os.close(writer)
