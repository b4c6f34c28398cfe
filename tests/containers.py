"""Podman as an ordinary user, with a store of its own that goes when the tests are done.

As root the user is nobody, with subordinate ids and pure control groups (version 2) that only podman sees: a mount
namespace has them. Nothing on the machine is changed for it.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ordinary_user import ROOT, UID

NEEDED = {"podman": "podman", "crun": "crun", "newuidmap": "uidmap", "mmdebstrap": "mmdebstrap"}
COPIED = ("LICENSE", "README.md", "pyproject.toml", "env", "course", "labs", "solutions")
# With these an ordinary user's container runs the labs; the README says why each is needed.
BARE = ("--cap-drop", "all", "--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# $1: the file of subordinate ids. The rest: what to run.
_AS_NOBODY = """
set -eu
ids=$1
shift
if ! test -e /sys/fs/cgroup/cgroup.controllers; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
fi
mount --make-rshared /
for file in subuid subgid; do
    mount --bind "$ids" /etc/$file
done
cd /
exec "$@"
"""


def lacking() -> list[str]:
    """The packages of Debian and Ubuntu that are missing for this."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    needed = {name: package for name, package in NEEDED.items() if name != "mmdebstrap" or not os.environ.get("BASE")}
    return [package for name, package in needed.items() if not shutil.which(name, path=path)]


class Engine:
    """One store of images, and the commands on it."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tcplab-c-", dir="/tmp"))  # short: Unix sockets lie below it
        (self.home / "run").mkdir(mode=0o700)
        self.context = self.home / "context"
        self._nobody = os.geteuid() == 0
        self._copy()
        if self._nobody:
            (self.home / "ids").write_text("nobody:700000:65536\n")
            subprocess.run(["chown", "-R", f"{UID}:{UID}", str(self.home)], check=True)

    def _copy(self) -> None:
        """What the image is made of, readable for whoever builds it."""
        self.context.mkdir()
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.context / name, ignore=ignored)
            else:
                shutil.copy(ROOT / name, self.context)

    def argv(self, *words: str) -> list[str]:
        """The whole command line of `podman WORDS…`."""
        places = ["--root", f"{self.home}/store", "--runroot", f"{self.home}/run/r", "--storage-driver", "overlay"]
        podman = ["podman", *places, "--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime", "crun", *words]
        return self._by_the_user(podman)

    def _by_the_user(self, argv: list[str]) -> list[str]:
        settings = {"HOME": self.home, "XDG_RUNTIME_DIR": self.home / "run", "TMPDIR": self.home}
        if not self._nobody:
            return ["env", *(f"{name}={value}" for name, value in settings.items() if name != "HOME"), *argv]
        words = [*(f"{name}={value}" for name, value in settings.items()), f"PATH={os.environ['PATH']}:/usr/sbin:/sbin"]
        user = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "env", "-i", *words, *argv]
        return ["unshare", "--mount", "sh", "-c", _AS_NOBODY, "sh", str(self.home / "ids"), *user]

    def podman(self, *words: str, within_s: float = 900) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; a failure is the caller's to judge."""
        return subprocess.run(
            self.argv(*words),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within_s,
            check=False,
        )

    def base(self) -> str:
        """An image of the distribution: $BASE, or one made of the machine's own packages, from its own mirror."""
        if given := os.environ.get("BASE"):
            return given
        made = self.home / "base.tar"
        hook = f'cp {CERTIFICATES} "$1{CERTIFICATES}"' if CERTIFICATES.exists() else "true"  # whom the network trusts
        options = [f"--mode={'root' if self._nobody else 'unshare'}", "--variant=minbase", f"--customize-hook={hook}"]
        # What root's mounts into the tree, such as /dev/shm, nobody else sees, and no removal of the tree can reach.
        apart = ["unshare", "--mount", "--propagation=private"] if self._nobody else []
        done = subprocess.run(
            [*apart, "mmdebstrap", *options, "--include=ca-certificates", own_suite(), str(made), *own_sources()],
            env={**os.environ, "TMPDIR": str(self.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        made.chmod(0o644)
        name = "localhost/base"
        done = self.podman("import", "--quiet", str(made), name)
        assert done.returncode == 0, done.stdout
        made.unlink()
        return name

    def close(self) -> None:
        """End what podman left running (its pause process) and remove the store, whoever its files belong to."""
        self.podman("rm", "--all", "--force", "--time", "0")
        pause = self.home / "run/libpod/tmp/pause.pid"
        if not self._nobody:
            subprocess.run(["podman", "unshare", "rm", "-rf", str(self.home / "store")], check=False)
        if pause.exists():
            os.kill(int(pause.read_text()), 9)
        shutil.rmtree(self.home)


def own_suite() -> str:
    """The name of the release that this machine runs: bookworm, trixie, noble."""
    rows = dict(row.split("=", 1) for row in Path("/etc/os-release").read_text().splitlines() if "=" in row)
    return rows["VERSION_CODENAME"].strip('"')


def own_sources() -> list[str]:
    """The file in which the machine's apt has its mirror; none where it has another name."""
    files = (f"/etc/apt/{name}" for name in ("sources.list.d/debian.sources", "sources.list.d/ubuntu.sources"))
    return [file for file in files if Path(file).exists()][:1]
