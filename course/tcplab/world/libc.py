"""The system calls of a world that Python 3.11 does not have: unshare, mount, sethostname, prctl."""

import ctypes
import os
import struct

CLONE_NEWNET = 0x40000000
CLONE_NEWUTS = 0x04000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), what)


def unshare(flags: int) -> None:
    """Leave the namespaces named by flags for new ones (man 2 unshare)."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount source on target (man 2 mount)."""
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(_libc.mount(*arguments), target)


def sethostname(name: str) -> None:
    """Name this UTS namespace, for the prompt of a shell in it."""
    _checked(_libc.sethostname(name.encode(), len(name)), "sethostname")


def exact_timers() -> None:
    """Let this process's timers fire when they are due, not up to 50 µs later: PR_SET_TIMERSLACK of prctl(2)."""
    _checked(_libc.prctl(29, 1, 0, 0, 0), "prctl")


def unreadable() -> None:
    """Shut this process's memory and descriptors to others of its user: PR_SET_DUMPABLE of prctl(2)."""
    _checked(_libc.prctl(4, 0, 0, 0, 0), "prctl")


_NET_BIND_SERVICE, _NET_ADMIN, _NET_RAW = 10, 12, 13
_LAST_CAPABILITY = 40


def keep_network_only() -> None:
    """Give up every capability but those over networks, for good, also for the programs started from here."""
    kept = (_NET_BIND_SERVICE, _NET_ADMIN, _NET_RAW)
    for number in range(_LAST_CAPABILITY + 1):
        if number not in kept:
            _libc.prctl(24, number, 0, 0, 0)  # PR_CAPBSET_DROP; an older kernel knows fewer
    bits = sum(1 << number for number in kept)
    header = struct.pack("=Ii", 0x20080522, 0)
    _checked(_libc.capset(header, struct.pack("=6I", bits, bits, bits, 0, 0, 0)), "capset")


_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}  # glibc has it from 2.41 on


def short_slices(slice_ns: int = 500_000) -> None:
    """Ask for short turns on the CPU, which come sooner: sched_setattr(2), from Linux 6.12 on, without privilege.

    A process that computes has turns of some 3 ms, and a packet would wait for the end of one.
    """
    number = _SCHED_SETATTR.get(os.uname().machine)
    if number is not None:
        attributes = struct.pack("IIQiIQQQ", 48, 0, 0, 0, 0, slice_ns, 0, 0)
        _libc.syscall(number, 0, attributes, 0)  # refused or passed over by older kernels
