"""Execute several notebooks at once, each in a worker process, with a bar for each while it runs."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tcplab.command.execution import Job, Result, execute

ENDING_S = 10


def executed(jobs: list[Job], *, at_once: int, scratch: Path) -> list[Result]:
    """Return one result a job, in the order of the jobs.

    Args:
        jobs: What to execute.
        at_once: How many at a time.
        scratch: Where all temporary files go. An interrupt ends all workers and their kernels.
    """
    waiting = list(reversed(jobs))
    results: dict[str, Result] = {}
    with _workers(at_once, scratch) as workers:
        busy: dict[Connection, Shown] = {}
        for line, channel in enumerate(workers):
            _next(channel, waiting, busy, line)
        while busy:
            ready = wait(list(busy))
            for channel in [channel for channel in busy if channel in ready]:
                shown = busy[channel]
                result = _heard(channel, shown)
                if result is None:
                    continue
                results[result.name] = result
                shown.end(result)
                del busy[channel]
                if not channel.closed:
                    _next(channel, waiting, busy, shown.line)
    for job in waiting:
        results[job.name] = Result(job.name, 0.0, error="It was not run: the processes for it had ended")
    return [results[job.name] for job in jobs]


class Shown:
    """What is seen of one running notebook: a bar on a terminal, else a line when it ends."""

    def __init__(self, job: Job, line: int) -> None:
        self.job, self.line = job, line
        self._bar: Any = None
        if sys.stderr.isatty():
            form = "{desc} {bar:24} {n_fmt}/{total_fmt} cells  {elapsed}"
            self._bar = tqdm(desc=job.name, total=None, position=line, leave=False, bar_format=form)

    def progress(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.total, self._bar.n = total, done
            self._bar.refresh()

    def end(self, result: Result) -> None:
        """Take the bar away; without one, say how it ended."""
        if self._bar is not None:
            self._bar.close()
        else:
            sys.stderr.write(f"{result.name}  {result.seconds:.1f} s  {result.verdict}\n")


def _next(channel: Connection, waiting: list[Job], busy: dict[Connection, Shown], line: int) -> None:
    if waiting:
        job = waiting.pop()
        with contextlib.suppress(BrokenPipeError):  # it has ended: the end is what will be heard of it
            channel.send(job)
        busy[channel] = Shown(job, line)


def _heard(channel: Connection, shown: Shown) -> Result | None:
    """Return the result if it is one; progress is shown at once."""
    try:
        said = channel.recv()
    except (EOFError, ConnectionResetError):
        channel.close()
        return Result(shown.job.name, 0.0, error="The process that executed it ended unexpectedly")
    if isinstance(said, Result):
        return said
    shown.progress(*said)
    return None


@contextlib.contextmanager
def _workers(count: int, scratch: Path) -> Iterator[dict[Connection, SpawnProcess]]:
    context = multiprocessing.get_context("spawn")
    workers: dict[Connection, SpawnProcess] = {}
    try:
        for _ in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, scratch))
            process.start()
            theirs.close()
            workers[mine] = process
        yield workers
    finally:
        for channel, process in workers.items():
            channel.close()
            process.terminate()  # nbclient takes its kernel along; a kernel also ends with its parent
        for process in workers.values():
            process.join(ENDING_S)
            if process.is_alive():
                process.kill()
                process.join()


def _work(channel: Connection, scratch: Path) -> None:
    """Execute what comes, until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the parent, which ends us
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    while True:
        try:
            job = channel.recv()
        except EOFError:
            return
        try:
            channel.send(execute(job, lambda done, total: channel.send((done, total))))
        except BrokenPipeError:
            return  # nobody waits for it any more


def _end_with_parent(scratch: Path) -> None:
    """End when the command does, with our kernel, and clean up where it could not (kill -9)."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended by itself
            for kernel in (task / "children").read_text().split():
                os.kill(int(kernel), signal.SIGKILL)
    # Another worker's kernel may be writing for a moment yet.
    pause, deadline = threading.Event(), time.monotonic() + ENDING_S
    while scratch.exists() and time.monotonic() < deadline:
        shutil.rmtree(scratch, ignore_errors=True)
        pause.wait(0.05)
    os._exit(1)
