"""What one thread does in a world, ended by another: the program that it waits for is killed, and it starts no more."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from tcplab.errors import WorldDown
from tcplab.world.process import Process

_here = threading.local()


class Stopped(Exception):
    """This thread's errand was stopped."""


class Errand:
    """The errand of the thread that enters it, for another thread to stop.

    What is in a `with` block (a server, a sysctl) is put back by its block as ever, so nothing is left.

    >>> with errand:                                  # doctest: +SKIP
    ...     ab(bed.client, "http://proxy/", requests=100_000)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = False
        self._awaited: Process | None = None

    @property
    def stopped(self) -> bool:
        """Tell whether somebody has stopped it."""
        return self._stopped

    def stop(self) -> None:
        """Kill what it waits for; its thread hears Stopped when it next starts a program. Any thread may call this."""
        with self._lock:
            self._stopped = True
            self._kill()

    def _kill(self) -> None:
        if self._awaited is not None:
            with contextlib.suppress(WorldDown, OSError):  # it has ended, or its world has
                self._awaited.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        _here.errand = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.errand = None

    @contextlib.contextmanager
    def waits_for(self, process: Process) -> Iterator[None]:
        """Let stop() kill a program while the block waits for it."""
        with self._lock:
            self._awaited = process
            if self._stopped:
                self._kill()
        try:
            yield
        finally:
            with self._lock:
                self._awaited = None


def go_on() -> None:
    """Raise Stopped where this thread's errand was."""
    errand: Errand | None = getattr(_here, "errand", None)
    if errand is not None and errand.stopped:
        raise Stopped


def waiting_for(process: Process) -> contextlib.AbstractContextManager[None]:
    """Tell this thread's errand, if it has one, which program it waits for in the block."""
    errand: Errand | None = getattr(_here, "errand", None)
    return contextlib.nullcontext() if errand is None else errand.waits_for(process)
