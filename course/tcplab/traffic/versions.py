"""Versions of nginx: the machine's own, and those that ./env/nginx unpacks beside it."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from tcplab.errors import BadValue, UnexpectedOutput
from tcplab.world.environment import path_variable, tools
from tcplab.world.host import Host

WANTED = ("1.18", "1.30")
"""What ./env/nginx unpacks: the blog's version, and one that keeps an upstream pool by default."""


@dataclass(frozen=True, slots=True, repr=False)
class Versions:
    """Which versions of nginx there are, oldest first.

    Args:
        here: what `nginx(…, version=…)` takes → the number: {"1.18": "1.18.0", None: "1.22.1", "1.30": "1.30.6"}
        missing: what could be here and is not
    """

    here: Mapping[str | None, str]
    missing: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [
            f'nginx {number}, {"the machine’s own" if name is None else f"""version="{name}" """.strip()}'
            for name, number in self.here.items()
        ]
        lines += [f"nginx {name} is not here and will be left out; ./env/nginx unpacks it" for name in self.missing]
        return "\n".join(lines)


def nginx_versions(host: Host) -> Versions:
    """Ask every nginx that there is for its version.

    >>> nginx_versions(bed.proxy)     # doctest: +SKIP
    nginx 1.18.0, version="1.18"
    nginx 1.22.1, the machine’s own
    nginx 1.30.6, version="1.30"
    """
    names = [None, *unpacked()]
    numbers = {name: number_of(host, program(name)) for name in names}
    here = dict(sorted(numbers.items(), key=lambda each: release(each[1])))
    return Versions(here, tuple(name for name in WANTED if name not in here))


def number_of(host: Host, name: str) -> str:
    """Return what `nginx -v` tells: "1.22.1"."""
    said = host.run([name, "-v"]).stderr
    found = re.search(r"nginx/(\d+(?:\.\d+)+)", said)
    if found is None:
        raise UnexpectedOutput("nginx -v", said.strip())
    return found[1]


def release(number: str) -> tuple[int, ...]:
    """Return a version as numbers, which compare.

    >>> release("1.29.7") > release("1.29") > release("1.18.0")
    True
    """
    return tuple(map(int, number.split(".")))


def program(version: str | None) -> str:
    """Return what nginx of a version is called in a host's PATH.

    >>> program(None)
    'nginx'

    Raises:
        BadValue: It is not here.
    """
    if version is None:
        return "nginx"
    found = f"nginx-{version}"
    if shutil.which(found, path=path_variable()) is None:
        here = ", ".join(f'"{one}"' for one in unpacked()) or "none"
        raise BadValue("version", version, f"None, or what ./env/nginx has unpacked; here that is {here}")
    return found


def unpacked() -> list[str]:
    """Return the versions that lie unpacked beside the machine's own: ["1.18", "1.30"]."""
    where = tools()
    found = (path.name.removeprefix("nginx-") for path in where.glob("nginx-*")) if where else ()
    return sorted((name for name in found if re.fullmatch(r"\d+\.\d+", name)), key=release)
