"""Sockets that libraries make, made in a host: for httpx, urllib, asyncio, threads.

A library calls `socket.socket(...)` in the notebook's process, so its packets would leave from the
learner's machine. Inside `host.network()` the constructor asks the host for the descriptor instead,
and names are resolved from the world alone: no query reaches the machine's resolver. The machine's
proxies, which no host can reach, are out of the environment meanwhile.
"""

import _socket
import contextlib
import contextvars
import ipaddress
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tcplab.world.host import Host

_FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_PACKET)
NAMED = ("connect", "connect_ex", "bind", "sendto", "sendmsg")
"""The methods of a socket that take an address, last."""

_mine: "contextvars.ContextVar[Host | None]" = contextvars.ContextVar("tcplab_network", default=None)
_open: "list[Host]" = []  # all blocks now open, in any thread, newest last
_lock = threading.Lock()
_originals: dict[str, Any] = {}
_proxies: dict[str, str] = {}


def _current() -> "Host | None":
    # A thread that was started outside the block, such as a pool's, has no context of its own:
    # the newest open block is its host, for a packet on the machine's network would be worse.
    return _mine.get() or (_open[-1] if _open else None)


@contextlib.contextmanager
def network(host: "Host") -> Iterator[None]:
    """Make IP sockets in host while the block is open, in all threads; AF_UNIX stays as it was."""
    with _lock:
        if not _open:
            _divert()
        _open.append(host)
    token = _mine.set(host)
    try:
        yield
    finally:
        _mine.reset(token)
        with _lock:
            _open.remove(host)
            if not _open:
                _restore()


def _divert() -> None:
    _proxies.update({name: os.environ.pop(name) for name in [*os.environ] if name.lower().endswith("_proxy")})
    _originals["__init__"] = socket.socket.__init__
    _originals.update({name: getattr(socket, name) for name in _RESOLVERS})
    setattr(socket.socket, "__init__", _init)  # noqa: B010 (mypy forbids the assignment)
    for name in NAMED:
        setattr(socket.socket, name, _named(name))
    for name, resolver in _RESOLVERS.items():
        setattr(socket, name, resolver)


def _restore() -> None:
    setattr(socket.socket, "__init__", _originals["__init__"])  # noqa: B010
    for name in NAMED:
        delattr(socket.socket, name)  # the C method of the base class stands again
    for name in _RESOLVERS:
        setattr(socket, name, _originals[name])
    for name, value in _proxies.items():
        os.environ.setdefault(name, value)
    _proxies.clear()


def _init(self: socket.socket, family: int = -1, type: int = -1, proto: int = -1, fileno: Any = None) -> None:  # noqa: A002
    host = _current()
    if fileno is None and host is not None and (socket.AF_INET if family == -1 else family) in _FAMILIES:
        family = socket.AF_INET if family == -1 else family
        type = socket.SOCK_STREAM if type == -1 else type  # noqa: A001
        proto = max(proto, 0)
        # The flags are for the system call; the socket object keeps the bare type, as ever.
        fileno = host.open_socket(family, type & ~(socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC), proto)
        _originals["__init__"](self, family, type, proto, fileno)
        if type & socket.SOCK_NONBLOCK:
            self.setblocking(False)  # noqa: FBT003 (the standard library has it so)
        return
    _originals["__init__"](self, family, type, proto, fileno)


def _named(name: str) -> Callable[..., Any]:
    """Wrap a method that takes an address last, so that a name in it is not looked up on the machine."""
    original = getattr(_socket.socket, name)

    def method(self: socket.socket, *arguments: Any) -> Any:
        return original(self, *numeric(self.family, arguments, _names()))

    return method


def numeric(family: int, arguments: tuple[Any, ...], names: Mapping[str, Sequence[str]]) -> tuple[Any, ...]:
    """Return the arguments of a socket's method, a name in the address among them resolved from names alone."""
    if family not in (socket.AF_INET, socket.AF_INET6) or not arguments or not isinstance(arguments[-1], tuple):
        return arguments
    *first, (host, *rest) = arguments
    return (*first, (resolved(host, family, names) if host else host, *rest))


def resolved(name: Any, family: int, names: Mapping[str, Sequence[str]]) -> str:
    """Return an address of family for a name of a world, or for an address itself.

    Raises:
        socket.gaierror: The world has no such name.
    """
    text = name.decode() if isinstance(name, bytes) else str(name)
    if text in ("localhost", "localhost.localdomain"):
        text = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    found = names.get(text, (text,))
    version = {int(socket.AF_INET): 4, int(socket.AF_INET6): 6}.get(family)
    for candidate in found:
        try:
            address = ipaddress.ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        if version in (None, address.version):
            return candidate
    known = ", ".join(sorted(names))
    raise socket.gaierror(socket.EAI_NONAME, f"{text!r} is not a name of this world, which has {known}")


def _names() -> Mapping[str, Sequence[str]]:
    host = _current()
    return host.names if host is not None else {}


def _resolve(name: Any, family: int) -> str:
    return resolved(name, family, _names())


def _getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:  # noqa: A002
    original = _originals.get("getaddrinfo", socket.getaddrinfo)
    if _current() is None or host is None or host == "":
        return original(host, port, family, type, proto, flags)
    answers = []
    for wanted in (socket.AF_INET, socket.AF_INET6) if family == 0 else (family,):
        with contextlib.suppress(socket.gaierror):
            numeric = _resolve(host, wanted)
            answers += original(numeric, port, wanted, type, proto, flags | socket.AI_NUMERICHOST)
    if not answers:
        _resolve(host, family)
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} has no address of that family in this world")
    return answers


def _gethostbyname(host: str) -> str:
    return _resolve(host, socket.AF_INET)


def _gethostbyname_ex(host: str) -> tuple[str, list[str], list[str]]:
    return host, [], [_resolve(host, socket.AF_INET)]


def _nothing_known(*_: Any) -> Any:
    raise socket.herror(1, "Names of addresses are not looked up inside network()")


def _getnameinfo(address: Any, flags: int) -> tuple[str, str]:
    numeric = socket.NI_NUMERICHOST if _current() is not None else 0
    found: tuple[str, str] = _originals.get("getnameinfo", socket.getnameinfo)(address, flags | numeric)
    return found


def _getfqdn(name: str = "") -> str:
    return name or (host.name if (host := _current()) else "")


_RESOLVERS: dict[str, Callable[..., Any]] = {
    "getaddrinfo": _getaddrinfo,
    "getfqdn": _getfqdn,
    "gethostbyaddr": _nothing_known,
    "gethostbyname": _gethostbyname,
    "gethostbyname_ex": _gethostbyname_ex,
    "getnameinfo": _getnameinfo,
}
