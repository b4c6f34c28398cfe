"""The README's first command on other distributions, from their own packages: an ordinary user sets up and runs labs.

Each is a minimal root directory with Python, bootstrapped by mmdebstrap, on this machine's kernel. So it shows that the
packages are found and fit together; what a distribution's own kernel forbids, it does not (tests/broken does).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ordinary_user import ROOT

COPIED = ("LICENSE", "README.md", "pyproject.toml", "env", "course", "labs", "solutions")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
RELEASES = {
    "Debian 12": ("debian", "bookworm", "main"),
    "Debian 13": ("debian", "trixie", "main"),
    "Debian 14 (testing)": ("debian", "forky", "main"),
    "Ubuntu 24.04": ("ubuntu", "noble", "main universe"),
    "Ubuntu 26.04": ("ubuntu", "resolute", "main universe"),
}

# In mount and process namespaces of its own, which end with it. $1: the root. $2: a command line for the learner.
# The root is exchanged, not changed by chroot(2): who is in a chroot may make no user namespace (user_namespaces(7)).
INSIDE = """
set -eu
mount --rbind "$1" "$1"
cd "$1"
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
cp -L /etc/resolv.conf /etc/hosts etc/
mkdir tmp/machine
pivot_root . tmp/machine
umount -l /tmp/machine
rmdir /tmp/machine
exec setpriv --reuid=1000 --regid=1000 --clear-groups env -i HOME=/home/learner \
    PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 sh -c "cd /course && $2"
"""


@pytest.fixture(scope="module", params=RELEASES)
def root(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A machine of this release, as small as one can be that has Python, and the course in it."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.fail("Only root can, with this: apt-get install --no-install-recommends mmdebstrap")
    family, suite, components = RELEASES[request.param]
    mirror = mirror_of(family)
    if not mirror or not reached(f"{mirror}/dists/{suite}/InRelease"):
        pytest.skip(f"the packages of {request.param} cannot be had here; {family.upper()}_MIRROR may name a mirror")

    folder = Path(tempfile.mkdtemp(prefix="tcplab-d-", dir="/tmp"))
    try:
        at = folder / "root"
        # Its keys may be newer than this machine, and a mirror may be a snapshot that is months old.
        trusted = f"deb [trusted=yes check-valid-until=no] {mirror} {suite} {components}"
        packages = "python3,ca-certificates,mount,passwd,util-linux"
        # What it mounts into the tree, such as /dev/shm, nobody else sees, and no removal of the tree can reach.
        argv = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include", packages, suite, str(at), trusted]
        done = run(["unshare", "--mount", "--propagation=private", *argv], within_s=1800, TMPDIR=str(folder))
        assert done.returncode == 0, done.stdout[-2000:]
        furnish(at)
        yield at
    finally:
        shutil.rmtree(folder)


def furnish(root: Path) -> None:
    """Add a learner, the course, and whom this machine's network trusts."""
    if CERTIFICATES.exists():
        shutil.copy(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
    for file in Path("/etc").glob("pip.conf"):
        shutil.copy(file, root / "etc")
    home, course = root / "home/learner", root / "course"
    course.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, course)
    home.mkdir()
    with (root / "etc/passwd").open("a") as users:
        users.write("learner:x:1000:1000::/home/learner:/bin/sh\n")
    run(["chown", "-R", "1000:1000", str(home), str(course)])


def mirror_of(family: str) -> str:
    """Where its packages are: as the variable says, or else, for this machine's own family, as its apt is set."""
    if given := os.environ.get(f"{family.upper()}_MIRROR"):
        return given
    for file in (Path("/etc/apt/sources.list.d", f"{family}.sources"), Path("/etc/apt/sources.list")):
        if file.exists() and f"ID={family}\n" in Path("/etc/os-release").read_text():
            found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)", file.read_text(), re.MULTILINE)
            return found[1] if found else ""
    return ""


def reached(address: str) -> bool:
    """Whether apt's own way there is open."""
    helper = ["/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "download-file"]
    with tempfile.TemporaryDirectory() as scratch:
        return run([*helper, address, f"{scratch}/got"], within_s=60).returncode == 0


def run(argv: list[str], *, within_s: float = 60, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end; a failure is the caller's to judge."""
    return subprocess.run(
        argv,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )


def learner(root: Path, line: str, within_s: float = 1200) -> "subprocess.CompletedProcess[str]":
    """Run a command line in the course's folder, as an ordinary user of that machine."""
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"]
    return run([*namespaces, "sh", "-c", INSIDE, "sh", str(root), line], within_s=within_s)


@pytest.mark.timeout(5400)
def test_it_sets_up_and_labs_pass(root: Path) -> None:
    """./env/up fetches what this release lacks from its own archive; doctor is content; two labs pass."""
    done = learner(root, "./env/up --no-lab && .venv/bin/tcplab run 00 01 --solutions")
    print((root / "etc/os-release").read_text(), done.stdout)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "unpacking nginx" in done.stdout
    assert done.stdout.count(" passed") >= 2


@pytest.mark.timeout(600)
def test_without_apt_it_names_fedoras_command(root: Path) -> None:
    """Fedora's own packages cannot be had by apt; this plays it: no apt, a dnf, and the programs not installed."""
    hidden = "mkdir /tmp/bin; printf '#!/bin/sh\\n' > /tmp/bin/dnf; chmod +x /tmp/bin/dnf"
    gone = "for each in python3 sh env id uname dirname realpath sed; do ln -s $(command -v $each) /tmp/bin/; done"
    done = learner(root, f"rm -rf .tools/[!uv]*; {hidden}; {gone}; PATH=/tmp/bin ./env/up --no-lab")
    assert done.returncode == 1, done.stdout
    assert "there is no apt here" in done.stdout
    assert "$ sudo dnf install nginx" in done.stdout
    assert "apt-get" not in done.stdout
