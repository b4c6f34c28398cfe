"""Set up .venv and .tools in the project's folder, whole or restartable, then run the doctor.

Run by ./env/up with the system's Python: only the standard library, nothing installed.
"""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import box
import kernels
import lock
import nginx_versions
import python_env
import tools
from place import CACHE, ROOT, TOOLS, VENV, remove
from say import Refused, line


def is_current(*, for_tests: bool) -> bool:
    """Whether nothing is left to do."""
    return python_env.is_current(for_tests=for_tests) and tools.is_current(for_tests=for_tests)


def set_up(*, for_tests: bool) -> None:
    """Make what is missing."""
    if is_current(for_tests=for_tests):
        return
    with taking_turns():
        if not python_env.is_current(for_tests=for_tests):
            python_env.make_venv(for_tests=for_tests)
        tools.make_tools(for_tests=for_tests)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Wait for another that is at work in this folder; leave nothing half done."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        lock = (TOOLS / ".lock").open("w")
    except OSError as error:
        mend = "Copy the folder to a place of your own, and run ./env/up there."
        raise Refused(f"{ROOT} cannot be written ({error.strerror}).", mend) from error

    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            line("waiting", "another ./env/up or ./env/test is at work in this folder …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        for begun in (*TOOLS.glob("*.new"), *TOOLS.glob("*.old")):
            remove(begun)  # by a run that was stopped


def examined() -> int:
    """Run the doctor, once more where its first word led to a mend, and return its exit code."""
    doctor = [str(VENV / "bin" / "tcplab"), "doctor"]
    code = subprocess.run(doctor, check=False).returncode
    return subprocess.run(doctor, check=False).returncode if code and lock.opened_by_request() else code


def stop(_signal: int, _frame: FrameType | None) -> None:
    """A request to end is as good as ^C."""
    raise KeyboardInterrupt


def main() -> int:
    """Do what ./env/up, ./env/nginx, ./env/kernels or ./env/box asks for, and return its exit code."""
    if sys.argv[1:2] == ["box"]:
        return refusing(lambda: box.main(sys.argv[2:]))
    return refusing(set_up_and_look)


def set_up_and_look() -> int:
    """What ./env/up, ./env/nginx and ./env/kernels ask for, and the doctor's word on it if it is not left out."""
    parser = argparse.ArgumentParser(prog="./env/up")
    parser.add_argument("--for-tests", action="store_true")
    parser.add_argument("--set-up", action="store_true")
    parser.add_argument("--nginx", choices=("unpack", "pin"))
    parser.add_argument("--kernels", choices=("unpack", "pin"))
    parser.add_argument("series", nargs="*")
    asked = parser.parse_args()
    if asked.nginx:
        with taking_turns():
            return nginx_versions.pin() if asked.nginx == "pin" else bool(nginx_versions.make_versions())
    if asked.kernels:
        with taking_turns():
            return kernels.pin() if asked.kernels == "pin" else bool(kernels.make_kernels(asked.series))
    set_up(for_tests=asked.for_tests)
    line("programs", tools.report())
    return 0 if asked.set_up else examined()


def refusing(work: Callable[[], int]) -> int:
    """Do it; say what cannot be done with what mends it, and no trace of Python."""
    signal.signal(signal.SIGTERM, stop)
    os.umask(0o022)
    try:
        return work()
    except Refused as refused:
        print(f"\n{refused.what}", *filter(None, [refused.said]), refused.mend, sep="\n", file=sys.stderr)
    except OSError as error:
        print(f"\n{error}\nIs the disk full, or not yours to write? df -h '{ROOT}'; ls -ld '{ROOT}'", file=sys.stderr)
    except (KeyboardInterrupt, EOFError):
        print("\nStopped. Run the same command again: it goes on from there.", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
