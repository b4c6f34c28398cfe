"""The distribution's own packages, unpacked into the project: no root, no install scripts, no servers started.

apt resolves a package against what the machine has, so only what is missing is fetched; apt also checks the
signatures. Its lists are the machine's; where it has none, or old ones, a private copy is fetched.
"""

import re
import shutil
from pathlib import Path

from place import CACHE, TOOLS, clean_environment, fresh, put, remove
from say import Refused, run, tail

APT = CACHE / "apt"
PRIVATE_LISTS = APT / "lists"
# A library of the C runtime must match the machine's dynamic loader: never another one's.
NEVER = frozenset({"libc6", "libc-bin", "locales"})

SETTINGS = """
APT::Sandbox::User "root";
APT::Get::List-Cleanup "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-large::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Debug::NoLocking "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
"""


class NotPackaged(Refused):
    """The distribution, asked just now, has no such package."""


def available() -> bool:
    """Whether this machine has apt and dpkg at all."""
    return all(shutil.which(tool) for tool in ("apt-get", "dpkg-deb"))


def apt(argv: list[str], *, private: bool, cwd: Path | None = None, show: bool = False) -> tuple[int, str]:
    """Run apt-get as an ordinary user, with every file that it writes in the project."""
    for part in ("cache/archives/partial", "lists/partial", "log"):
        (APT / part).mkdir(parents=True, exist_ok=True)
    places = [f'Dir::Cache "{APT}/cache";', f'Dir::Log "{APT}/log";']
    places += [f'Dir::Cache::{name} "{name}-{private:d}.bin";' for name in ("pkgcache", "srcpkgcache")]
    if private:
        places.append(f'Dir::State::lists "{PRIVATE_LISTS}";')
    settings = APT / ("private.conf" if private else "apt.conf")
    settings.write_text("\n".join(places) + SETTINGS)
    result = run(["apt-get", "-q", "-c", str(settings), *argv], env=clean_environment(), cwd=cwd, show=show)
    return result.returncode, result.stdout or ""


def resolve(package: str, *, private: bool) -> list[str]:
    """The packages, each with its version, that the machine lacks for this one; empty when apt cannot tell."""
    code, said = apt(["install", "--simulate", "--no-install-recommends", package], private=private)
    found = re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", said, re.MULTILINE)
    return [] if code else [f"{name}={version}" for name, version in found if name.split(":")[0] not in NEVER]


def download(package: str, into: Path) -> None:
    """Download a package and what the machine lacks for it, by the machine's lists or else by fresh private ones."""
    said, updated = "", 1
    for private, update in ((True, False), (False, False), (True, True)):
        if private and not update and not any(PRIVATE_LISTS.glob("*_Packages*")):
            continue
        if update:
            updated, said = apt(["update"], private=True, show=True)
        wanted = resolve(package, private=private)
        if not wanted:
            continue
        code, said = apt(["download", *wanted], private=private, cwd=into)
        if code == 0:
            return
    if updated == 0 and not wanted:
        raise NotPackaged(f"This distribution has no package {package} to unpack.", f"apt-cache policy {package}")
    raise Refused(
        f"The distribution's package {package} could not be fetched.",
        "See that the network is there (try: apt-get download hostname), and run the same command again.",
        tail(said),
    )


def extract(deb: Path, into: Path) -> None:
    """Unpack a package's files; no set-user-id programs in a project's folder."""
    result = run(["dpkg-deb", "-x", deb, into])
    if result.returncode:
        raise Refused(f"{deb.name} could not be unpacked.", f"Is the disk full? df -h '{TOOLS}'", tail(result.stdout))
    for file in into.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_mode & 0o6000:
            file.chmod(file.stat().st_mode & 0o777)


def unpacked(package: str, at: Path) -> Path:
    """Unpack a package, and what the machine lacks for it, at a place of its own, whole or not at all."""
    if at.exists():
        return at
    if not available():
        raise Refused(
            f"This machine has no apt to fetch the package {package} with.",
            f"Install {package} with this machine's own package manager, and run the same command again.",
        )
    debs = fresh(CACHE / "debs")
    download(package, debs)
    made = fresh(at.with_name(f"{at.name}.new"))
    for deb in sorted(debs.iterdir()):
        extract(deb, made)
    put(made, at)
    remove(debs)
    return at


def certificates() -> Path:
    """A bundle of the distribution's certificate authorities, for a machine that has none."""
    bundle = TOOLS / "ca-certificates.pem"
    if not bundle.exists():
        package = unpacked("ca-certificates", TOOLS / "ca-certificates")
        files = sorted(package.glob("usr/share/ca-certificates/*/*.crt"))
        made = bundle.with_suffix(".new")
        made.write_text("\n".join(file.read_text() for file in files))
        made.replace(bundle)
    return bundle
