"""A program that runs in a host."""

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

from tcplab.errors import NotReady, WorldDown
from tcplab.world.channel import Channel

PIPE = -1
STDOUT = -2
DEVNULL = -3


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended: what it was, how it ended, what it said."""

    argv: tuple[str, ...]
    exit_code: int  # negative: ended by that signal
    stdout: str
    stderr: str


class Process:
    """A running program of a host, ended by its own handle.

    `with` stops it at the end of the block. `stdin`, `stdout`, `stderr` are binary files where a
    pipe was asked for, else None. `pid` is its number inside the world.
    """

    def __init__(
        self,
        channel: Channel,
        argv: Sequence[str],
        env: dict[str, str],
        cwd: str,
        standard: tuple[int | None, int | None, int | None],
    ) -> None:
        self._channel = channel
        self.argv = tuple(argv)
        self.stdin: BinaryIO | None = None
        self.stdout: BinaryIO | None = None
        self.stderr: BinaryIO | None = None
        self._exit_code: int | None = None
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as undo:
            given = self._standard(standard, theirs, undo)
            self.pid, (self._status,) = channel.ask("start", list(argv), env, cwd, descriptors=given)
            undo.pop_all()

    def _standard(
        self, standard: Sequence[int | None], theirs: contextlib.ExitStack, undo: contextlib.ExitStack
    ) -> list[int]:
        given: list[int] = []
        for name, wanted in zip(("stdin", "stdout", "stderr"), standard, strict=True):
            if wanted == PIPE:
                reader, writer = os.pipe()
                out, mine, mode = (reader, writer, "wb") if name == "stdin" else (writer, reader, "rb")
                setattr(self, name, undo.enter_context(os.fdopen(mine, mode, buffering=0)))
                theirs.callback(os.close, out)
                given.append(out)
            elif wanted == STDOUT:
                given.append(given[1])
            elif wanted is None or wanted == DEVNULL:
                null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
                theirs.callback(os.close, null)
                given.append(null)
            else:
                given.append(wanted)
        return given

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        try:
            return self.wait(0)
        except NotReady:
            return None

    def wait(self, within_s: float = 60.0) -> int:
        """Wait for the end and return the exit code (negative: the signal that ended it).

        Raises:
            NotReady: It still runs after within_s (seconds).
        """
        if self._exit_code is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._status, selectors.EVENT_READ)
                if not selector.select(within_s):
                    raise NotReady(f"{self.argv[0]} (pid {self.pid} in its world) has not ended", within_s)
            said = os.read(self._status, 16)
            # Nothing said: its world ended, and took it along.
            self._exit_code = int(said) if said else -signal.SIGKILL
            os.close(self._status)
        return self._exit_code

    def send_signal(self, number: int) -> None:
        """Signal the program and its process group."""
        if self._exit_code is None:
            self._channel.ask("signal", self.pid, int(number))

    def stop(self, number: int = signal.SIGTERM, within_s: float = 5.0) -> int:
        """Ask it to end, wait with a bound, then insist; return the exit code."""
        deadline = time.monotonic() + within_s
        with contextlib.suppress(WorldDown):  # a world that has ended has taken it along
            self.send_signal(number)
        try:
            self.wait(max(0.0, deadline - time.monotonic()))
        except NotReady:
            self.send_signal(signal.SIGKILL)
            self.wait(within_s)
        self.close()
        assert self._exit_code is not None
        return self._exit_code

    def close(self) -> None:
        """Close the pipes to it."""
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def communicate(process: Process, given: bytes, within_s: float) -> tuple[bytes, bytes]:
    """Feed a program and read both its outputs until it closes them.

    Raises:
        NotReady: It still runs after within_s (seconds).
    """
    deadline = time.monotonic() + within_s
    said: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    with selectors.DefaultSelector() as selector:
        for name in said:
            selector.register(getattr(process, name), selectors.EVENT_READ, name)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE, "stdin")
        while selector.get_map():
            events = selector.select(max(0.0, deadline - time.monotonic()))
            if not events:
                raise NotReady(f"{' '.join(process.argv)} has not ended", within_s)
            for key, _ in events:
                if key.data == "stdin":
                    given = given[_write(key.fd, given) :]
                    done = not given
                else:
                    chunk = os.read(key.fd, 1 << 16)
                    said[key.data] += chunk
                    done = not chunk
                if done:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
    return bytes(said["stdout"]), bytes(said["stderr"])


def _write(descriptor: int, data: bytes) -> int:
    try:
        return os.write(descriptor, data[: 1 << 16])
    except BrokenPipeError:
        return len(data)  # it does not want to read more
