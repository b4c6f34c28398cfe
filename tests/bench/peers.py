"""What ours stands beside: programs that are fetched when a bench wants them, into .tools, and asked line by line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from bench.side_by_side import Missing

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "env" / "requirements-bench.txt"


@contextmanager
def set_up() -> Iterator[None]:
    """With the modules of ./env/up in reach; what these refuse is a peer that is missing."""
    sys.path.insert(0, str(ROOT / "env" / "steps"))
    from say import Refused  # type: ignore[import-not-found]

    try:
        yield
    except Refused as refused:
        raise Missing(refused.what) from refused
    finally:
        sys.path.pop(0)


@cache
def package(name: str) -> Path:
    """Where a package of the distribution lies, unpacked: fetched at the first call, as ./env/up fetches programs."""
    with set_up():
        import debian  # type: ignore[import-not-found]
        from place import TOOLS  # type: ignore[import-not-found]

        where: Path = debian.unpacked(name, TOOLS / name)
    return where


@cache
def python() -> Path:
    """The Python that has pyroute2, psutil and scapy, pinned, in an environment of its own."""
    with set_up():
        from installer import environment, make_uv  # type: ignore[import-not-found]
        from place import TOOLS, UV, digest, put, remove  # type: ignore[import-not-found]
        from python_env import install_packages  # type: ignore[import-not-found]
        from say import run  # type: ignore[import-not-found]

        at = TOOLS / "bench"
        stamp = at / ".stamp"
        if not stamp.exists() or stamp.read_text() != digest([PINS]):
            make_uv()
            made = TOOLS / "bench.new"
            remove(made)
            said = run([UV, "venv", "--quiet", "--relocatable", "--python", sys.executable, made], env=environment())
            if said.returncode:
                raise Missing(f"no virtual environment: {said.stdout.strip()}")
            install_packages(made, [PINS])
            (made / stamp.name).write_text(digest([PINS]))
            put(made, at)
    return at / "bin" / "python"


def program(name: str) -> str:
    """Where a program of the machine, or of .tools/bin, is."""
    found = shutil.which(
        name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin", str(ROOT / ".tools/bin")])
    )
    if found is None:
        raise Missing(f"{name} is not on this machine")
    return found


class Asked:
    """A program that is ready, and answers each line with a line of JSON: what it took, without its start."""

    def __init__(self, name: str, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._name, self._stdin, self._stdout = name, stdin, stdout
        if self.line() != "ready":
            raise Missing(f"{name} does not run here")

    def __call__(self) -> Any:
        """Ask once."""
        self._stdin.write(b"\n")
        self._stdin.flush()
        said = self.line()
        assert said, f"{self._name} has ended"
        return json.loads(said)

    def line(self) -> str:
        """The next line; empty at the end."""
        said = b""
        while not said.endswith(b"\n") and (byte := self._stdout.read(1)):
            said += byte
        return said.decode().strip()


@contextmanager
def started(name: str, argv: Sequence[str | Path], *, env: dict[str, str] | None = None) -> Iterator[Asked]:
    """Start such a program on the machine; it ends with its standard input."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(argv, **pipes, env=os.environ | (env or {})) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Asked(name, process.stdin, process.stdout)
        finally:
            process.stdin.close()
