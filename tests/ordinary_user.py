"""Run something as an ordinary user when the tests run as root: most bugs of rootless namespaces hide from root.

The user is nobody, who can read this folder only if the way to it is open. Where it is not (a clone under a home that
is closed), a private mount namespace shows nobody the same folder at the same path; nothing on the machine changes.
"""

import os
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UID = 65534

# $1: the project. $2: the closed folder above it. The rest: what to run.
_OPEN_THE_WAY = """
set -eu
project=$1 closed=$2
shift 2
mount --rbind "$project" /mnt
mount -t tmpfs -o mode=755 tmpfs "$closed"
mkdir -p "$project"
mount --rbind /mnt "$project"
cd "$project"
exec "$@"
"""


def closed_folder() -> Path | None:
    """The first folder on the way to the project that nobody may not enter; None when the way is open."""
    for folder in reversed(ROOT.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def open_tree() -> None:
    """Let everybody read the project's own files: a clone made under a strict umask hides them."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name != ".git"]
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            mode = path.lstat().st_mode
            wanted = 0o555 if mode & 0o100 else 0o444
            if not path.is_symlink() and mode & wanted != wanted:
                path.chmod(mode & 0o7777 | wanted)


def as_ordinary_user(argv: Sequence[str], *, home: Path, env: dict[str, str] | None = None) -> list[str]:
    """The command that runs another one as an ordinary user; as that user already, the same command.

    Args:
        home: a directory that becomes this user's HOME and TMPDIR; it is handed over to nobody.
        env: more variables; of the caller's own none but PATH and LANG is kept.
    """
    if os.geteuid() != 0:
        return list(argv)
    home.mkdir(parents=True, exist_ok=True)
    os.chown(home, UID, UID)
    variables = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"CI": os.environ["CI"]} if "CI" in os.environ else {}),
        **(env or {}),
    }
    words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items()), *argv]
    words = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", *words]
    closed = closed_folder()
    if closed is None:
        return words
    return [
        "unshare",
        "--mount",
        "--propagation=private",
        "sh",
        "-c",
        _OPEN_THE_WAY,
        "sh",
        str(ROOT),
        str(closed),
        *words,
    ]
