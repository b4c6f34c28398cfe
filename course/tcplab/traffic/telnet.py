"""A session as with telnet: type to a server, see what it says, read until it closes."""

import re
import socket
import sys
from typing import Self

from tcplab.errors import NotReady
from tcplab.world.host import Host


class Session:
    """One connection, typed into by hand. What crosses is printed: > what you sent, < what came.

    A person types, so its kernel acknowledges as in a conversation, together with what is said next or
    40 ms later, and the server's FIN is acknowledged before the person leaves. (`TCP_QUICKACK`, tcp(7).)
    """

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        self._at_end = False

    def __repr__(self) -> str:
        if self.socket.fileno() < 0:
            return "telnet session, closed"
        local, peer = self.socket.getsockname(), self.socket.getpeername()
        return f"telnet session {local[0]}:{local[1]} → {peer[0]}:{peer[1]}"

    def type(self, text: str) -> None:
        r"""Send text, each line ended as Enter does in telnet: "\n" goes out as "\r\n".

        >>> session.type("GET / HTTP/1.1\nHost: server\nConnection: close\n\n")     # doctest: +SKIP
        """
        _show(">", text)
        self.socket.sendall(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())

    def read_answer(self, *, within_s: float = 10) -> str:
        """Read one answer, as long as its Content-Length says, and return it; the connection stays as it is.

        Raises:
            NotReady: It did not come whole in that time, or the server closed before its end.
        """
        self.socket.settimeout(within_s)
        received = bytearray()
        try:
            while not _whole(received) and (chunk := self.socket.recv(65536)):
                received += chunk
        except TimeoutError:
            pass
        finally:
            self.socket.settimeout(None)
        said = received.decode(errors="replace")
        _show("<", said)
        if not _whole(received):
            raise NotReady("A whole answer, as long as its Content-Length", within_s)
        return said

    def read_to_end(self, *, within_s: float = 10) -> str:
        """Read until the server has closed its side, and return all that it said.

        So the server is the active closer, every time: its FIN is here before we answer with ours.

        Raises:
            NotReady: The server keeps the connection open, as HTTP/1.1 does unless asked to close.
        """
        self.socket.settimeout(within_s)
        received = bytearray()
        try:
            while chunk := self.socket.recv(65536):
                received += chunk
        except TimeoutError:
            _show("<", received.decode(errors="replace"))
            raise NotReady('The server closing the connection (ask it to: "Connection: close")', within_s) from None
        finally:
            if self.socket.fileno() >= 0:
                self.socket.settimeout(None)

        said = received.decode(errors="replace")
        _show("<", said)
        self._at_end = True
        _say("Connection closed by foreign host.")
        return said

    def close(self) -> None:
        """Close our side. Before `read_to_end` this makes us the active closer."""
        if self.socket.fileno() < 0:
            return
        if self._at_end:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # an ACK that still waits goes now
        self.socket.close()
        if not self._at_end:
            _say("Connection closed.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def telnet(host: Host, destination: Host | str, port: int, *, within_s: float = 10) -> Session:
    r"""Open a connection from a host and return the session, as `telnet server 80` does.

    The program telnet is not run: fed from a pipe it sends another text than the one typed.

    Args:
        host: Where the connection leaves from.
        destination: A host, or an address.
        port: 1 to 65535.
        within_s: Bound on connecting, seconds.

    Raises:
        OSError: What the kernel said: ECONNREFUSED, EADDRNOTAVAIL, ….

    >>> with telnet(bed.client, bed.server, 80) as session:                               # doctest: +SKIP
    ...     session.type("GET / HTTP/1.0\n\n")
    ...     session.read_to_end()
    """
    name = destination.name if isinstance(destination, Host) else destination
    connection = host.connect(destination, port, timeout_s=within_s)
    _say(f"Trying {connection.getpeername()[0]}…")
    _say(f"Connected to {name}.")
    return Session(connection)


def _whole(answer: bytes | bytearray) -> bool:
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def _show(mark: str, text: str) -> None:
    for line in text.splitlines():
        _say(f"{mark} {line}".rstrip())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
