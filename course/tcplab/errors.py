"""What tcplab refuses or cannot do. What the kernel refuses stays an OSError.

TcplabError
├── NotPermitted          the machine forbids namespaces, or what a world needs of them
├── ToolMissing           a program that is needed is not on the machine
├── CommandFailed         a program ended with an exit code that was not expected
│   └── NginxRefused      nginx cannot run with a configuration file
├── NotReady              what was awaited did not happen in its time
├── UnexpectedOutput      a tool or the kernel said something that we cannot read
├── BadValue              an argument outside what is allowed (also a ValueError)
│   └── BadRule           a rule for the wire that could never match
├── SysctlMissing         this kernel has no such sysctl
├── SysctlRefused         the kernel refused the value (also an OSError, with its errno)
├── WorldDown             a host or wire was used before up() or after down()
├── SegmentsLost          the wire's sockets dropped frames, so the record has holes
├── NotKept               the learner's progress cannot be kept in its file
└── SaveFailed            a file could not be written whole (also an OSError)

A message is two sentences: what happened, with the values; what to do, as a command if there is one.
"""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path


class TcplabError(Exception):
    """Base of all that tcplab raises on its own account."""


class NotPermitted(TcplabError):
    """The machine forbids what a world needs."""


class ToolMissing(TcplabError):
    """A program that is needed is not on the machine."""

    def __init__(self, tool: str, package: str | None = None) -> None:
        self.tool = tool
        mend = f"sudo apt-get install {package or tool}"
        super().__init__(
            f"The program {tool} was not found. ./env/up unpacks what the course needs; for any other: {mend}"
        )


class CommandFailed(TcplabError):
    """A program ended with an exit code that the caller did not expect; `mend` is what to do about it."""

    def __init__(self, argv: Sequence[str], exit_code: int, stderr: str, *, mend: str = "") -> None:
        self.argv, self.exit_code, self.stderr = tuple(argv), exit_code, stderr
        said = f" It said: {stderr.strip()}" if stderr.strip() else ""
        mend = mend or f"If that is what you expect, pass expect=({exit_code},)."
        super().__init__(f"$ {shlex.join(argv)} ended with exit code {exit_code}.{said} {mend}")


class NginxRefused(CommandFailed):
    """Nginx cannot run with a configuration file; `reason` is what nginx says, with file and line."""

    def __init__(self, argv: Sequence[str], exit_code: int, reason: str, *, serves_on: bool) -> None:
        super().__init__(argv, exit_code, reason)
        self.reason = reason
        now = "It serves on with the configuration that it had" if serves_on else "It does not run"
        unended = any(sign in reason for sign in ('unexpected "}"', "number of arguments", "not terminated"))
        look = "see whether each line ends with a semicolon" if unended else "mend that"
        self.args = (f"nginx refused: {reason or 'it said nothing'}. {now}: {look}, and try again.",)


class NotReady(TcplabError):
    """What was awaited did not happen in its time."""

    def __init__(self, what: str, within_s: float) -> None:
        self.what, self.within_s = what, within_s
        super().__init__(f"{what}: not within {within_s:g} s. Look at what it waits for, or allow it more time.")


class UnexpectedOutput(TcplabError):
    """A tool or the kernel said something that we cannot read."""

    def __init__(self, tool: str, line: str) -> None:
        self.tool, self.line = tool, line
        super().__init__(
            f"{tool} said something that tcplab cannot read: {line!r}."
            " Please report it with the output of: tcplab doctor"
        )


class BadValue(TcplabError, ValueError):
    """An argument outside what is allowed."""

    def __init__(self, name: str, given: object, allowed: str) -> None:
        self.name, self.given, self.allowed = name, given, allowed
        super().__init__(f"{name}={given!r} is not possible. Allowed: {allowed}.")


class BadRule(BadValue):
    """A rule for the wire that could never match."""


class SysctlMissing(TcplabError):
    """This kernel has no such sysctl, or not in a network namespace of its own."""

    def __init__(self, name: str) -> None:
        self.name, self.kernel = name, os.uname().release
        super().__init__(
            f"Kernel {self.kernel} has no sysctl {name} in a network namespace."
            " See what there is: sysctl -a | grep net (in the host)."
        )


class SysctlRefused(TcplabError, OSError):
    """The kernel refused the value of a sysctl."""

    def __init__(self, name: str, value: str, error: int) -> None:
        self.name, self.value = name, value
        OSError.__init__(self, error, os.strerror(error))

    def __str__(self) -> str:
        return (
            f"The kernel refused sysctl -w {self.name}={shlex.quote(self.value)}: {self.strerror}."
            " The old value stays; allowed values are in the kernel's ip-sysctl document."
        )


class WorldDown(TcplabError):
    """A host or a wire was used before up() or after down()."""

    def __init__(self, what: str, cause: str = "its world is down") -> None:
        super().__init__(f"{what} cannot be used: {cause}. Bring a world up: bed = Testbed.two_hosts().up()")


class SegmentsLost(TcplabError, UserWarning):
    """The wire's sockets dropped frames, so the record has holes."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            f"The wire's packet sockets dropped {count} frames under load, so its record has holes."
            ' For load tests use Testbed.two_hosts(link="veth").'
        )


class NotKept(TcplabError):
    """The learner's progress cannot be kept in its file."""

    def __init__(self, path: Path, why: str, mend: str) -> None:
        self.path = path
        super().__init__(f"Your progress is not kept in {path.name}: {why}. {mend}.")


class SaveFailed(TcplabError, OSError):
    """A file could not be written whole; nothing half-written stays."""

    def __init__(self, path: object, error: OSError) -> None:
        self.path = path
        OSError.__init__(self, error.errno, error.strerror)

    def __str__(self) -> str:
        return (
            f"Could not write {self.path}: {self.strerror}."
            " Nothing half-written was left; choose another place and save again."
        )
