"""Try, inside fresh namespaces, each thing that a world needs of the kernel.

Runs as a program of its own under `unshare`, so all it makes ends with it. Says one JSON object:
name of the try → "" where it worked, else what the kernel answered.
"""

import json
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NETLINK_ROUTE, NETLINK_SOCK_DIAG = 0, 4
RTM_NEWLINK, SOCK_DIAG_BY_FAMILY, NLMSG_ERROR = 16, 20, 2
REQUEST_ACK_CREATE_EXCL, REQUEST_DUMP = 0x605, 0x301
IFLA_LINKINFO, IFLA_INFO_KIND = 18, 1
SOL_PACKET, PACKET_RX_RING, ETH_P_ALL = 263, 5, 3


def main() -> None:
    """Try each, and say what became of it."""
    tries: dict[str, Callable[[], None]] = {
        "proc": own_proc,
        "name": host_name,
        "veth": veth,
        "packet": packet_socket,
        "ring": packet_ring,
        "sysctl": write_sysctl,
        "diag": sock_diag,
        "low port": listen_on_80,
    }
    answers = {}
    for name, attempt in tries.items():
        try:
            attempt()
            answers[name] = ""
        except OSError as error:
            answers[name] = f"{error.strerror}" + (f": {error.filename}" if error.filename else "")
    print(json.dumps(answers))


def own_proc() -> None:
    """See myself in /proc under the number that I have in this namespace."""
    seen = os.readlink("/proc/self")  # noqa: PTH115 (os is here already, and text is what is compared)
    if seen != str(os.getpid()):
        raise OSError(0, f"/proc/self is {seen}, my process id is {os.getpid()}")


def host_name() -> None:
    """Give this namespace a name; container engines have a filter for that alone."""
    socket.sethostname("client")


def veth() -> None:
    """Ask for a pair of interfaces; the kernel names them veth0 and veth1."""
    kind = _attribute(IFLA_INFO_KIND, b"veth")
    _ask(NETLINK_ROUTE, RTM_NEWLINK, REQUEST_ACK_CREATE_EXCL, bytes(16) + _attribute(IFLA_LINKINFO, kind))
    socket.if_nametoindex("veth0")


def packet_socket() -> None:
    """Ask for a socket that sees whole frames."""
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)).close()


def packet_ring() -> None:
    """Ask for such a socket with a ring of memory shared with the kernel."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        block_bytes, blocks, frame_bytes, frames = 4096, 1, 2048, 2
        wire.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("4I", block_bytes, blocks, frame_bytes, frames))


def write_sysctl() -> None:
    """Change a kernel parameter of this network namespace, and see that it stays."""
    file = Path("/proc/sys/net/ipv4/ip_local_port_range")
    file.write_text("40000 40009")
    if file.read_text().split() != ["40000", "40009"]:
        raise OSError(0, "the new value of ip_local_port_range did not stay")


def sock_diag() -> None:
    """Ask for all TCP sockets, of which there are none yet."""
    every_state = 0xFFFFFFFF
    request = struct.pack("=BBBxI48x", socket.AF_INET, socket.IPPROTO_TCP, 0, every_state)
    _ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, request)


def listen_on_80() -> None:
    """Listen where only the mighty may."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 80))
        listener.listen()


def _attribute(kind: int, value: bytes) -> bytes:
    padding = bytes(-len(value) % 4)
    return struct.pack("=HH", 4 + len(value), kind) + value + padding


def _ask(family: int, kind: int, flags: int, body: bytes) -> None:
    """Send one netlink request, and raise what the kernel answers."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as channel:
        channel.settimeout(2)
        channel.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = channel.recv(65536)
    if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
        code = -struct.unpack_from("=i", answer, 16)[0]
        if code:
            raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    main()
