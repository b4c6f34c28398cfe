"""A program in a file beside the notebook, which serves on a port of a host as a process of its own."""

import ast
import difflib
import inspect
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

from tcplab.errors import BadValue, NotReady, WorldDown
from tcplab.traffic.listening import listeners, until
from tcplab.world.host import Host
from tcplab.world.process import Process

SHIPPED = Path(__file__).with_name("programs")
_LIMITED = 'exec > "$0" 2>&1; ulimit -n "$1"; shift; exec "$@"'

_running: "WeakKeyDictionary[Host, dict[int, Running]]" = WeakKeyDictionary()


class Program:
    """A Python file that serves on the port it is given as its argument.

    Args:
        file: Where it lies. A name that comes with tcplab ("receipts.py") is written there first; what you had there
            under that name, and changed, is kept as "receipts-yours.py".

    Raises:
        BadValue: There is no such file.

    >>> receipts = Program("receipts.py")                       # doctest: +SKIP
    >>> receipts.start(bed.server, 4000, open_files=16)         # doctest: +SKIP
    receipts.py on server, port 4000
    """

    def __init__(self, file: str | Path) -> None:
        self.path = Path(file).absolute()
        if (shipped := SHIPPED / self.path.name).is_file():
            self._write_shipped(shipped.read_text())
        if not self.path.is_file():
            names = ", ".join(sorted(path.name for path in SHIPPED.glob("*.py")))
            raise BadValue("file", str(file), f"{names}, or a file of your own")

    def __repr__(self) -> str:
        return self.path.name

    def _write_shipped(self, text: str) -> None:
        if self.path.is_file() and self.path.read_text() != text:
            yours = self.path.with_stem(f"{self.path.stem}-yours")
            self.path.replace(yours)
            print(f"Your own {self.path.name} is kept as {yours.name}.")
        self.path.write_text(text)

    def start(self, host: Host, port: int, *, open_files: int = 64, within_s: float = 10) -> "Running":
        """Start it in a host, and return once it listens; one that was started there before is stopped.

        Args:
            host: Where it runs, under `ulimit -n`.
            port: Given to the program as its argument, 1 to 65535.
            open_files: How many descriptors it may hold, 0, 1 and 2 among them.
            within_s: Bound on the time until it listens, seconds.

        Raises:
            CommandFailed: It ended before it listened; the message holds what it said.
            NotReady: It does not listen.
        """
        here = _running.setdefault(host, {})
        if port in here:
            here.pop(port).stop()
        host.run(["mkdir", "-p", str(host.scratch)])
        log = f"{host.scratch}/{self.path.stem}.log"
        python = Path(sys.executable).with_name("python3")  # so it has this name everywhere, in `ss -p`
        argv = [str(python if python.exists() else sys.executable), self.path.name, str(port)]
        process = host.start(["sh", "-c", _LIMITED, log, str(open_files), *argv], cwd=self.path.parent)
        here[port] = running = Running(host, self, port, log, process)
        running.ready(within_s)
        return running

    def with_function(self, function: Callable[..., object], file: str | Path) -> "Program | None":
        """Write a copy in which a function is replaced by yours, and print the difference.

        Args:
            function: Defined in a cell, with the name of the one that it replaces.
            file: Where the copy goes.

        Returns: The copy; None where your function holds nothing but three dots.

        Raises:
            BadValue: There is no function of that name in this program, or yours has no source.
        """
        old = self.path.read_text()
        name = getattr(function, "__name__", str(function))
        known = {node.name: node for node in ast.parse(old).body if isinstance(node, ast.FunctionDef)}
        try:
            yours = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            yours = ""
        if name not in known or not yours:
            raise BadValue("function", name, f"a function that you define in a cell, by the name of {', '.join(known)}")

        if _is_empty(ast.parse(yours).body[0]):
            return None
        lines = old.splitlines(keepends=True)
        lines[known[name].lineno - 1 : known[name].end_lineno] = [yours]
        Path(file).write_text("".join(lines))
        changed = difflib.unified_diff(
            old.splitlines(), "".join(lines).splitlines(), self.path.name, str(file), n=0, lineterm=""
        )
        print("\n".join(changed))
        return Program(file)


class Running:
    """A program that was started: its process, what it holds, what it said."""

    def __init__(self, host: Host, program: Program, port: int, log: str, process: Process) -> None:
        self.host, self.program, self.port, self.log = host, program, port, log
        self._process = process

    def __repr__(self) -> str:
        ended = "" if self.exit_code is None else ", ended"
        return f"{self.program} on {self.host.name}, port {self.port}{ended}"

    @property
    def pid(self) -> int:
        """Return its number inside the world."""
        pid: int = self._process.pid
        return pid

    @property
    def exit_code(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self._process.poll()

    @property
    def descriptors(self) -> int:
        """Count the descriptors that it holds, as `ls /proc/PID/fd` does; none once it has ended."""
        listed = self.host.run(["ls", f"/proc/{self.pid}/fd"], expect=None)
        return 0 if self.exit_code is not None else len(listed.stdout.split())

    @property
    def last_words(self) -> str:
        """Return the last line that it wrote; empty while it has written nothing."""
        try:
            lines = self.host.read(self.log).splitlines()
        except FileNotFoundError:
            return ""
        return lines[-1] if lines else ""

    def ready(self, within_s: float) -> None:
        """Wait until it listens; see Program.start."""
        what = f"{self.program} listens on port {self.port}"
        until(
            lambda: self.port in listeners(self.host).values(), self._process, what, lambda: self.last_words, within_s
        )

    def waited(self, pause_s: float) -> None:
        """Let some time go by, in seconds; its end ends the wait."""
        with suppress(NotReady):
            self._process.wait(pause_s)

    def stop(self) -> None:
        """End it; does nothing where it has ended, or its world has."""
        with suppress(NotReady, OSError, WorldDown):
            self._process.stop()


def _is_empty(function: ast.stmt) -> bool:
    """Tell whether a function's body is three dots."""
    body = function.body if isinstance(function, ast.FunctionDef) else []
    return len(body) == 1 and isinstance(body[0], ast.Expr) and ast.unparse(body[0]) == "..."
