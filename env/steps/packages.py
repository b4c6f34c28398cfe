"""Which programs the course and its tests want, and in which packages of Debian and Ubuntu they are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A package of the distribution, and the programs that the course wants from it."""

    name: str
    programs: tuple[str, ...]
    required: bool = True
    other_names: tuple[str, ...] = ()  # of the machine's own program
    inside: tuple[str, ...] = ()  # where the program itself is in the package, if not in a bin directory under its name


COURSE = (
    Package("nginx", ("nginx",)),
    Package("apache2-utils", ("ab",)),
    Package("tcpdump", ("tcpdump",)),
    Package("curl", ("curl",)),
    Package("iproute2", ("ip", "ss", "nstat")),
    Package("net-tools", ("netstat",)),
    Package("telnet", ("telnet",), inside=("usr/bin/inetutils-telnet", "usr/bin/telnet.netkit")),
    Package("procps", ("sysctl", "ps", "watch")),
    Package("nftables", ("nft",), required=False),
    Package("conntrack", ("conntrack",), required=False),
    Package("bubblewrap", ("bwrap",), required=False),  # for who grades a class
)
TESTS = (
    Package("tshark", ("tshark",)),
    Package(
        "chromium",
        ("chromium",),
        required=False,  # Ubuntu has it as a snap only: the browser tests say so
        other_names=("chromium-browser", "google-chrome", "google-chrome-stable"),
        inside=("usr/lib/chromium/chromium",),
    ),
)
KERNELS = (Package("qemu-system-x86", ("qemu-system-x86_64",)),)  # what boots other kernels; kernels.py

LIBATOMIC = Package("libatomic1", ())
