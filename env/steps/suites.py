"""A suite of Debian beside the machine's own: an apt in which it is all there is.

It lies on the mirror that the machine's own apt uses, through lists of their own; apt checks the signatures. What is
pinned, in a file of names and hashes, must have its hash. Nothing is installed.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import debian
from place import CACHE, clean_environment, fresh, remove
from say import Refused, run, tail

AGAIN = "See that the network is there, and run the same command again."


class Suite:
    """A suite that was asked for its lists; `done()` forgets them.

    Args:
        name: its code name; `bookworm`, `trixie-backports`
        security: whether what its security archive has counts too
    """

    def __init__(self, name: str, *, security: bool = False) -> None:
        self.name = name
        self.at = fresh(CACHE / f"apt-{name}")
        for part in ("lists/partial", "cache/archives/partial", "log"):
            (self.at / part).mkdir(parents=True)
        (self.at / "status").touch()
        sources = [f"deb {keyring()}{mirror()} {name} main\n"]
        if security:
            sources.append(f"deb {keyring()}{mirror('-security')} {name}-security main\n")
        (self.at / "sources.list").write_text("".join(sources))
        (self.at / "apt.conf").write_text(
            f'Dir::Etc {{ sourcelist "{self.at}/sources.list"; sourceparts "/dev/null"; preferences "/dev/null"; '
            f'preferencesparts "/dev/null"; }};\n'
            f'Dir::State {{ lists "{self.at}/lists"; status "{self.at}/status"; }};\n'
            f'Dir::Cache "{self.at}/cache";\nDir::Log "{self.at}/log";\n{debian.SETTINGS}'
        )
        self._apt(["update"], self.at)

    def _apt(self, argv: Sequence[str], cwd: Path) -> None:
        result = run(["apt-get", "-q", "-c", self.at / "apt.conf", *argv], env=clean_environment(), cwd=cwd)
        if result.returncode:
            raise Refused(f"Debian's {self.name} could not be asked for it.", AGAIN, tail(result.stdout))

    def download(self, packages: Sequence[str], into: Path) -> None:
        """Download packages, each by its name or as name=version."""
        self._apt(["download", *packages], into)

    def names(self, prefix: str) -> list[str]:
        """The names of all packages that begin so."""
        argv: list[str | Path] = ["apt-cache", "-c", self.at / "apt.conf", "pkgnames", prefix]
        return run(argv, env=clean_environment()).stdout.split()

    def done(self) -> None:
        """Remove its lists."""
        remove(self.at)


def mirror(archive: str = "") -> str:
    """The mirror that the machine's own apt has its release from, or its release's `-security`."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    if release.get("ID") != "debian" or not debian.available():
        raise Refused(f"It comes from Debian's packages, and this is {release.get('NAME', 'no Debian')}.", "")
    argv = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"]
    sources = (row.split() for row in run(argv, env=clean_environment()).stdout.splitlines())
    wanted = f"{release.get('VERSION_CODENAME')}{archive}"
    found = [uri for suite, uri in sources if suite == wanted]
    if not found:
        raise Refused(f"apt has no source for {wanted}.", "cat /etc/apt/sources.list.d/*")
    return found[0]


def keyring() -> str:
    """Which keys may have signed it: the archive's, of every release that this machine knows."""
    places = [Path(f"/usr/share/keyrings/debian-archive-keyring.{kind}") for kind in ("pgp", "gpg")]
    found = next((place for place in places if place.exists()), None)
    return f"[signed-by={found}] " if found else ""


def pins(file: Path) -> dict[str, str]:
    """The hash of each pinned package, by its file name."""
    rows = (row.split() for row in file.read_text().splitlines() if row and not row.startswith("#"))
    return {name: digest.removeprefix("sha256:") for name, digest in rows}


def digests(debs: Path) -> Iterator[tuple[str, str]]:
    """Each package's file name and SHA-256, sorted."""
    for deb in sorted(debs.iterdir()):
        yield deb.name, hashlib.sha256(deb.read_bytes()).hexdigest()
