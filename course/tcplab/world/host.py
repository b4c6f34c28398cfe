"""A host: one network namespace of a world, and what can be done in it."""

import os
import socket as net  # a host has a method called socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address
from pathlib import Path, PurePosixPath
from typing import Any

from tcplab.errors import BadValue, CommandFailed
from tcplab.world import network as diverted
from tcplab.world import sysctl
from tcplab.world.born import HostSocket
from tcplab.world.channel import Channel
from tcplab.world.process import DEVNULL, PIPE, Completed, Process
from tcplab.world.program import completed, started


class Host:
    """One host of a world, addressed from the documentation ranges.

    Its sockets are real Python sockets whose packets leave from here; its programs see nothing of
    the machine's network.
    """

    def __init__(
        self,
        name: str,
        interfaces: Sequence[IPv4Interface | IPv6Interface],
        channel: Callable[[], Channel],
        settle: Callable[[], object],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        self.name = name
        self.interfaces = tuple(interfaces)
        self.settle = settle
        self.names = names  # what can be resolved in this world: name → addresses
        self._channel = channel

    def __repr__(self) -> str:
        return f"{self.name} ({', '.join(str(interface.ip) for interface in self.interfaces)})"

    @property
    def addresses(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """Return all addresses, in the order of the devices."""
        return tuple(interface.ip for interface in self.interfaces)

    @property
    def address(self) -> IPv4Address:
        """Return the first IPv4 address."""
        return next(a for a in self.addresses if isinstance(a, IPv4Address))

    @property
    def address6(self) -> IPv6Address:
        """Return the first IPv6 address."""
        return next(a for a in self.addresses if isinstance(a, IPv6Address))

    @property
    def scratch(self) -> PurePosixPath:
        """Return a folder in the world's private /run, seen by its programs only, gone with it."""
        return PurePosixPath("/run/tcplab") / self.name

    @property
    def namespace(self) -> int:
        """Return the number of its network namespace: the link of /proc/PID/ns/net of all that runs in it."""
        _, (descriptor,) = self._channel().ask("open", "/proc/self/ns/net")
        try:
            return os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)

    # ---- sockets

    def open_socket(self, family: int, kind: int, protocol: int = 0) -> int:
        """Make a socket in this host and return its descriptor, which is the caller's to close."""
        _, (descriptor,) = self._channel().ask("socket", int(family), int(kind), int(protocol))
        return descriptor

    def socket(self, family: int = net.AF_INET, kind: int = net.SOCK_STREAM, protocol: int = 0) -> net.socket:
        """Make a real socket whose packets leave from this host: TCP, UDP, raw, packet, netlink.

        A name in an address is one of this world's; no other is asked for anywhere.

        >>> s = bed.client.socket()          # doctest: +SKIP
        >>> s.connect(("192.0.2.2", 80))     # doctest: +SKIP
        """
        born = HostSocket(family, kind, protocol, fileno=self.open_socket(family, kind, protocol))
        born.names = self.names
        return born

    def listen(self, port: int, *, backlog: int = 128, family: int = net.AF_INET) -> net.socket:
        """Listen on all addresses of this host; port 0 lets the kernel choose.

        Raises:
            BadValue: port is not 0 to 65535.
            OSError: What the kernel refused (EADDRINUSE).
        """
        _port(port, lowest=0)
        listener = self.socket(family)
        try:
            listener.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
            listener.bind(("::" if family == net.AF_INET6 else "0.0.0.0", port))  # noqa: S104 (its own namespace)
            listener.listen(backlog)
        except BaseException:
            listener.close()
            raise
        return listener

    def connect(
        self, destination: "Host | str | IPv4Address | IPv6Address", port: int, *, timeout_s: float | None = None
    ) -> net.socket:
        """Connect to a host or an address and return the connected socket.

        Args:
            destination: A host, whose address in a common network is taken; or an address.
            port: 1 to 65535.
            timeout_s: Bound on connect(), seconds; None waits as long as the kernel does.

        Raises:
            BadValue: No such port, or a name that this world does not know.
            OSError: What the kernel said (ECONNREFUSED, EADDRNOTAVAIL, …).
        """
        _port(port, lowest=1)
        address = str(self._route(destination))
        connecting = self.socket(net.AF_INET6 if ":" in address else net.AF_INET)
        try:
            connecting.settimeout(timeout_s)
            connecting.connect((address, port))
            connecting.settimeout(None)
        except BaseException:
            connecting.close()
            raise
        return connecting

    def _route(self, destination: "Host | str | IPv4Address | IPv6Address") -> "str | IPv4Address | IPv6Address":
        if isinstance(destination, Host):
            near = [a for a in destination.addresses if any(a in mine.network for mine in self.interfaces)]
            return (near or list(destination.addresses))[0]
        if isinstance(destination, str) and destination in self.names:
            return self.names[destination][0]
        try:
            return ip_address(destination)
        except ValueError:  # socket.connect would ask the machine's resolver, which knows nothing of this world
            known = f"a host, one of the names {', '.join(self.names)}, or an address"
            raise BadValue("destination", destination, known) from None

    def network(self) -> AbstractContextManager[None]:
        """Let sockets that libraries make inside the block come from this host.

        >>> with bed.client.network():                     # doctest: +SKIP
        ...     httpx.get("http://server/")
        """
        return diverted.network(self)

    def python(self, function: Callable[..., Any], *arguments: Any, within_s: float = 60.0) -> Any:
        """Run a function in a Python process in this host, and return (or raise) what it does."""
        from tcplab.world import call

        return call.call(self, function, arguments, within_s=within_s)

    # ---- programs

    def start(
        self,
        argv: Sequence[str],
        *,
        stdin: int | None = DEVNULL,
        stdout: int | None = DEVNULL,
        stderr: int | None = DEVNULL,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Process:
        """Start a program in this host, in a session of its own.

        Args:
            argv: Program and arguments, never a shell string.
            stdin, stdout, stderr: A descriptor, or PIPE, STDOUT, DEVNULL of tcplab.world.process.
            env: Added to the host's environment.
            cwd: Where it runs; the notebook's own folder by default.

        Raises:
            ToolMissing: There is no such program.
        """
        return started(self._channel, argv, (stdin, stdout, stderr), env or {}, cwd or ".")

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | bytes | None = None,  # noqa: A002 (as subprocess has it)
        within_s: float = 60.0,
        expect: Sequence[int] | None = (0,),
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Completed:
        """Run a program in this host to its end.

        Args:
            argv: Program and arguments.
            input: Given on standard input.
            within_s: Bound, seconds; then it is killed.
            expect: Exit codes that are no failure; None for all.

        Raises:
            CommandFailed: It ended with an exit code that was not expected.
            NotReady: It did not end in time.
            ToolMissing: There is no such program.
        """
        given = input.encode() if isinstance(input, str) else input
        stdin = DEVNULL if given is None else PIPE
        done = completed(
            lambda: self.start(argv, stdin=stdin, stdout=PIPE, stderr=PIPE, env=env, cwd=cwd), given or b"", within_s
        )
        if expect is not None and done.exit_code not in expect:
            raise CommandFailed(done.argv, done.exit_code, done.stderr)
        return done

    # ---- files and sysctls

    def read(self, path: str | Path) -> str:
        """Read a file as this host sees it, such as /proc/net/netstat."""
        return self.read_bytes(path).decode(errors="replace")

    def read_bytes(self, path: str | Path) -> bytes:
        """Read a file as this host sees it, as bytes."""
        _, (descriptor,) = self._channel().ask("open", os.fspath(path))
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def write_sysctl(self, path: str, value: str) -> None:
        """Write a file under /proc/sys/net; `sysctls` is the way that remembers the old value."""
        self._channel().ask("write", path, value)

    def sysctl(self, name: str) -> str:
        """Return the value of a sysctl of this host, as text: `"32768 60999"`.

        Raises:
            SysctlMissing: This kernel has none of that name in a network namespace.
        """
        return sysctl.read(self, name)


def _port(port: int, *, lowest: int) -> None:
    if type(port) is not int or not lowest <= port <= 65535:
        raise BadValue("port", port, f"a whole number from {lowest} to 65535")
