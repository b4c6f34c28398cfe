"""The sysctls that the labs use: what each does, what it takes, and where that is written."""

import re
from dataclasses import dataclass

_IP = "ip-sysctl"
_NF = "nf_conntrack-sysctl"
_NET = "sysctl/net"
SOURCES = {
    _IP: "https://docs.kernel.org/networking/ip-sysctl.html",
    _NF: "https://docs.kernel.org/networking/nf_conntrack-sysctl.html",
    _NET: "https://docs.kernel.org/admin-guide/sysctl/net.html",
}
"""The kernel's own documents."""

_WORD = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Sysctl:
    """One sysctl of a host.

    Args:
        name: The kernel's, with its folder: "net.ipv4.tcp_tw_reuse".
        says: What it does, in one line.
        allowed: What it takes, in words.
        least, most: The same in numbers, of each of its words.
        words: How many numbers it has.
        checked: Whether the kernel refuses what lies outside by itself. Where it does, it is asked; where it would
            take -1 seconds and more such, we say so.
        by_machine: Why the default differs from machine to machine, if it does.
        source: The document that describes it.
    """

    name: str
    says: str
    allowed: str
    least: int
    most: int
    words: int = 1
    checked: bool = True
    by_machine: str = ""
    source: str = _IP

    @property
    def short(self) -> str:
        """Its name without the folder."""
        return self.name.rpartition(".")[2]

    def complaint(self, value: str) -> str:
        """Return what is wrong with a value, as a sentence; "" where the kernel may be asked.

        >>> SYSCTLS["tcp_fin_timeout"].complaint("soon")
        '“soon” is not a value of tcp_fin_timeout. Allowed: 1 to 86400 seconds.'
        >>> SYSCTLS["tcp_tw_reuse"].complaint("3")
        ''
        """
        words = value.split()
        numbers = [int(word) for word in words if _WORD.fullmatch(word)]
        readable = len(numbers) == len(words) == self.words
        if readable and (self.checked or all(self.least <= number <= self.most for number in numbers)):
            return ""
        return f"“{value.strip()}” is not a value of {self.short}. Allowed: {self.allowed}."

    def command(self, value: str) -> str:
        """Return the line that sets it.

        >>> SYSCTLS["ip_local_port_range"].command("40000 40009")
        'sysctl -w net.ipv4.ip_local_port_range="40000 40009"'
        """
        return f'sysctl -w {self.name}="{value}"' if " " in value else f"sysctl -w {self.name}={value}"


_MOST = 2**31 - 1
_TABLE = (
    Sysctl(
        "net.ipv4.ip_local_port_range", "Ports that connect() may choose from.", "two ports, low and high", 1, 65535, 2
    ),
    Sysctl(
        "net.ipv4.tcp_tw_reuse",
        "May connect() take a port out of TIME_WAIT? 0 no, 1 yes, 2 on loopback only.",
        "0, 1 or 2",
        0,
        2,
    ),
    Sysctl(
        "net.ipv4.tcp_tw_reuse_delay",
        "How old a TIME_WAIT must be before connect() may take its port; since Linux 6.14.",
        "1 to 60000 milliseconds",
        1,
        60_000,
    ),
    Sysctl(
        "net.ipv4.tcp_max_tw_buckets",
        "So many TIME_WAITs at most; one more is skipped, and counted as TCPTimeWaitOverflow.",
        f"0 to {_MOST}",
        0,
        _MOST,
        checked=False,
        by_machine="by this machine's memory",
    ),
    Sysctl(
        "net.ipv4.tcp_fin_timeout",
        "How long an orphan stays in FIN_WAIT2. TIME_WAIT lasts 60 s, whatever it says.",
        "1 to 86400 seconds",
        1,
        86_400,
        checked=False,
    ),
    Sysctl("net.ipv4.tcp_timestamps", "Has every segment a time stamp? 0 no, 1 yes, 2 without a random start.",
           "0, 1 or 2", 0, 2, checked=False),
    Sysctl("net.ipv4.tcp_rfc1337", "Does TIME_WAIT ignore a RST? 0 no, 1 yes.", "0 or 1", 0, 1, checked=False),
    Sysctl("net.ipv4.tcp_orphan_retries", "How often a FIN without an owner is repeated; 0 stands for 8.", "0 to 255",
           0, 255),
    Sysctl("net.ipv4.tcp_retries2", "How often data is repeated before the connection is given up.", "0 to 255",
           0, 255),
    Sysctl("net.ipv4.tcp_keepalive_time", "After how much silence SO_KEEPALIVE sends its first probe.",
           "1 to 32767 seconds", 1, 32_767, checked=False),
    Sysctl("net.ipv4.tcp_keepalive_intvl", "How long after a probe the next one follows.", "1 to 32767 seconds",
           1, 32_767, checked=False),
    Sysctl("net.ipv4.tcp_keepalive_probes", "After so many probes without an answer the peer counts as gone.",
           "0 to 255", 0, 255),
    Sysctl("net.core.somaxconn", "The most that listen() may ask for: connections that wait for accept().",
           f"0 to {_MOST}", 0, _MOST, source=_NET),
    Sysctl("net.ipv4.tcp_max_syn_backlog", "How many half-open connections a listener remembers.",
           f"1 to {_MOST}", 1, _MOST, checked=False, by_machine="by this machine's memory"),
    Sysctl("net.ipv4.tcp_abort_on_overflow", "Is a connection reset when the queue for accept() is full? 0 no, 1 yes.",
           "0 or 1", 0, 1, checked=False),
    Sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", "How long conntrack remembers a silent connection.",
           f"1 to {_MOST} seconds", 1, _MOST, checked=False, source=_NF),
    Sysctl("net.netfilter.nf_conntrack_tcp_timeout_time_wait",
           "How long conntrack remembers a connection that both sides have closed.", f"1 to {_MOST} seconds", 1, _MOST,
           checked=False, source=_NF),
    Sysctl("net.netfilter.nf_conntrack_tcp_loose",
           "May conntrack take up a connection in the middle, without its SYN? 0 no, 1 yes.", "0 or 1", 0, 1,
           source=_NF),
)  # fmt: skip
SYSCTLS = {one.short: one for one in _TABLE}
"""By their short names, in the order in which they are shown."""
