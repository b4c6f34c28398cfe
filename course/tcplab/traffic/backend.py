"""The application behind the proxy: waitress in a host, started, observed ready, and honest about its death."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tcplab.errors import BadValue, CommandFailed
from tcplab.traffic.listening import listeners, until
from tcplab.world.host import Host
from tcplab.world.process import Process

_PROGRAM = Path(__file__).with_name("application.py")
_LONGEST_IDLE_S = 3600.0


class Backend:
    """A running backend: where it listens, what it was started with, whether it still runs."""

    def __init__(self, host: Host, port: int, process: Process, said: int) -> None:
        self.host, self.port, self.argv = host, port, process.argv
        self._process = process
        self._said = said
        self._ended_by_us = False

    def __repr__(self) -> str:
        state = f"port {self.port}" if self.exit_code is None else f"ended with exit code {self.exit_code}"
        return f"backend on {self.host.name}, {state}"

    @property
    def url(self) -> str:
        """Return where /hello is: "http://198.51.100.2:8080/hello"; from bed.client on only if bed.proxy forwards.

        That is, in `with sysctls(bed.proxy, ip_forward=1)`.
        """
        return f"http://{self.host.address}:{self.port}/hello"

    @property
    def pid(self) -> int:
        """Return its number inside the world."""
        pid: int = self._process.pid
        return pid

    @property
    def exit_code(self) -> int | None:
        """Return how it ended (negative: by that signal), or None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it as the kernel does when memory runs out: SIGKILL, at once, in the middle of what it does.

        Its kernel closes its connections: those that it had read to the end by FIN, the others by RST.
        """
        self._ended_by_us = True
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(within_s=5)

    def pause(self) -> None:
        """Stop it as a debugger does (SIGSTOP): its kernel still accepts and acknowledges, nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self._process.send_signal(signal.SIGCONT)

    def ready(self, before: set[str], within_s: float) -> None:
        """Wait until it listens; `before` are the listening sockets that were there without it."""
        until(
            lambda: any(port == self.port for inode, port in listeners(self.host).items() if inode not in before),
            self._process,
            f"The backend listens on port {self.port}",
            self._last_words,
            within_s,
        )

    def check(self) -> None:
        """Do nothing while it runs, or was ended by `kill()`.

        Raises:
            CommandFailed: It ended by itself, or somebody else ended it.
        """
        if self.exit_code is not None and not self._ended_by_us:
            mend = f"Start it anew, in a new block: with backend(bed.{self.host.name})."
            raise CommandFailed(self.argv, self.exit_code, self._last_words(), mend=mend)

    def _last_words(self) -> str:
        lines = os.pread(self._said, 1 << 16, 0).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@contextmanager
def backend(
    host: Host,
    port: int = 8080,
    *,
    persistent: bool = True,
    idle_s: float = 120.0,
    threads: int = 4,
    backlog: int = 1024,
    within_s: float = 10.0,
) -> Iterator[Backend]:
    """Run a small web application in a host while the block runs.

    It is served by waitress, a WSGI server: /hello is 52 bytes, /slow/200 takes 200 ms, /error/503 fails so,
    /clock tells the time as Java writes it (/clock/20: three digits fewer at every 20th request), /asked repeats what
    the client asked.

    Args:
        host: Where it listens, on IPv4 and IPv6.
        port: 1 to 65535.
        persistent: Whether a connection may carry more than one request; False closes after each answer.
        idle_s: How long a connection may rest before the backend closes it, more than 0, to 3600 seconds. It looks
            ten times in that time, and once a second at least, so it closes up to a tenth or a second later.
        threads: How many requests it works on at once, 1 to 100.
        backlog: Of listen(2): how many connections may wait for accept(), 1 to 65535.
        within_s: Bound on the time until it listens, seconds.

    Raises:
        BadValue: An argument outside what is allowed.
        CommandFailed: It could not start (its port is taken), or died by itself while the block ran.
        NotReady: It does not listen.

    Source: HTTP/1.1 connections persist unless one side says "close" (RFC 9112, section 9.3); HTTP/1.0's do not,
        unless the client asks "Connection: keep-alive", which waitress grants.

    >>> with backend(bed.backend, idle_s=5) as app:      # doctest: +SKIP
    ...     ab(bed.client, app.url, requests=1000)
    """
    _checked(port, idle_s, threads, backlog)
    argv = [sys.executable, "-I", str(_PROGRAM), "--port", str(port), "--idle", f"{idle_s:g}"]
    argv += ["--threads", str(threads), "--backlog", str(backlog), *([] if persistent else ["--close"])]

    before = set(listeners(host))
    said = os.memfd_create("backend")
    try:
        with host.start(argv, stderr=said) as process:
            running = Backend(host, port, process, said)
            running.ready(before, within_s)
            yield running
            running.check()
    finally:
        os.close(said)


def _checked(port: int, idle_s: float, threads: int, backlog: int) -> None:
    for name, given, lowest, highest in (
        ("port", port, 1, 65535),
        ("threads", threads, 1, 100),
        ("backlog", backlog, 1, 65535),
    ):
        if type(given) is not int or not lowest <= given <= highest:
            raise BadValue(name, given, f"a whole number from {lowest} to {highest}")
    if not 0 < idle_s <= _LONGEST_IDLE_S:
        raise BadValue("idle_s", idle_s, f"more than 0 and at most {_LONGEST_IDLE_S:g} seconds")
