"""The port at which `tcplab lab` listens: two that start at once do not choose the same."""

import contextlib
import socket
from collections.abc import Iterator

FIRST = 8888
_TRIED = 50


@contextlib.contextmanager
def claimed(first: int) -> Iterator[int]:
    """Find a port that is free, from the first on; with the block others may have it.

    Jupyter Server closes the socket with which it tried a port, and listens there a moment later: whoever came
    meanwhile would find it free as well, and end. So each `tcplab lab` takes a name for its port first, among the
    abstract Unix sockets (unix(7)): one process can have it, and it goes with that process.

    Where none is free it is the first one, and Jupyter says so.
    """
    for port in range(first, min(first + _TRIED, 1 << 16)):
        with socket.socket(socket.AF_UNIX) as name, socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Jupyter does: TIME_WAIT is no obstacle
            try:
                name.bind(f"\0tcplab lab {port}")
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            tried.close()
            yield port
            return
    yield first
