"""A file that is written whole or not at all: also when whoever writes it is killed meanwhile."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MODE = 0o644
# What a file system says that has no nameless files (kernels before 3.11 take the flag for a folder's).
_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


@contextlib.contextmanager
def whole(target: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name at the end of the block, or not at all.

    It has no name before (O_TMPFILE, open(2)), so `kill -9` leaves nothing. Where the file system knows no nameless
    files, or something is there to be replaced, a hidden name beside it is used: for the whole time, or for a moment.

    Raises: OSError, what the kernel refused.
    """
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is a device or a folder")  # replacing would destroy it
    try:
        descriptor = os.open(target.parent, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, _MODE)
    except OSError as error:
        if error.errno not in _NO_NAMELESS:
            raise
        with _hidden(target) as file:
            yield file
        return
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fchmod(descriptor, _MODE)  # whatever the umask says: a capture is to be shown around
        _name(descriptor, target)


def _name(descriptor: int, target: Path) -> None:
    """Give a nameless file its name; what bears it goes."""
    with contextlib.suppress(FileExistsError):
        _link(descriptor, target)
        return
    with tempfile.TemporaryDirectory(prefix=f".{target.name[:200]}.", dir=target.parent) as folder:
        beside = Path(folder) / "whole"
        _link(descriptor, beside)  # linkat(2) replaces nothing, rename(2) does
        beside.replace(target)


def _link(descriptor: int, target: Path) -> None:
    folder = os.open(target.parent, os.O_PATH | os.O_DIRECTORY)
    try:  # with a folder's descriptor Python calls linkat(), which follows the link in /proc to the file
        os.link(f"/proc/self/fd/{descriptor}", target.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _hidden(target: Path) -> Iterator[BinaryIO]:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:200]}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        beside.chmod(_MODE)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
