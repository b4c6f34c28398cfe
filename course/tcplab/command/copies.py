"""The learner's copies of the labs: made where missing, never overwritten, given back on request."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from tcplab.command.places import Lab


def add_missing(labs: list[Lab], folder: Path) -> list[Path]:
    """Copy the labs that are not in a folder yet, and return the copies, in the course's order.

    A copy appears whole or not at all, and what is there stays, whatever it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [folder / lab.path.name for lab in labs if _copy(lab.path, folder / lab.path.name)]


def give_back(lab: Lab, folder: Path) -> Path | None:
    """Put a lab back as it was, and return where the learner's own is kept; None if there was none of it."""
    mine = folder / lab.path.name
    kept = None
    if mine.exists() and mine.read_bytes() != lab.path.read_bytes():
        kept = _dated(mine)
        mine.rename(kept)
    add_missing([lab], folder)
    return kept


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
