"""Folders of a bench: gone when it ends; what one has left that was killed goes with the next run."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "tcplab-bench-"


@contextmanager
def scratch(within: Path | None = None) -> Iterator[Path]:
    """A folder of this process.

    Args:
        within: where; None for where temporary files are.
    """
    within = within or Path(tempfile.gettempdir())
    for left in within.glob(f"{PREFIX}*-*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=within) as made:
        yield Path(made)


def _is_left(folder: Path) -> bool:
    """Whether the process that made a folder of ours has ended."""
    pid = folder.name.removeprefix(PREFIX).partition("-")[0]
    mine = folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid()
    return mine and pid.isdecimal() and not Path("/proc", pid).exists()
