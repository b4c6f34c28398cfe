"""What a host's kernel counts about IP and TCP."""

from collections.abc import Iterator
from contextlib import suppress

from tcplab.errors import UnexpectedOutput
from tcplab.model.counters import Counters
from tcplab.observe.place import Place, looked_at

_COUNTED = ("/proc/net/snmp", "/proc/net/netstat")
_GAUGES, _GAUGES_6 = "/proc/net/sockstat", "/proc/net/sockstat6"


def counters(host: Place) -> Counters:
    """Read all the counters of a host, as `nstat -az` and /proc/net/sockstat show them.

    Everything sent so far has arrived before the look is taken. Two looks subtract: `counters(host) - before`.

    Returns: by nstat's names ("TcpActiveOpens", "TcpExtTCPTimeWaitOverflow"), and the gauges of sockstat as
        "sockstat.TCP.tw".

    Raises: BadValue when host is none.

    Example:
        >>> before = counters(bed.client)  # doctest: +SKIP
        >>> bed.client.connect(bed.server, 80)  # doctest: +SKIP
        >>> (counters(bed.client) - before)["TcpActiveOpens"]  # doctest: +SKIP
        1

    Source: nstat(8), the kernel's snmp_counter document. Limit: which names there are depends on the kernel.
    """
    looked_at(host)
    values: dict[str, int] = {}
    for path in _COUNTED:
        values.update(pairs_of_lines(path, host.read(path)))
    values.update(sockstat(_GAUGES, host.read(_GAUGES)))
    with suppress(FileNotFoundError):  # a kernel without IPv6 has no such file
        values.update(sockstat(_GAUGES_6, host.read(_GAUGES_6)))
    return Counters(values, host=host.name)


def pairs_of_lines(path: str, text: str) -> Iterator[tuple[str, int]]:
    """Read /proc/net/snmp or netstat: a line of names, a line of values, both behind the same group.

    Raises: UnexpectedOutput for any line that does not fit.
    """
    lines = text.splitlines()
    if len(lines) % 2:
        raise UnexpectedOutput(path, lines[-1])
    for names, numbers in zip(lines[::2], lines[1::2], strict=True):
        group, *known = names.split() or [""]
        head, *values = numbers.split() or [""]
        if group != head or not group.endswith(":") or len(known) != len(values):
            raise UnexpectedOutput(path, numbers)
        for name, value in zip(known, values, strict=True):
            yield group[:-1] + name, _whole(path, numbers, value)


def sockstat(path: str, text: str) -> Iterator[tuple[str, int]]:
    """Read /proc/net/sockstat: a group, then names and values by turns.

    Raises: UnexpectedOutput for any line that does not fit.
    """
    for line in text.splitlines():
        group, *words = line.split() or [""]
        if not group.endswith(":") or not words or len(words) % 2:
            raise UnexpectedOutput(path, line)
        for name, value in zip(words[::2], words[1::2], strict=True):
            yield f"sockstat.{group[:-1]}.{name}", _whole(path, line, value)


def _whole(path: str, line: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UnexpectedOutput(path, line) from None
