"""Other versions of nginx beside the machine's own, each with the loader and the libraries of its suite.

Debian 11 has the version that the blog used, Debian 14 one that keeps an upstream pool by default (suites.py fetches
from both). Nothing is installed.
"""

from dataclasses import dataclass
from pathlib import Path

import debian
from place import CACHE, PINS, TOOLS, fresh, put, remove
from say import Refused, doing, line, run, tail
from suites import Suite, digests, pins
from tools import BIN, write_script

FILE = PINS / "nginx-versions.txt"


@dataclass(frozen=True)
class Version:
    """A version of nginx: in which suite of Debian it is, and in which packages, nginx's own first."""

    name: str
    suite: str
    packages: tuple[str, ...]
    moves: bool  # the suite still gets newer packages than those that are pinned

    @property
    def at(self) -> Path:
        """Where it lies unpacked."""
        return TOOLS / f"nginx-{self.name}"


VERSIONS = (
    Version("1.18", "bullseye", ("nginx-light", "libc6", "libcrypt1", "libpcre3", "libssl1.1", "zlib1g"), moves=False),
    Version(
        "1.30", "forky", ("nginx", "libc6", "libcrypt1", "libpcre2-8-0", "libssl3t64", "libzstd1", "zlib1g"), moves=True
    ),
)


def make_versions() -> list[str]:
    """Unpack what is not there yet.

    Returns:
        What could not be had, in a sentence each, with its version.
    """
    missing = []
    for version in VERSIONS:
        if (BIN / f"nginx-{version.name}").exists() and version.at.exists():
            continue
        try:
            with doing(f"nginx {version.name}", f"unpacking it, from {version.suite}"):
                make(version)
        except Refused as refused:
            missing.append(f"{version.name}: {refused.what}")
            line(f"nginx {version.name}", f"goes missing: {refused.what}")
    return missing


def make(version: Version) -> None:
    """Fetch, check, unpack, and write .tools/bin/nginx-VERSION, which runs it with its own loader."""
    debs = fresh(CACHE / "debs-nginx")
    download(version, debs)
    check(version, debs)
    made = fresh(version.at.with_name(f"{version.at.name}.new"))
    for deb in sorted(debs.iterdir()):
        debian.extract(deb, made)
    put(made, version.at)
    remove(debs)

    at = version.at.resolve()
    loaders = sorted(found for found in at.glob("**/ld-linux*.so.*") if found.resolve().is_relative_to(at))
    if not loaders:
        raise Refused("Its libc6 holds no loader.", "dpkg --print-architecture")
    libraries = ":".join(sorted({str(found.parent) for found in at.glob("**/lib*.so*")}))
    write_script(f"nginx-{version.name}", [str(loaders[0]), "--library-path", libraries, str(at / "usr/sbin/nginx")])
    said = run([BIN / f"nginx-{version.name}", "-v"]).stdout
    if f"nginx/{version.name}." not in said:
        remove(BIN / f"nginx-{version.name}")
        raise Refused(f"What was unpacked does not run: {tail(said, 1).strip()}", "./env/nginx")


def download(version: Version, into: Path) -> None:
    """Download the packages of a version as they are in its suite now."""
    suite = Suite(version.suite)
    suite.download(version.packages, into)
    suite.done()


def check(version: Version, debs: Path) -> None:
    """Hold what came against its pin; what is not pinned passes only where a suite still moves."""
    known = pins(FILE)
    machine = run(["dpkg", "--print-architecture"]).stdout.strip()
    for name, digest in digests(debs):
        if name in known and known[name] != digest:
            raise Refused(f"{name} is not what was pinned.", "Look at env/nginx-versions.txt.")
        if name not in known and not version.moves and any(f"_{machine}.deb" in each for each in known):
            raise Refused(f"{name} is not in env/nginx-versions.txt.", "./env/nginx --pin")


def pin() -> int:
    """Write the pins anew: the packages as the suites have them now, on this machine's architecture; 0."""
    rows = ["# The packages of env/steps/nginx_versions.py; written by ./env/nginx --pin."]
    for version in VERSIONS:
        debs = fresh(CACHE / "debs-nginx")
        with doing(f"nginx {version.name}", f"pinning what {version.suite} has"):
            download(version, debs)
        rows += [
            f"\n# nginx {version.name}, {version.suite}",
            *(f"{name} sha256:{sum_}" for name, sum_ in digests(debs)),
        ]
        remove(debs)
    FILE.write_text("\n".join(rows) + "\n")
    return 0
