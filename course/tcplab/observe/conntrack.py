"""What a host in the middle remembers of the connections that pass it, without a program in between."""

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from struct import Struct
from typing import ClassVar, overload

from tcplab.errors import BadValue, NotPermitted, UnexpectedOutput
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.tracked import Tracked
from tcplab.observe.place import Place

NETLINK_NETFILTER = 12
_GET, _NEW = 0x101, 0x100  # the table of connections (1), its messages get (1) and new (0)
_ERROR, _DONE = 2, 3
_REQUEST_DUMP = 0x1 | 0x300
_RECEIVE_BYTES = 1 << 18
_HEAD = Struct("=IHHII")  # length, type, flags, sequence, port
_FAMILY = Struct("!BBH")
_ATTRIBUTE = Struct("=HH")  # length, type
_KIND = 0x3FFF  # without the flags "nested" and "network byte order"
_CODE = Struct("=i")
_LARGEST_ERROR = 4095  # MAX_ERRNO of the kernel
_SEEN_REPLY, _ASSURED = 1 << 1, 1 << 2
# enum tcp_conntrack; SYN_SENT2 is a simultaneous open.
STATES = (
    "NONE",
    "SYN_SENT",
    "SYN_RECV",
    "ESTABLISHED",
    "FIN_WAIT",
    "CLOSE_WAIT",
    "LAST_ACK",
    "TIME_WAIT",
    "CLOSE",
    "SYN_SENT2",
)
# enum ctattr_type, ctattr_tuple, ctattr_ip, ctattr_l4proto, ctattr_protoinfo
_ORIGINAL, _REPLY, _STATUS, _PROTOINFO, _TIMEOUT = 1, 2, 3, 4, 7
_IP, _PROTO = 1, 2
_SOURCE, _DESTINATION = 1, 2
_NUMBER, _SOURCE_PORT, _DESTINATION_PORT = 1, 2, 3
_OF_TCP, _STATE = 1, 1


class ConntrackTable(Sequence[Tracked]):
    """The entries of one host at one moment, by the port that they went to, then by who asked."""

    nothing: ClassVar[str] = "no entries"

    def __init__(self, entries: Sequence[Tracked], *, host: str = "") -> None:
        self.host = host
        self._entries = tuple(sorted(entries, key=_key))

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Tracked: ...
    @overload
    def __getitem__(self, index: slice) -> "ConntrackTable": ...
    def __getitem__(self, index: int | slice) -> "Tracked | ConntrackTable":
        if isinstance(index, slice):
            return ConntrackTable(self._entries[index], host=self.host)
        return self._entries[index]

    def __iter__(self) -> Iterator[Tracked]:
        return iter(self._entries)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._entries)) or self.nothing


def _key(entry: Tracked) -> tuple[int, ...]:
    asks, answers = entry.original.local, entry.original.peer
    return (answers.port, int(answers.address), int(asks.address), asks.port)


def conntrack(host: Place, *, port: int | None = None) -> ConntrackTable:
    """Look at the TCP connections over IPv4 that a host tracks, as `conntrack -L -p tcp` does.

    Everything sent so far has arrived before the look is taken.

    Args:
        host: one that lies in between, such as bed.gateway; it tracks if a rule of its asks for that
        port: only connections to this port, 0 to 65535

    Returns: one per connection; empty when there are none, or no rule asks for tracking.

    Raises:
        BadValue: port is no port
        NotPermitted: this kernel does not show what it tracks

    Example:
        >>> conntrack(bed.gateway)  # doctest: +SKIP
        192.0.2.1:41234 as 198.51.100.1:41234 → 198.51.100.2:80 ESTABLISHED 431999 s

    Source: conntrack(8); `include/uapi/linux/netfilter/nfnetlink_conntrack.h`.
    """
    if port is not None and (type(port) is not int or not 0 <= port <= 65535):
        raise BadValue("port", port, "a whole number from 0 to 65535")
    host.settle()
    entries = parsed(dumped(host))
    return ConntrackTable([one for one in entries if port in (None, one.original.peer.port)], host=host.name)


def dumped(host: Place) -> bytes:
    """Read the whole table, as the kernel says it: messages of netlink, for `parsed`."""
    question = _HEAD.pack(_HEAD.size + _FAMILY.size, _GET, _REQUEST_DUMP, 1, 0) + _FAMILY.pack(socket.AF_INET, 0, 0)
    said = b""
    try:
        with host.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as link:
            link.send(question)
            while not _ends(chunk := link.recv(_RECEIVE_BYTES)):
                said += chunk
    except OSError as error:
        raise _refusal(error) from error
    return said + chunk


def _ends(chunk: bytes) -> bool:
    """Tell whether the last message of what one recv() gave is the end of the table."""
    return any(kind in (_DONE, _ERROR) for kind, _ in _messages(chunk))


def _refusal(error: OSError) -> Exception:
    if error.errno in (errno.EPERM, errno.EACCES, errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOENT):
        return NotPermitted(
            f"This kernel does not show what it tracks ({os.strerror(error.errno)}): it may lack CONFIG_NF_CT_NETLINK,"
            " or not have loaded it. Load it: sudo modprobe nf_conntrack_netlink"
        )
    return error


def parsed(said: bytes) -> list[Tracked]:
    """Read what the kernel said of its table; other protocols than TCP are left out.

    Raises:
        UnexpectedOutput: it said something that is not known
        NotPermitted: it refused
    """
    found = []
    for kind, body in _messages(said):
        if kind in (_DONE, _ERROR):
            code = _CODE.unpack_from(body)[0]
            if not -_LARGEST_ERROR <= code <= 0:
                raise UnexpectedOutput("ctnetlink", f"error {code}")
            if code:
                raise _refusal(OSError(-code, os.strerror(-code)))
        elif kind == _NEW and len(body) >= _FAMILY.size:
            entry = _entry(_attributes(body[_FAMILY.size :]))
            found += [entry] if entry else []
        else:
            raise UnexpectedOutput("ctnetlink", f"message {kind:#x}: {body[:64].hex(' ')}")
    return found


def _messages(said: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(said):
        if len(said) - at < _HEAD.size:
            raise UnexpectedOutput("ctnetlink", said[at:].hex(" "))
        length, kind, _, _, _ = _HEAD.unpack_from(said, at)
        if length < _HEAD.size + _CODE.size or at + length > len(said):
            raise UnexpectedOutput("ctnetlink", said[at : at + 64].hex(" "))
        yield kind, said[at + _HEAD.size : at + length]
        at += (length + 3) & ~3


def _attributes(body: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(body):
        length, kind = _ATTRIBUTE.unpack_from(body.ljust(at + _ATTRIBUTE.size, b"\0"), at)
        if length < _ATTRIBUTE.size or at + length > len(body):
            raise UnexpectedOutput("ctnetlink", f"an attribute of {length} bytes: {body[at : at + 64].hex(' ')}")
        found[kind & _KIND] = body[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found


def _entry(said: dict[int, bytes]) -> Tracked | None:
    """Make an entry readable; None for another protocol than TCP."""
    try:
        original = _attributes(said[_ORIGINAL])
        if _attributes(original[_PROTO])[_NUMBER] != bytes([socket.IPPROTO_TCP]):
            return None
        state = _attributes(_attributes(said[_PROTOINFO])[_OF_TCP])[_STATE][0]
        status, timeout_s = (int.from_bytes(said[each], "big") for each in (_STATUS, _TIMEOUT))
        return Tracked(
            STATES[state],
            _tuple(original),
            _tuple(_attributes(said[_REPLY])),
            timeout_s,
            bool(status & _SEEN_REPLY),
            bool(status & _ASSURED),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise UnexpectedOutput("ctnetlink", f"an entry without {error}: {said}") from None


def _tuple(said: dict[int, bytes]) -> FourTuple:
    addresses, ports = _attributes(said[_IP]), _attributes(said[_PROTO])
    source, destination = (IPv4Address(addresses[each]) for each in (_SOURCE, _DESTINATION))
    from_port, to_port = (int.from_bytes(ports[each], "big") for each in (_SOURCE_PORT, _DESTINATION_PORT))
    return FourTuple(Endpoint(source, from_port), Endpoint(destination, to_port))
