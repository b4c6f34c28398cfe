"""The owner's side of a world: start its first process, keep its handle, end it."""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tcplab.errors import NotPermitted, NotReady, TcplabError, ToolMissing, WorldDown
from tcplab.world import message
from tcplab.world.channel import Channel
from tcplab.world.environment import path_variable
from tcplab.world.interrupt import interrupt_waits

if TYPE_CHECKING:
    import _socket

_PACKAGE_PARENT = str(Path(__file__).parents[2])
_BOOT = "import sys; sys.path[:0] = [sys.argv.pop()]; from tcplab.world.init import main; main()"
_FORBIDDEN = (
    "The machine forbids the namespaces that a world needs: {said}."
    " See which setting forbids it, and the command that mends it: tcplab doctor"
)


class World:
    """Hosts and wires under one pid namespace, which ends with its owner.

    Nothing is made before `come_up()`, and `down()` undoes all that it made, also when it was interrupted.

    Args:
        parts: One entry a host or wire: what `world.init` is to make.
        names: The hosts file of the world, as text.
        lent: Whether a stranger is to use it while the owner looks on. Then each part has a second way in, and each
            wire a second record: the stranger's. Nothing that the stranger starts in the world can reach the
            processes that write the record and answer the owner.
    """

    def __init__(self, parts: Mapping[str, Mapping[str, Any]], names: str, *, lent: bool = False) -> None:
        self.channels: dict[str, Channel] = {}
        self.lent: dict[str, list[int]] = {}  # the stranger's: for each part its way in; a wire's record behind it
        self.records: dict[str, int] = {}  # descriptors; who takes one out closes it
        self.commands = [(name, c) for step in ("links", "setup") for name in parts for c in parts[name][step]]
        self._parts = parts
        self._names = names
        self._is_lent = lent
        self._owner_pid = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._over = -1  # a pidfd: it becomes readable when that process has ended
        self._made = contextlib.ExitStack()

    def come_up(self, *, within_s: float = 20.0) -> None:
        """Make the world, and wait until it is there, within_s (seconds) at most."""
        with interrupt_waits():
            self._said = os.memfd_create("tcplab-world")  # what its processes say on stderr
            self._made.callback(os.close, self._said)
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._made.callback(self._close)
            self._made.callback(self._end)
            with theirs:
                process = self._spawn(theirs.fileno())
            try:
                self._over = os.pidfd_open(process.pid)  # now: at the end descriptors may have run out
            except OSError:
                process.kill()
                process.wait()
                raise
            self._process = process
        self._furnish(within_s)

    def _spawn(self, control: int) -> "subprocess.Popen[bytes]":
        unshare = shutil.which("unshare", path=path_variable())
        if unshare is None:
            raise ToolMissing("unshare", "util-linux")
        # Root needs no user namespace, and containers often forbid it one.
        user = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        argv = [unshare, *user, "--net", "--uts", "--mount", "--pid", "--fork", "--kill-child"]
        argv += [sys.executable, "-I", "-S", "-c", _BOOT, "tcplab-world", str(control), str(os.getpid())]
        return subprocess.Popen(
            [*argv, _PACKAGE_PARENT],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            cwd="/",
            env={"PATH": path_variable()},
            pass_fds=[control],
            start_new_session=True,  # an interrupted cell signals the notebook's process group
        )

    def _furnish(self, within_s: float) -> None:
        with contextlib.ExitStack() as passed:
            with interrupt_waits():
                plan, descriptors = self._plan(passed)
            self._exchange(plan, descriptors, within_s)

    def _plan(self, passed: contextlib.ExitStack) -> tuple[dict[str, Any], list[int]]:
        """Return what init is to make, and the descriptors that go with it, which `passed` closes."""
        owner = os.pidfd_open(os.getpid())
        passed.callback(os.close, owner)
        descriptors = [owner]
        plan: dict[str, Any] = {"names": self._names, "parts": {}}
        for name, part in self._parts.items():
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            passed.enter_context(theirs)
            self.channels[name] = Channel(mine, name)
            ways, records = [theirs.fileno()], []
            if part["kind"] == "wire":
                self.records[name] = os.memfd_create(f"tcplab-{name}")
                records.append(self.records[name])
            if self._is_lent:
                way, *record = self._lend(name, part["kind"], passed)
                ways, records = [*ways, way], [*records, *record]
            mine_too = [*ways, *records]
            first = len(descriptors) - 1
            plan["parts"][name] = {
                **part,
                "descriptors": list(range(first, first + len(mine_too))),
                "lent": self._is_lent,
            }
            descriptors += mine_too
        return plan, descriptors

    def _lend(self, name: str, kind: str, passed: contextlib.ExitStack) -> list[int]:
        """Make what the stranger gets of one part, and return the descriptors that the part needs for it."""
        lent, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        passed.enter_context(theirs)
        self.lent[name] = [lent.detach()]
        if kind == "wire":
            self.lent[name].append(os.memfd_create(f"tcplab-{name}-lent"))
        return [theirs.fileno(), *self.lent[name][1:]]

    def _exchange(self, plan: dict[str, Any], descriptors: Sequence[int], within_s: float) -> None:
        inner = cast("_socket.socket", self._control)
        self._control.settimeout(within_s)
        try:
            message.send(inner, plan, descriptors)
            answer, _ = message.receive(inner)
        except TimeoutError:
            raise NotReady("A world did not come up", within_s) from None
        except BrokenPipeError:
            answer = None
        if answer is None:
            raise self._refusal()
        if answer[0] != "up":
            said = f"{answer[1]}. {self.said()}"
            raise TcplabError(f"A world could not be made: {said} Look for the cause: tcplab doctor")

    def _refusal(self) -> TcplabError:
        if self._process is not None:
            self._process.wait(5)
        said = " ".join(line for line in self.said().splitlines() if line.startswith("unshare:")) or self.said()
        return NotPermitted(_FORBIDDEN.format(said=said.strip().rstrip(".") or "unshare failed"))

    def said(self) -> str:
        """Return what the world's own processes said on standard error; empty when all is well."""
        return os.pread(self._said, 8192, 0).decode(errors="replace")

    @property
    def is_up(self) -> bool:
        """Tell whether the world's processes are alive."""
        if self._process is None or self._process.poll() is not None:
            return False
        # unshare(1) outlives the world by a moment, on a loaded machine by many; each part lets go of its channel.
        watched = select.poll()
        held: list[socket.socket | Channel] = [self._control, *self.channels.values()]  # a copy: it may be coming up
        for each in held:
            if (descriptor := each.fileno()) < 0:
                return False
            watched.register(descriptor, 0)
        return not watched.poll(0)

    @property
    def pid(self) -> int:
        """Return the pid of unshare(1), the parent of the world's first process."""
        if self._process is None:
            raise WorldDown("A world", "it has not come up")
        return self._process.pid

    def down(self) -> None:
        """End the world and wait until all of it is gone. Does nothing the second time."""
        self._made.close()

    def channel(self, name: str) -> Channel:
        """Return the way to one part of the world."""
        if os.getpid() != self._owner_pid:
            raise WorldDown(name, f"it belongs to process {self._owner_pid}, and this is a forked child")
        if not self.is_up:
            raise WorldDown(name)
        return self.channels[name]

    def _end(self, *, within_s: float = 5.0) -> None:
        if self._process is None or os.getpid() != self._owner_pid:
            return  # a forked child closes what it inherited, and leaves its parent's world alone
        # Init sees end-of-file, though a child has the descriptor too; it exits, and the kernel ends the rest.
        with contextlib.suppress(OSError):  # it has ended already
            self._control.shutdown(socket.SHUT_RDWR)
        over = select.poll()  # Popen's own wait(within_s) looks and sleeps by turns, 50 ms at last
        over.register(self._over, select.POLLIN)
        if not over.poll(1000 * within_s):
            self._process.kill()
        self._process.wait()

    def _close(self) -> None:
        self._control.close()
        if self._over >= 0:
            os.close(self._over)
        for channel in self.channels.values():
            channel.close()
        while self.records:
            os.close(self.records.popitem()[1])
        while self.lent:
            for descriptor in self.lent.popitem()[1]:
                os.close(descriptor)
