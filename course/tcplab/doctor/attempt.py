"""Run a program on the machine itself (not in a host), bounded in time, and keep what it said."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.world.environment import path_variable


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one program ended: its exit code and the first thing it said, errors before answers.

    exit_code is None where it did not end in time, or could not be started.
    """

    exit_code: int | None
    output: str
    error: str = ""

    @property
    def worked(self) -> bool:
        """Tell whether it ended well."""
        return self.exit_code == 0

    @property
    def said(self) -> str:
        """Its first line in words, whichever way it came."""
        for line in (self.error + "\n" + self.output).splitlines():
            if line.strip():
                return line.strip()
        return "nothing"


class Started:
    """A program that runs while others do; `ended()` waits for it."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._refused = ""
        self._process: subprocess.Popen[str] | None = None
        environment = {**os.environ, "LC_ALL": "C", "PATH": path_variable()}
        try:
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._refused = f"{argv[0]}: {error.strerror}"

    def ended(self, *, within_s: float) -> Attempt:
        """Wait for its end, then for no longer than the bound: it is killed, and that is the answer."""
        if self._process is None:
            return Attempt(None, "", self._refused)

        with self._process as process:
            try:
                output, error = process.communicate(timeout=within_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return Attempt(None, "", f"it did not end within {within_s:g} s")
        return Attempt(process.returncode, output, error)


def attempt(argv: Sequence[str], *, within_s: float = 5) -> Attempt:
    """Run a program to its end and keep what it said; a failure is an answer, not an exception."""
    return Started(argv).ended(within_s=within_s)
