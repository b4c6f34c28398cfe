"""The devices of one part of a world: made and addressed with ip(8), offloads off.

What ip is given is what a learner could type; the owner shows it as `world.commands`.
"""

from __future__ import annotations

import _socket
import ctypes
import fcntl
import os
import select
import struct

from tcplab.world import message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SIOCETHTOOL = 0x8946
_SIOCGIFFLAGS = 0x8913
_IFF_RUNNING = 0x40
_LOOKS = 20_000
_LOOK_AGAIN_S = 0.0005
# linux/ethtool.h: receive and transmit checksum, scatter-gather, TSO, GSO, GRO.
_OFFLOADS = (0x15, 0x17, 0x19, 0x1F, 0x23, 0x2C)


def prepare(part: dict[str, Any], turn: _socket.socket, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Run the steps that init asks for, until it says serve; `meanwhile` is called while ip(8) makes the links."""
    for path, value in part["sysctls"].items():
        write(path, value)
    while True:
        asked, _ = message.receive(turn)
        if asked is None:
            os._exit(1)
        step, pids = asked
        part["pids"] = pids
        if step == "serve":
            for name in part["devices"]:
                await_running(name)
                offloads_off(name)
            return
        ip([command.format(**pids) for command in part[step]], meanwhile)
        message.send(turn, "ok")


def write(path: str, value: str) -> None:
    """Write a small file of /proc, in one go: as sysctl does."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def ip(commands: list[str], meanwhile: Callable[[], object] = lambda: None) -> None:
    """Hand commands to iproute2, all in one go, and do something else meanwhile."""
    found = [path for folder in os.environ["PATH"].split(":") if os.access(path := f"{folder}/ip", os.X_OK)]
    if not found:
        raise FileNotFoundError("the program ip is missing: sudo apt-get install iproute2")
    script = os.memfd_create("ip", 0)
    os.write(script, "".join(f"{command}\n" for command in commands).encode())
    os.lseek(script, 0, os.SEEK_SET)
    pid = os.posix_spawn(
        found[0],
        ["ip", "-batch", "-"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, script, 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
    )
    os.close(script)
    meanwhile()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError(f"ip -batch ended with exit code {os.waitstatus_to_exitcode(status)}")


def await_running(name: str) -> None:
    """Wait until both ends of a link are up *and* its queue takes packets.

    The end that came up first has no queue until the kernel's link watch, a work queue, has seen the
    other: on a loaded machine the first SYN was lost, and connect() took a second.
    """
    probe = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    request = struct.pack("16sH22x", name.encode(), 0)
    for _ in range(_LOOKS):
        flags = struct.unpack_from("H", fcntl.ioctl(probe.fileno(), _SIOCGIFFLAGS, request), 16)[0]
        if flags & _IFF_RUNNING:
            probe.close()
            return
        select.select([], [], [], _LOOK_AGAIN_S)
    raise RuntimeError(f"{name} did not come up in {_LOOKS * _LOOK_AGAIN_S:g} s")


def offloads_off(name: str) -> None:
    """Turn the device's offloads off: else captures show 64 kB frames with bad checksums.

    It takes the lock that the link watch holds, so afterwards the link watch is done.
    """
    probe = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    libc = ctypes.CDLL(None, use_errno=True)
    for command in _OFFLOADS:
        value = ctypes.create_string_buffer(struct.pack("II", command, 0))
        request = ctypes.create_string_buffer(struct.pack("16sP", name.encode(), ctypes.addressof(value)), 40)
        libc.ioctl(probe.fileno(), _SIOCETHTOOL, request)  # a device without the feature needs nothing
    probe.close()
