"""The programs that worlds, labs and the blog's commands run: which are there, from where, in which version."""

import re
import shutil
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tcplab.doctor import manager
from tcplab.doctor.attempt import Attempt, Started
from tcplab.doctor.report import Check, Found
from tcplab.world import environment

ENV_UP = Path(__file__).resolve().parents[3] / "env" / "up"
VERSION = re.compile(r"\d+\.\d[\w.]*")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, how to ask its version, the Debian package it comes in, and who misses it."""

    name: str
    ask: str
    package: str
    needed_by: str
    optional: bool = False
    at_least: tuple[int, ...] = ()

    @property
    def worse(self) -> Found:
        """Return what it means that the program is not there."""
        return Found.ABSENT if self.optional else Found.FAILS

    @property
    def mend(self) -> str:
        """Return the command that brings it: ./env/up unpacks all but what every Debian has."""
        if ENV_UP.is_file() and manager.unpacks() and self.package != "util-linux":
            return "./env/up --no-lab"
        return manager.install(self.package)


TOOLS = (
    Tool("unshare", "--version", "util-linux", "It makes a world, and must know --keep-caps.", at_least=(2, 35)),
    Tool("nsenter", "--version", "util-linux", "A look into a world by hand; tcplab shell does it too.", optional=True),
    Tool("ip", "-V", "iproute2", "It makes the links and addresses of a world."),
    Tool("ss", "-V", "iproute2", "Every lab looks at sockets with it first."),
    Tool("nginx", "-v", "nginx", "The web server of the labs, started in a host only."),
    Tool("tcpdump", "--version", "tcpdump", "Lab 01 captures with it."),
    Tool("curl", "--version", "curl", "The HTTP client of the labs, from the first cell on."),
    Tool("sysctl", "--version", "procps", "Labs look at a host's kernel parameters with it."),
    Tool("ab", "-V", "apache2-utils", "Load in later labs, and the blog's ab -n 10000 -c 1.", optional=True),
    Tool("netstat", "--version", "net-tools", "The blog's netstat -napo; the labs use ss.", optional=True),
    Tool("telnet", "--version", "telnet", "The blog's telnet server 80; the labs have their own.", optional=True),
    Tool("nft", "--version", "nftables", "Lab 11's gateway translates with it.", optional=True),
    Tool("conntrack", "--version", "conntrack", "Lab 11 reads the gateway's table with it.", optional=True),
)


def checked_tools(*, tools: tuple[Tool, ...] = TOOLS, path: str | None = None) -> list[Check]:
    """Ask each program for its version, all at once.

    Args:
        tools: Which ones.
        path: Where to look for them; None is where a host looks.
    """
    path = path or environment.path_variable()
    places = {tool: shutil.which(tool.name, path=path) for tool in tools}
    asked = {tool: Started([place, tool.ask]) for tool, place in places.items() if place}
    return [
        _present(tool, place, asked[tool].ended(within_s=5))
        if place
        else Check(tool.name, tool.worse, "not found", tool.needed_by, tool.mend)
        for tool, place in places.items()
    ]


def _present(tool: Tool, place: str, answer: Attempt) -> Check:
    if answer.exit_code is None or answer.exit_code in (126, 127) or answer.exit_code < 0:
        seen = f"{place} does not start: {answer.said}"
        return Check(tool.name, tool.worse, seen, tool.needed_by, manager.install(tool.package, again=True))

    version = VERSION.search(answer.output + answer.error)
    unpacked = environment.tools()
    origin = "unpacked in .tools" if unpacked and Path(place).is_relative_to(unpacked) else "system"
    seen = f"{version[0] if version else 'version not told'} ({origin}: {place})"
    if version and _numbers(version[0]) < tool.at_least:
        wanted = ".".join(map(str, tool.at_least))
        return Check(tool.name, tool.worse, f"{seen}, {wanted} or newer is needed", tool.needed_by, tool.mend)
    return Check(tool.name, Found.WORKS, seen)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


# What Python itself may lack: a minimal package, or one built where these libraries' headers were missing.
PARTS = ("ctypes", "sqlite3", "ssl", "zlib")


def checked_python() -> Check:
    """Say which Python runs this, and whether its standard library is whole; none before 3.11 takes the package."""
    seen, meaning = f"{sys.version.split()[0]} ({sys.executable})", "JupyterLab does not start without it."
    for part in PARTS:
        try:
            import_module(part)
        except ImportError as error:
            mend = "./env/up --no-lab --python /usr/bin/python3" if ENV_UP.is_file() else manager.install("python3")
            return Check("Python", Found.FAILS, f"{seen} has no {part}: {error}", meaning, mend)
    return Check("Python", Found.WORKS, seen)
