"""Sysctls of a host, set for a while."""

import contextlib
import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tcplab.errors import BadValue, SysctlMissing, SysctlRefused
from tcplab.world.channel import if_up

if TYPE_CHECKING:
    from tcplab.world.host import Host

_ROOT = "/proc/sys/net"
_FOLDERS = ("ipv4", "core", "ipv6", "netfilter")
Value = int | str | tuple[int, ...]


def read(host: "Host", name: str) -> str:
    """Return the value of a sysctl, words separated by one blank."""
    return _find(host, name)[1]


@contextlib.contextmanager
def sysctls(host: "Host", **values: Value) -> Iterator[None]:
    """Set sysctls of a host inside the block, and put the old values back after it.

    What is sent inside the block arrives before they are put back.

    Args:
        host: Only this host's network namespace changes, never the machine.
        values: By the kernel's own name: `tcp_tw_reuse=1`, `ip_local_port_range=(40000, 40009)`;
            names that are no Python words as `**{"net.ipv4.conf.all.rp_filter": 0}`.

    Raises:
        SysctlMissing: This kernel has no such sysctl in a network namespace.
        BadValue: host is none.
        SysctlRefused: The kernel refuses the value (OSError with its errno). Nothing stays changed.

    >>> with sysctls(bed.client, tcp_tw_reuse=1, ip_local_port_range=(40000, 40009)):    # doctest: +SKIP
    ...     bed.client.connect(bed.server, 80)
    """
    with contextlib.ExitStack() as undo:
        for name, value in values.items():
            path, old = _find(host, name)
            _write(host, path, name, _text(value))
            undo.callback(if_up, _write, host, path, name, old)
        yield
        if_up(host.settle)


def put(host: "Host", name: str, value: Value) -> str:
    """Set a sysctl of a host, to stay, and return what the kernel has made of the value; refusals as for sysctls()."""
    path, _ = _find(host, name)
    _write(host, path, name, _text(value))
    return read(host, name)


def fresh(host: "Host", *names: str) -> dict[str, str]:
    """Return values by name as a network namespace has them that this kernel makes now: the defaults.

    What it has none of is left out. Where a namespace cannot be made, all are.

    Args:
        host: Where the new namespace is made, for a moment, inside the world.
        names: With their folder: "net.ipv4.tcp_tw_reuse".
    """
    paths = {"/proc/sys/" + name.replace(".", "/"): name for name in names}
    said = host.run(["unshare", "-n", "grep", "-H", "", *paths], expect=None).stdout
    lines = (line.partition(":") for line in said.splitlines())
    return {paths[path]: " ".join(value.split()) for path, _, value in lines}


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _find(host: "Host", name: str) -> tuple[str, str]:
    """Return the path of a sysctl and its value."""
    if not hasattr(host, "write_sysctl") or isinstance(host, type):
        raise BadValue("host", host, "a host of a bed that is up, such as bed.client")
    if name.startswith("net."):
        candidates = ["/proc/sys/" + name.replace(".", "/")]
    else:
        candidates = [f"{_ROOT}/{folder}/{name}" for folder in _FOLDERS]
    for path in candidates:
        try:
            return path, " ".join(host.read(path).split())
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
    raise SysctlMissing(name)


def _write(host: "Host", path: str, name: str, value: str) -> None:
    try:
        host.write_sysctl(path, value)
    except OSError as error:
        full = name if name.startswith("net.") else path.removeprefix("/proc/sys/").replace("/", ".")
        raise SysctlRefused(full, value, error.errno or errno.EINVAL) from None
