"""How the set-up speaks: one short line for each thing done, and refusals with the command that mends."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class Refused(Exception):
    """What could not be done, and what to do about it."""

    def __init__(self, what: str, mend: str, said: str = "") -> None:
        self.what, self.mend, self.said = what, mend, said
        super().__init__(what)


def line(what: str, text: str) -> None:
    """Print one line: what it is about, and what happened to it."""
    print(f"{what:<14} {text}", flush=True)


@contextmanager
def doing(what: str, text: str) -> Iterator[None]:
    """Say what begins; on the same line, when it is done, how long it took."""
    print(f"{what:<14} {text} …", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - begun:.1f} s", flush=True)


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    show: bool = False,
    within_s: float = 1800,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Args:
        show: let its standard error through (progress bars), where a person is looking.

    Returns:
        Exit code and output; the caller decides what a failure means. A program that is not there fails with 127.
    """
    through = show and sys.stderr.isatty()
    if through:
        print(flush=True)  # after the line that says what begins
    words = [str(word) for word in argv]
    try:
        return subprocess.run(
            words,
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if through else subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(words, 127, str(error))
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(words, 124, f"{words[0]}: no end within {error.timeout:g} s")


def tail(text: str, lines: int = 8) -> str:
    """The last lines of what a program said, for a refusal."""
    kept = [each for each in text.strip().splitlines() if each.strip()][-lines:]
    return "\n".join(f"    {each}" for each in kept)
