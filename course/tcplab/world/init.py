"""The first process of a world: pid 1 of its own pid namespace. With it, the world ends.

It watches a pidfd of the owner: a pidfd becomes readable when the owner's process ends, however it
ends. (End-of-file on a pipe would wait for every forked child of the owner; PDEATHSIG would fire
when the *thread* that made the world finished.) When pid 1 exits the kernel kills all other
processes of the namespace, and with the last of them go the network namespaces, the interfaces and
the mounts. There is nothing to clean up; wires are asked to close their sockets, for that is faster.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal is 3 ms of enums
import _socket
import os
import select
import sys

from tcplab.world import agent, device, libc, message

TYPE_CHECKING = False  # typing would add 8 ms to the start of every world
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

RUN = "/run/tcplab"
_END_WITHIN_S = 1.0


def main() -> None:
    """Build the world that the owner asks for, say so, and wait for either's end."""
    control = _socket.socket(fileno=int(sys.argv[2]))
    os.set_inheritable(control.fileno(), False)  # noqa: FBT003 (else every program of a host would hold it)
    plan, inherited = message.receive(control)
    owner, *inherited = inherited
    try:
        children = _build(plan, inherited)
    except Exception as error:
        message.send(control, ("failed", f"{type(error).__name__}: {error}"))
        raise
    if any(part["lent"] for part in plan["parts"].values()):
        libc.unreadable()
    message.send(control, ("up", list(children)))
    for descriptor in inherited:
        os.close(descriptor)
    _wait(control, owner, children)
    _end([pid for pid, name in children.items() if plan["parts"][name]["kind"] == "wire"])
    os._exit(0)  # without a look at what Python would tidy up


def _build(plan: dict[str, Any], inherited: list[int]) -> dict[int, str]:
    _mounts(plan["names"])
    parts: dict[str, dict[str, Any]] = plan["parts"]
    pids: dict[str, int] = {}
    turns: dict[str, _socket.socket] = {}
    for name, part in sorted(parts.items(), key=lambda named: named[1]["kind"] != "wire"):  # a wire takes longest
        pids[name], turns[name] = _fork(name, part, inherited)
    for turn in turns.values():
        _answer(turn)  # its namespaces exist
    # All links before any address: a link is made on one side, and its far end lands in another host.
    for step in ("links", "setup"):
        asked = [turns[name] for name, part in parts.items() if part[step]]
        for turn in asked:
            message.send(turn, (step, pids))
        for turn in asked:
            _answer(turn)
    for turn in turns.values():
        message.send(turn, ("serve", pids))
    for turn in turns.values():
        _answer(turn)
        turn.close()
    return {pid: name for name, pid in pids.items()}


def _answer(turn: _socket.socket) -> None:
    answer, _ = message.receive(turn)
    if answer != "ok":
        raise RuntimeError(answer or "a process of the world ended while it was being made")


def _mounts(names: str) -> None:
    """Give the world its own /proc, /run and names; leave only net.* sysctls writable."""
    # Root without a user namespace would otherwise change the machine's own kernel.* and vm.*.
    libc.mount("proc", "/proc", "proc", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC)
    libc.mount("/proc/sys", "/proc/sys", flags=libc.MS_BIND | libc.MS_REC)
    libc.mount("/proc/sys/net", "/proc/sys/net", flags=libc.MS_BIND)
    readonly = libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
    libc.mount("", "/proc/sys", flags=readonly)
    libc.mount("tmpfs", "/run", "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=755")
    os.makedirs(RUN)
    os.mkdir("/run/netns")  # `ip netns add` works in a host
    for folder in ("/var/lib/nginx", "/var/log/nginx"):
        if os.path.isdir(folder):  # a learner's own nginx file works, and root's nginx writes nothing on the machine
            libc.mount("tmpfs", folder, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=755")
    for path, text in (("/etc/hosts", names), ("/etc/resolv.conf", "")):
        if os.path.exists(path):
            own = f"{RUN}/{os.path.basename(path)}"
            with open(own, "w") as file:
                file.write(text)
            libc.mount(own, os.path.realpath(path), flags=libc.MS_BIND)


def _fork(name: str, part: dict[str, Any], inherited: list[int]) -> tuple[int, _socket.socket]:
    mine, turn = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        turn.close()
        return pid, mine
    try:
        mine.close()
        libc.unshare(libc.CLONE_NEWNET | libc.CLONE_NEWUTS)
        libc.sethostname(name)
        message.send(turn, "ok")
        descriptors = [inherited[index] for index in part["descriptors"]]
        for other in set(inherited) - set(descriptors):
            os.close(other)
        if part["kind"] == "wire":
            from tcplab.wire.ring import Ring

            ring = Ring(part["mtu"])
            device.prepare(part, turn, meanwhile=_forwarder)
            ring.open()
            _forwarder().main(part, descriptors, ring, turn)
        else:
            device.prepare(part, turn)
            agent.main(name, part, descriptors, turn)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 (it is told to init, and this process ends)
        sys.excepthook(*sys.exc_info())
        message.send(turn, f"{name}: {type(error).__name__}: {error}")
        os._exit(1)


def _forwarder() -> ModuleType:
    """Load what a wire does; it takes as long as the links, and nothing else needs it."""
    from tcplab.wire import forwarder

    return forwarder


def _wait(control: _socket.socket, owner: int, children: dict[int, str]) -> None:
    """Reap what ends; return when the owner has ended, asks for it, or a part of the world has died."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(wake, False)
    _signal.set_wakeup_fd(waker)
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    while True:
        watched: list[Any] = [owner, control, wake]
        ready, _, _ = select.select(watched, [], [])
        if owner in ready or control in ready:
            return
        os.read(wake, 4096)
        for pid in iter(_ended, 0):
            if pid in children:
                print(f"tcplab: the process of {children[pid]} ended unexpectedly", file=sys.stderr)
                return


def _end(wires: list[int]) -> None:
    """Ask wires to close their packet sockets, which takes them half the time that it takes where they are killed."""
    ending = []
    for pid in wires:
        try:
            ending.append(os.pidfd_open(pid))
            os.kill(pid, _signal.SIGTERM)
        except ProcessLookupError:
            pass  # it has ended already
    for wire in ending:
        select.select([wire], [], [], _END_WITHIN_S)


def _ended() -> int:
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return 0
