"""Questions to a process inside a world, one at a time, each with its answer."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from tcplab.errors import NotReady, WorldDown
from tcplab.world import message

if TYPE_CHECKING:
    import _socket


class Channel:
    """The owner's end of one connection into a world.

    Answers carry the number of their question: an interrupt (^C) between the two leaves an answer
    behind, and the next question passes over it.
    """

    def __init__(self, sock: socket.socket, what: str) -> None:
        self._sock = sock
        self._what = what
        self._lock = threading.Lock()
        self._number = 0
        self._pid = os.getpid()

    def fileno(self) -> int:
        """Return the descriptor, to hand it to the world; -1 once closed."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close this end; a visited agent then ends what was started through it."""
        self._sock.close()

    def ask(
        self, operation: str, *arguments: object, descriptors: Sequence[int] = (), within_s: float = 30.0
    ) -> tuple[Any, list[int]]:
        """Ask one question and return `(answer, descriptors)`; the descriptors are the caller's to close.

        Raises:
            OSError: What the kernel refused inside, with its errno.
            WorldDown: The world has ended.
            NotReady: No answer within within_s (seconds).
        """
        if os.getpid() != self._pid:
            raise WorldDown(self._what, f"it belongs to process {self._pid}, and this is a forked child")
        with self._lock, self._alive():
            self._number += 1
            self._sock.settimeout(within_s)
            inner = cast("_socket.socket", self._sock)
            message.send(inner, (self._number, operation, *arguments), descriptors)
            return self._await(inner, operation, within_s)

    def _await(self, inner: "_socket.socket", operation: str, within_s: float) -> tuple[Any, list[int]]:
        descriptors: list[int] = []
        with contextlib.ExitStack() as unwanted:
            while True:
                try:
                    answer, opened = message.receive(inner)
                except TimeoutError:
                    raise NotReady(f"{self._what} did not answer {operation!r}", within_s) from None
                if answer is None:
                    raise WorldDown(self._what)
                for descriptor in opened:
                    unwanted.callback(os.close, descriptor)
                number, *said = answer
                if number != self._number:
                    unwanted.close()
                elif said:
                    error, value = said
                    if error is not None:
                        raise OSError(error[0], os.strerror(error[0]), error[1])
                    unwanted.pop_all()
                    return value, descriptors
                else:
                    descriptors = opened  # the answer itself comes when the host has let go of them

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        if self._sock.fileno() < 0:
            raise WorldDown(self._what)
        try:
            yield
        except (BrokenPipeError, ConnectionError) as error:
            raise WorldDown(self._what) from error


def if_up(undo: Callable[..., object], *arguments: object, **named: object) -> None:
    """Put something back as it was, unless its world has ended, and it with it."""
    with contextlib.suppress(WorldDown):
        undo(*arguments, **named)
