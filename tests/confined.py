"""What a program may do to itself: a filter of system calls (seccomp), or namespaces of its own with other mounts."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

UNTYPED, OWN_USER, OWN_MOUNTS, OWN_NETWORK = 0, 0x10000000, 0x00020000, 0x40000000
BIND, READ_ONLY, REMOUNT, RECURSIVE, PRIVATE, RELATIME = 0x1000, 0x1, 0x20, 0x4000, 0x40000, 0x200000
CALLS = {
    "x86_64": {"socket": 41, "setsockopt": 54, "mount": 165, "sethostname": 170, "unshare": 272},
    "aarch64": {"socket": 198, "setsockopt": 208, "mount": 40, "sethostname": 161, "unshare": 97},
}
libc = ctypes.CDLL(None, use_errno=True)


def refuse(call: str, answer: int, where: Iterable[tuple[int, int]] = ()) -> None:
    """Have a system call answer with an error, if its arguments (number, value) are these; seccomp(2)."""
    load, equal, done, allowed, refused = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000
    words = [(0, CALLS[os.uname().machine][call]), *((16 + 8 * number, value) for number, value in where)]
    rules: list[tuple[int, int, int, int]] = []
    for index, (offset, value) in enumerate(words):
        to_allowed = 2 * (len(words) - index - 1) + 1
        rules += [(load, 0, 0, offset), (equal, 0, to_allowed, value)]
    rules += [(done, 0, 0, refused | answer), (done, 0, 0, allowed)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
    worked(libc.prctl(38, 1, 0, 0, 0))
    worked(libc.prctl(22, 2, program))


def worked(result: int) -> None:
    """Raise what libc says."""
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def own(namespace: int) -> None:
    """Enter a user namespace as the same user, and one more; the powers in them end with execve()."""
    user, group = os.getuid(), os.getgid()
    worked(libc.unshare(OWN_USER | namespace))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def own_mounts() -> None:
    """Mount what nobody else sees."""
    own(OWN_MOUNTS)
    mount("none", "/", None, RECURSIVE | PRIVATE)


def mount(what: object, where: object, kind: str | None = None, flags: int = UNTYPED, options: str = "") -> None:
    """Ask the kernel; the program of this name refuses who is not root."""
    names = (os.fsencode(str(what)), os.fsencode(str(where)), kind.encode() if kind else None)
    worked(libc.mount(*names, flags, options.encode() or None))


def cover(where: str, files: dict[str, str]) -> None:
    """Put a folder with these files over another."""
    mount("tmpfs", where, "tmpfs")
    for name, text in files.items():
        (Path(where) / name).parent.mkdir(parents=True, exist_ok=True)
        (Path(where) / name).write_text(text)


def replace(where: object, text: str) -> None:
    """Put another file over one, with its mode."""
    scratch = Path(os.environ["TMPDIR"], Path(str(where)).name)
    scratch.write_text(text)
    scratch.chmod(Path(str(where)).stat().st_mode)
    mount(scratch, where, None, BIND)


def make_read_only(place: str) -> None:
    """Remount with the flags that are there: a user namespace may not take one back."""
    seen = os.statvfs(place).f_flag
    kept = seen & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    mount("none", place, None, BIND | REMOUNT | READ_ONLY | kept | (RELATIME if seen & os.ST_RELATIME else 0))
