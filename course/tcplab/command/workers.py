"""Execute several notebooks at once, each in a worker process, in the order that a schedule gives."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from tcplab.command.execution import Job, Progress, Result, execute
from tcplab.command.needs import Need
from tcplab.command.schedule import Schedule
from tcplab.command.shown import Shown

ENDING_S = 10
TICK_S = 1.0


def executed(
    jobs: Sequence[Job], needs: Mapping[str, Need], *, at_once: int, scratch: Path
) -> Generator[Result, None, None]:
    """Yield one result a job, as they end.

    Args:
        jobs: What to execute.
        needs: What each of them needs, by its name: it decides which begin when.
        at_once: How many at a time.
        scratch: Where all temporary files go. An interrupt ends all workers and their kernels.
    """
    schedule, by_name, begun = Schedule(needs, at_once=at_once), {job.name: job for job in jobs}, time.monotonic()
    shown = Shown(needs, schedule)
    with contextlib.closing(shown), _workers(at_once, scratch) as workers:
        idle, busy = list(workers), dict[Connection, tuple[str, float]]()
        while True:
            while idle and (name := schedule.begun()) is not None:
                channel = idle.pop(0)
                _send(channel, by_name[name])
                busy[channel] = name, time.monotonic() - begun
                shown.begin(name)
            if not busy:
                break
            for channel in _ready(busy):
                name, begun_s = busy[channel]
                said = _heard(channel, name)
                if isinstance(said, Progress):
                    _note(schedule, name, said)
                    shown.progress(name, said)
                    continue
                schedule.ended(name)
                shown.end(said)
                del busy[channel]
                if not channel.closed:
                    idle.append(channel)
                yield replace(said, begun_s=begun_s)
            while (name := schedule.woken()) is not None:
                _send(next(channel for channel in busy if busy[channel][0] == name), "go on")
            shown.tick()
    for name in schedule.waiting:
        yield Result(name, 0.0, error="It was not run: the processes for it had ended")


def _note(schedule: Schedule, name: str, said: Progress) -> None:
    """Let the schedule know what it plans with."""
    if said.was_asleep:
        schedule.called(name)
    if said.asleep:
        schedule.fell_asleep(name)


def _ready(busy: Iterable[Connection]) -> list[Connection]:
    """Wait a moment for what is said; in the order in which they began."""
    channels = list(busy)
    ready = wait(channels, TICK_S)
    return [channel for channel in channels if channel in ready]


def _send(channel: Connection, what: object) -> None:
    with contextlib.suppress(BrokenPipeError):  # it has ended: the end is what will be heard of it
        channel.send(what)


def _heard(channel: Connection, name: str) -> Progress | Result:
    try:
        said: Progress | Result = channel.recv()
    except (EOFError, ConnectionResetError):
        channel.close()
        return Result(name, 0.0, error="The process that executed it ended unexpectedly")
    return said


@contextlib.contextmanager
def _workers(count: int, scratch: Path) -> Iterator[dict[Connection, SpawnProcess]]:
    context = multiprocessing.get_context("spawn")
    resource_tracker.ensure_running()  # what starts it lets interrupts through again
    workers: dict[Connection, SpawnProcess] = {}
    try:
        for _ in range(count):
            with _interrupts_later():
                mine, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs, scratch))
                process.start()
                theirs.close()
                workers[mine] = process
        yield workers
    finally:
        with _interrupts_later():
            for channel, process in workers.items():
                channel.close()
                process.terminate()  # it takes its kernel along
            for process in workers.values():
                process.join(ENDING_S)
                if process.is_alive():
                    process.kill()
                    process.join()


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Let ^C come when this is done; a process that starts meanwhile has it held back, too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(channel: Connection, scratch: Path) -> None:
    """Execute what comes, until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the parent, which ends us
    signal.signal(signal.SIGTERM, _end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # a kernel is interrupted where a cell takes too long
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    while True:
        try:
            job = channel.recv()
        except EOFError:
            return
        try:
            channel.send(execute(job, lambda progress: _tell(channel, progress)))
        except BrokenPipeError:
            return  # nobody waits for it any more


def _tell(channel: Connection, progress: Progress) -> None:
    """Say how far it is, and wait for leave where it is asked for."""
    channel.send(progress)
    if progress.was_asleep:
        channel.recv()


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End at once, but not before our kernel: it would live on for a second, and complain."""
    _end_kernels()
    os._exit(1)


def _end_kernels() -> None:
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended by itself
            for kernel in (task / "children").read_text().split():
                os.kill(int(kernel), signal.SIGKILL)


def _end_with_parent(scratch: Path) -> None:
    """End when the command does, with our kernel, and clean up where it could not (kill -9)."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    _end_kernels()
    # Another worker's kernel may be writing for a moment yet.
    pause, deadline = threading.Event(), time.monotonic() + ENDING_S
    while scratch.exists() and time.monotonic() < deadline:
        shutil.rmtree(scratch, ignore_errors=True)
        pause.wait(0.05)
    os._exit(1)
