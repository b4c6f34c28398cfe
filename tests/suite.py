"""Run all tests, group after group, and close with one summary. Run by ./env/test."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from ordinary_user import as_ordinary_user, open_tree
from traces import Traces, left_after, mark_this_process, traces

ROOT = Path(__file__).resolve().parents[1]
CORES = len(os.sched_getaffinity(0))
IN_PARALLEL = ("--numprocesses=2",)
BROWSERS = ("--numprocesses=3",)
# These wait more than they compute; each worker takes the next one when it is done with its own.
WAITING = (f"--numprocesses={min(2 * CORES, 8)}", "--dist=load", "--maxschedchunk=1")


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that run in one pytest process."""

    title: str
    folders: tuple[str, ...]
    options: tuple[str, ...] = ()
    as_ordinary_user: bool = False
    by_anyone: bool = False  # all of it is, as the marker of that name says of a test


# Groups follow each other, for one that computes would slow another that measures.
QUICK = (Group("unit and course", ("unit", "course"), IN_PARALLEL),)
REST = (
    Group("world", ("world",), IN_PARALLEL),
    Group("world, as an ordinary user", ("world",), IN_PARALLEL, as_ordinary_user=True),
    Group("broken machines", ("broken",), (*IN_PARALLEL, "--dist=load"), by_anyone=True),
    Group("broken machines, as an ordinary user", ("broken",), (*IN_PARALLEL, "--dist=load"), as_ordinary_user=True),
    Group("incident", ("incident",), WAITING, by_anyone=True),
    Group("incident, as an ordinary user", ("incident",), WAITING, as_ordinary_user=True),
    Group("notebooks", ("notebooks",), WAITING),
    Group("browser", ("browser",), BROWSERS),
)
# Speed is held against a bound only where somebody asked for it: a busy machine is no fault of the course.
LONG = (Group("hub", ("hub",)), Group("bench", ("bench",)))
# Instead of all the others, where somebody asked for it: each builds machines of its own, from packages, and what it
# says is its progress.
ASKED_FOR = ("container", "distributions", "vm")


@dataclass(slots=True)
class Result:
    """What came of a group."""

    title: str
    exit_code: int
    duration_s: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it ran something, and all of it passed."""
        return self.exit_code == 0 and self.failed == 0

    def row(self) -> str:
        """One line of the summary."""
        verdict = "ok" if self.is_good else f"FAILED (exit code {self.exit_code})"
        counts = f"{self.passed:5} passed {self.failed:3} failed {self.skipped:3} skipped"
        return f"{self.title:<30} {counts} {self.duration_s:7.1f} s   {verdict}"


def run(group: Group, options: list[str], scratch: Path) -> Result:
    """Run one group and read its counts."""
    begun = time.monotonic()
    home = scratch / f"g{len(list(scratch.iterdir()))}"  # short: Unix sockets lie below it
    home.mkdir()
    report = home / "report.xml"
    where = [f"tests/{folder}" for folder in group.folders if has_tests(folder)]
    options = [*options, *group.options, f"--junitxml={report}", f"--basetemp={home / 'b'}"]
    argv = [sys.executable, "-m", "pytest", *where, *options]
    env = dict(os.environ)
    if group.as_ordinary_user:
        argv = as_ordinary_user([*argv, "-p", "no:cacheprovider"], home=home, env={"TERM": env.get("TERM", "dumb")})
    print(f"\n===== {group.title}", flush=True)
    code = subprocess.run(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    result = Result(group.title, code, time.monotonic() - begun)
    if report.exists():
        count(report, result)
    return result


def count(report: Path, result: Result) -> None:
    """Read the counts from pytest's report."""
    for suite in ET.parse(report).iter("testsuite"):
        total = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = total["failures"] + total["errors"]
        result.failed += failed
        result.skipped += total["skipped"]
        result.passed += total["tests"] - failed - total["skipped"]


def has_tests(folder: str) -> bool:
    """Whether there is a test in a folder."""
    return any((ROOT / "tests" / folder).glob("test_*.py"))


def without_what_follows(group: Group, groups: list[Group]) -> Group:
    """A group of root's leaves to the ordinary user's run of the same tests those that are by_anyone."""
    again = any(other.as_ordinary_user and other.folders == group.folders for other in groups)
    if group.as_ordinary_user or not again:
        return group
    return replace(group, options=(*group.options, "-m", "not by_anyone"))


def machine_unchanged(before: Traces) -> Result:
    """Compare the machine with what it was before the first test."""
    left = left_after(before)
    if left:
        print("\nThe run left traces on the machine:", *left, sep="\n  ")
    return Result("the machine is as before", int(bool(left)), 0.0, passed=int(not left), failed=int(bool(left)))


def main() -> int:
    """Run what is asked for; 0 only if every test that ran has passed and the machine is as before."""
    parser = argparse.ArgumentParser(prog="./env/test", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only unit and course: pure, no world, no browser")
    parser.add_argument("--long", action="store_true", help="also what repeats for confidence")
    parser.add_argument("--kernels", action="store_true", help="boot the named kernels instead, and prove every claim")
    parser.add_argument("--only", default="", help="with --kernels: of these labs, and facts: 02,06,facts")
    parser.add_argument("--full", action="store_true", help="with --kernels: whole solutions")
    parser.add_argument("--record", action="store_true", help="with --kernels: keep the results, write the page")
    for kind in ASKED_FOR:
        parser.add_argument(f"--{kind}", action="store_true", help=f"instead: tests/{kind}")
    parser.add_argument("pytest", nargs="*", metavar="-- PYTEST ARGUMENT", help="run one pytest with these instead")
    asked = parser.parse_args()
    if asked.kernels:
        from kernels.run import Asked, main  # what it needs the other tests do not

        return main(
            Asked(
                tuple(asked.pytest),
                only=tuple(filter(None, asked.only.split(","))),
                full=asked.full,
                record=asked.record,
            )
        )
    options = ["--long"] if asked.long else []
    if asked.pytest:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *options, *asked.pytest], cwd=ROOT, check=False
        ).returncode

    is_root = os.geteuid() == 0
    chosen = tuple(Group(kind, (kind,), (f"--{kind}", "-s")) for kind in ASKED_FOR if getattr(asked, kind))
    usual = QUICK if asked.quick else QUICK + REST + (LONG if asked.long else ())
    wanted = chosen or usual
    groups = [group for group in wanted if any(map(has_tests, group.folders))]
    groups = [group for group in groups if (not group.by_anyone if is_root else not group.as_ordinary_user)]
    if not asked.long:
        groups = [without_what_follows(group, groups) for group in groups]
    if is_root:
        open_tree()
    # A shell that starts this in the background has ^C ignored, also by what the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    mark_this_process()
    scratch = Path(tempfile.mkdtemp(prefix="tcplab-test-", dir="/tmp"))
    scratch.chmod(0o755)
    own = scratch / "t"
    own.mkdir()
    tempfile.tempdir = str(own)
    try:
        before = traces()
        results = [run(group, options, scratch) for group in groups]
        results.append(machine_unchanged(before))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return summary(results)


def summary(results: list[Result]) -> int:
    """Print the closing lines and return the exit code."""
    print("\n===== summary", *(result.row() for result in results), sep="\n")
    passed, failed = (sum(getattr(each, name) for each in results) for name in ("passed", "failed"))
    broken = sum(not each.is_good and not each.failed for each in results)  # a group that could not run at all
    print(
        f"\nall: {passed} passed, {failed + broken} failed, {sum(each.skipped for each in results)} skipped", flush=True
    )
    return 0 if all(each.is_good for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
