"""The process that stands in a host: it makes sockets, starts programs, reads and writes sysctls.

It answers one message after the other, from the owner and from whoever may open its socket in the
world's private /run: `tcplab shell`, a grader. What a visitor started ends when the visitor goes.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal is 3 ms of enums
import _socket
import errno
import os
import select

from tcplab.world import device, libc, message
from tcplab.world.neighbours import Neighbours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RUN = "/run/tcplab"
_LOOKS, _LOOK_AGAIN_S = 1000, 0.0005  # at most: a program may have wiped its words out


def main(name: str, part: dict[str, Any], descriptors: list[int], turn: _socket.socket) -> None:
    """Serve until the world ends."""
    owners = [_socket.socket(fileno=descriptor) for descriptor in descriptors]
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    listener.bind(f"{RUN}/{name}.sock")
    listener.listen(16)
    os.mkdir(f"{RUN}/{name}")
    neighbours = Neighbours(part["setup"])
    if part["lent"]:
        device.write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0")  # the stranger binds with no privilege here
        libc.keep_network_only()
        libc.unreadable()
    message.send(turn, "ok")
    turn.close()
    Agent(owners, listener, neighbours).serve()


class Agent:
    """One host's agent: its visitors, and the programs that each of them started."""

    def __init__(self, owners: list[_socket.socket], listener: _socket.socket, neighbours: Neighbours) -> None:
        self.listener = listener
        self.neighbours = neighbours
        self.visitors: dict[int, _socket.socket] = {owner.fileno(): owner for owner in owners}
        self.programs: dict[int, tuple[int, int]] = {}  # pid → (visitor's descriptor, status pipe)
        self.wake, waker = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(self.wake, False)
        _signal.set_wakeup_fd(waker)
        _signal.signal(_signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Answer, for ever."""
        while True:
            watched: list[Any] = [self.neighbours, self.wake, self.listener, *self.visitors]
            ready, _, _ = select.select(watched, [], [])
            if self.neighbours in ready:
                self.neighbours.lay_again()
                ready.remove(self.neighbours)  # before the answers: who set a device up may rely on it
            for descriptor in ready:
                if descriptor == self.wake:
                    self._reap()
                elif descriptor == self.listener:
                    accepted, _ = self.listener._accept()  # type: ignore[attr-defined]  # noqa: SLF001 (what socket.accept calls)
                    self.visitors[accepted] = _socket.socket(fileno=accepted)
                else:
                    self._answer(descriptor)

    def _answer(self, descriptor: int) -> None:
        visitor = self.visitors[descriptor]
        asked, passed = message.receive(visitor)
        if asked is None:
            self._leave(descriptor)
            return
        number, operation, *arguments = asked
        made: list[int] = []
        answer, failure = None, None
        try:
            answer = getattr(self, f"do_{operation}")(descriptor, made, passed, *arguments)
        except OSError as error:
            failure = (error.errno, error.filename)
        except Exception as error:  # noqa: BLE001 (no question, however strange, may end the world)
            failure = (errno.EINVAL, str(error))
        try:
            if made:
                message.send(visitor, (number,), made)
        except OSError:
            pass  # it has gone, and the answer will not reach it either
        for opened in (*made, *passed):
            os.close(opened)  # before the answer: once a socket is the visitor's, its close() is the last
        try:
            message.send(visitor, (number, failure, answer))
        except OSError:
            self._leave(descriptor)

    def _leave(self, descriptor: int) -> None:
        for pid, (visitor, _) in self.programs.items():
            if visitor == descriptor:
                self.do_signal(descriptor, [], [], pid, _signal.SIGKILL)
        self.visitors.pop(descriptor).close()

    def _reap(self) -> None:
        os.read(self.wake, 4096)
        while self.programs:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _, pipe = self.programs.pop(pid)
            try:
                os.write(pipe, b"%d" % os.waitstatus_to_exitcode(status))
            except BrokenPipeError:
                pass  # nobody waits for it any more
            os.close(pipe)

    # What can be asked. `made` collects the descriptors that go out with the answer.

    def do_socket(self, _: int, made: list[int], __: list[int], family: int, kind: int, protocol: int) -> None:
        """Make a socket here; it belongs to this host wherever its descriptor goes."""
        made.append(_socket.socket(family, kind, protocol).detach())

    def do_open(self, _: int, made: list[int], __: list[int], path: str) -> None:
        """Open a file for reading, as this host sees it (/proc/net)."""
        made.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))

    def do_write(self, _: int, __: list[int], ___: list[int], path: str, value: str) -> None:
        """Write a sysctl."""
        device.write(path, value)

    def do_start(
        self, visitor: int, made: list[int], passed: list[int], argv: list[str], env: dict[str, str], cwd: str
    ) -> int:
        """Start a program in a session of its own, on the three descriptors passed."""
        path = _found(argv[0], env.get("PATH", os.defpath))
        os.chdir(cwd)
        reader, writer = os.pipe()
        try:
            pid = os.posix_spawn(
                path,
                argv,
                env,
                file_actions=[(os.POSIX_SPAWN_DUP2, mine, theirs) for theirs, mine in enumerate(passed)],
                setsid=True,
                setsigdef=[_signal.SIGINT, _signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGCHLD],
            )
        except OSError:
            os.close(reader)
            os.close(writer)
            raise
        finally:
            os.chdir("/")
        self.programs[pid] = (visitor, writer)
        made.append(reader)
        _await_words(pid)
        return pid

    def do_signal(self, _: int, __: list[int], ___: list[int], pid: int, number: int) -> None:
        """Signal a program that was started here, and all of its process group."""
        if pid in self.programs:
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                return  # it has just ended
            if number == _signal.SIGSTOP:  # until each of its threads stands still
                os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)


def _await_words(pid: int) -> None:
    """Wait until a program that was started has its name and its words, or has ended.

    posix_spawn() returns in the midst of execve(2), when the old memory is let go of: `ps` may come a little earlier.
    """
    for _ in range(_LOOKS):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as words:  # pathlib is 6 ms of imports
                if words.read(1):
                    return
            os.readlink(f"/proc/{pid}/exe")
        except OSError:
            return  # it has no memory any more: it has ended
        select.select([], [], [], _LOOK_AGAIN_S)


def _found(program: str, path: str) -> str:
    candidates = [program] if "/" in program else [f"{folder or '.'}/{program}" for folder in path.split(":")]
    for candidate in candidates:
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError(2, "No such program", program)
