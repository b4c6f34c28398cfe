"""nginx in a host: started from one whole configuration file, observed ready, stopped for good."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tcplab.errors import CommandFailed, NginxRefused
from tcplab.traffic.configuration import command_line, conf_path
from tcplab.traffic.defaults import POOLS_FROM
from tcplab.traffic.listening import listeners, until
from tcplab.traffic.versions import number_of, release
from tcplab.world.host import Host
from tcplab.world.process import Process

_BOUND_S = 5.0
_GRAVE = "[emerg] "


class Nginx:
    """A running nginx: its version, ports, command line and access log."""

    def __init__(self, host: Host, conf: Path, folder: str, argv: Sequence[str], process: Process) -> None:
        self.host, self.conf, self.argv = host, conf, tuple(argv)
        self.ports: tuple[int, ...] = ()
        self._process = process
        self._folder = folder

    def __repr__(self) -> str:
        ports = ", ".join(map(str, self.ports))
        return f"nginx {self.version} on {self.host.name}, port {ports} ({self.conf.name})"

    @property
    def version(self) -> str:
        """Return the version as `nginx -v` tells it: "1.22.1"."""
        return number_of(self.host, self.argv[0])

    @property
    def pools_by_default(self) -> bool:
        """Tell whether it keeps connections to an `upstream{}` without being asked to, and speaks HTTP/1.1 to it.

        Source: nginx's CHANGES with 1.29.7 (`keepalive 32 local` and `proxy_http_version 1.1` by default).
        """
        return release(self.version) >= POOLS_FROM

    @property
    def pid(self) -> int:
        """Return the master process's number inside the world."""
        pid: int = self._process.pid
        return pid

    def access_log(self) -> tuple[str, ...]:
        """Return one line a request, oldest first, of all that a client has an answer to.

        nginx answers first and writes the line after; so this waits until its workers rest.
        """
        self._until(self._resting, "nginx did not come to rest", _BOUND_S)
        try:
            return tuple(self.host.read(f"{self._folder}/access.log").splitlines())
        except FileNotFoundError:
            return ()

    def reload(self) -> None:
        """Read the configuration file again, and return once new workers serve with it.

        The listening sockets stay open, and the old workers answer what they have begun: no request is lost on a
        new connection. Persistent connections that rest are closed; who asks on one at that moment is reset.

        Raises:
            NginxRefused: nginx does not take the file, and serves on with the old one.

        Source: nginx.org, "Controlling nginx", changing configuration.
        """
        before, complaints = self._workers(), len(self._complaints())
        done = self.host.run([*self.argv, "-s", "reload"], expect=None)
        if done.exit_code:
            raise NginxRefused(done.argv, done.exit_code, _reason(done.stderr), serves_on=True)
        if not before:  # with master_process off, nobody is replaced
            return
        self._until(
            lambda: self._replaced(before) or len(self._complaints()) > complaints, "nginx has no new worker", _BOUND_S
        )
        if new := self._complaints()[complaints:]:  # what only the running master can find out: a port that is taken
            raise NginxRefused(done.argv, 1, new[0], serves_on=True)

    def ready(self, before: set[str], within_s: float) -> None:
        """Wait until it listens; `before` are the listening sockets that were there without it.

        nginx opens its sockets, then writes its pid, then forks its workers: only who has those can be told to reload.
        """
        try:
            self._until(
                lambda: self._wrote_pid() and self._works() and bool(listeners(self.host).keys() - before),
                "nginx listens",
                within_s,
            )
        except CommandFailed as failed:
            raise NginxRefused(self.argv, failed.exit_code, self._last_words(), serves_on=False) from None
        mine = {port for inode, port in listeners(self.host).items() if inode not in before}
        self.ports = tuple(sorted(mine))

    def _wrote_pid(self) -> bool:
        try:
            return self.host.read(f"{self._folder}/nginx.pid").strip() == str(self.pid)
        except FileNotFoundError:
            return False

    def _works(self) -> bool:
        said = f"{' '.join(self.argv)}\n{self.conf.read_text()}"
        return bool(self._workers() or re.search(r"^[^#]*master_process\s+off", said, re.MULTILINE))

    def _workers(self) -> set[int]:
        return set(map(int, self._look(self.pid, f"task/{self.pid}/children", gone="").split()))

    def _replaced(self, before: set[int]) -> bool:
        now = self._workers()
        leaving = all("shutting down" in self._look(pid, "cmdline", gone="shutting down") for pid in now & before)
        return leaving and bool(now - before)

    def _resting(self) -> bool:
        states = [self._look(pid, "stat", gone=") S").rpartition(") ")[2] for pid in self._workers() or {self.pid}]
        return all(state.startswith("S") for state in states)

    def _look(self, pid: int, file: str, *, gone: str) -> str:
        try:
            return self.host.read(f"/proc/{pid}/{file}")
        except (FileNotFoundError, ProcessLookupError):
            return gone

    def _until(self, happened: Callable[[], bool], what: str, within_s: float) -> None:
        until(happened, self._process, what, self._last_words, within_s)

    def _complaints(self) -> list[str]:
        """Return the gravest lines of the log, without times and numbers of processes."""
        try:
            lines = self.host.read(f"{self._folder}/error.log").splitlines()
        except FileNotFoundError:
            return []
        return [_reason(line).partition(": ")[2] for line in lines if _GRAVE in line]

    def _last_words(self) -> str:
        return "; ".join(dict.fromkeys(self._complaints()))


def _reason(said: str) -> str:
    return said.partition(_GRAVE)[2].strip() or said.strip()


@contextmanager
def nginx(
    host: Host, conf: str | Path = "hello", *, version: str | None = None, within_s: float = 10
) -> Iterator[Nginx]:
    """Run nginx in a host while the block runs.

    Args:
        host: Where it listens. Its logs and its pid lie in the host's scratch folder.
        conf: "hello" (answers 52 bytes) or "close" (the same, and closes first); in bed.proxy, before the backend:
            "proxy-off", "proxy-on" (both as the blog has them), "proxy-pool", "proxy-bare", "proxy-half"; or the path
            of your own file.
        version: None for the machine's own nginx, or one that ./env/nginx has unpacked: "1.18", "1.30".
        within_s: Bound on the time until it listens, seconds.

    Raises:
        BadValue: No such configuration file, or no such version here (`nginx_versions()` tells which there are).
        NginxRefused: nginx does not take the file, or its port is taken; the message holds what it said.
        NotReady: It listens nowhere.

    >>> with nginx(bed.server, "hello") as web:          # doctest: +SKIP
    ...     print(web.version, web.access_log())
    """
    path = conf_path(conf)
    folder = f"{host.scratch}/nginx-{path.stem}"
    argv = command_line(path, folder, host, version)

    host.run(["mkdir", "-p", folder])
    host.run(["rm", "-f", *(f"{folder}/{name}" for name in ("access.log", "error.log", "nginx.pid"))])
    # One word a line: `service nginx reload`, typed in the host, begins with it.
    host.run(["tee", f"{folder}/command"], input="".join(f"{word}\n" for word in argv))

    before = set(listeners(host))
    with host.start(argv) as process:
        web = Nginx(host, path, folder, argv, process)
        web.ready(before, within_s)
        yield web
