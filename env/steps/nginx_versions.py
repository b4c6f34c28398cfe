"""Other versions of nginx beside the machine's own, each with the loader and the libraries of its suite.

Debian 11 has the version that the blog used, Debian 14 one that keeps an upstream pool by default. Both come from the
mirror that the machine's own apt uses, through lists of their own; apt checks the signatures, and what is pinned must
have its hash. Nothing is installed.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import debian
from place import CACHE, PINS, TOOLS, clean_environment, fresh, put, remove
from say import Refused, doing, line, run, tail
from tools import BIN, write_script

FILE = PINS / "nginx-versions.txt"
AGAIN = "See that the network is there, and run the same command again."


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
    remove(root(version))

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


def root(version: Version) -> Path:
    """A place for apt in which this suite is all there is."""
    return CACHE / f"apt-{version.suite}"


def download(version: Version, into: Path) -> None:
    """Download the packages of a version as they are in its suite now."""
    at = fresh(root(version))
    for part in ("lists/partial", "cache/archives/partial", "log"):
        (at / part).mkdir(parents=True)
    (at / "status").touch()
    (at / "sources.list").write_text(f"deb {keyring()}{mirror()} {version.suite} main\n")
    (at / "apt.conf").write_text(
        f'Dir::Etc {{ sourcelist "{at}/sources.list"; sourceparts "/dev/null"; preferences "/dev/null"; '
        f'preferencesparts "/dev/null"; }};\n'
        f'Dir::State {{ lists "{at}/lists"; status "{at}/status"; }};\n'
        f'Dir::Cache "{at}/cache";\nDir::Log "{at}/log";\n{debian.SETTINGS}'
    )
    for argv in (["update"], ["download", *version.packages]):
        result = run(["apt-get", "-q", "-c", at / "apt.conf", *argv], env=clean_environment(), cwd=into)
        if result.returncode:
            raise Refused(f"Debian's {version.suite} could not be asked for it.", AGAIN, tail(result.stdout))


def mirror() -> str:
    """The mirror that the machine's own apt has its release from."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    if release.get("ID") != "debian" or not debian.available():
        raise Refused(f"It comes from Debian's packages, and this is {release.get('NAME', 'no Debian')}.", "")
    argv = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"]
    sources = (row.split() for row in run(argv, env=clean_environment()).stdout.splitlines())
    found = [uri for suite, uri in sources if suite == release.get("VERSION_CODENAME")]
    if not found:
        raise Refused(f"apt has no source for {release.get('VERSION_CODENAME')}.", "cat /etc/apt/sources.list.d/*")
    return found[0]


def keyring() -> str:
    """Which keys may have signed it: the archive's, of every release that this machine knows."""
    places = [Path(f"/usr/share/keyrings/debian-archive-keyring.{kind}") for kind in ("pgp", "gpg")]
    found = next((place for place in places if place.exists()), None)
    return f"[signed-by={found}] " if found else ""


def pins() -> dict[str, str]:
    """The hash of each pinned package, by its file name."""
    rows = (row.split() for row in FILE.read_text().splitlines() if row and not row.startswith("#"))
    return {name: digest.removeprefix("sha256:") for name, digest in rows}


def check(version: Version, debs: Path) -> None:
    """Hold what came against its pin; what is not pinned passes only where a suite still moves."""
    known = pins()
    machine = run(["dpkg", "--print-architecture"]).stdout.strip()
    for name, digest in digests(debs):
        if name in known and known[name] != digest:
            raise Refused(f"{name} is not what was pinned.", "Look at env/nginx-versions.txt.")
        if name not in known and not version.moves and any(f"_{machine}.deb" in each for each in known):
            raise Refused(f"{name} is not in env/nginx-versions.txt.", "./env/nginx --pin")


def digests(debs: Path) -> Iterator[tuple[str, str]]:
    """Each package's file name and SHA-256, sorted."""
    for deb in sorted(debs.iterdir()):
        yield deb.name, hashlib.sha256(deb.read_bytes()).hexdigest()


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
        remove(root(version))
    FILE.write_text("\n".join(rows) + "\n")
    return 0
