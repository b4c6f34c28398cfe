"""The learner's copies of the labs: made where missing, never overwritten, given back on request."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tcplab.command.places import Lab
from tcplab.errors import NotPermitted


def add_missing(labs: list[Lab], folder: Path) -> list[Path]:
    """Copy the labs that are not in a folder yet, and return the copies, in the course's order.

    A copy appears whole or not at all, and what is there stays, whatever it is.

    Raises:
        NotPermitted: Nothing can be written there.
    """
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return [folder / lab.path.name for lab in labs if _copy(lab.path, folder / lab.path.name)]


def give_back(lab: Lab, folder: Path) -> Path | None:
    """Put a lab back as it was, and return where the learner's own is kept; None if there was none of it.

    Raises:
        NotPermitted: Nothing can be written there.
    """
    mine = folder / lab.path.name
    kept = None
    if mine.exists() and mine.read_bytes() != lab.path.read_bytes():
        kept = _dated(mine)
        with _written(folder):
            mine.rename(kept)
    add_missing([lab], folder)
    return kept


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Say it in words if the learner may not write there: a checkout of somebody else's."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        mend = "Name a folder of your own: tcplab lab DIR, and so for tcplab reset NN DIR"
        raise NotPermitted(f"{folder} cannot be written by you ({error.strerror}). {mend}") from error


def _dated(path: Path) -> Path:
    """Return a free name that says when: 00-slug.kept-2026-11-23-0512.ipynb."""
    now = datetime.now().astimezone()
    stamp = f"{now:%Y-%m-%d-%H%M}"
    candidate, number = path.with_name(f"{path.stem}.kept-{stamp}{path.suffix}"), 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}.kept-{stamp}-{number}{path.suffix}")
        number += 1
    return candidate


def _copy(source: Path, target: Path) -> bool:
    if target.exists():
        return False
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".tcplab-")
    whole = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(source.read_bytes())
        whole.chmod(0o666 & ~_umask())  # mkstemp allows the owner only
        whole.rename(target)
    except BaseException:
        whole.unlink(missing_ok=True)
        raise
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
