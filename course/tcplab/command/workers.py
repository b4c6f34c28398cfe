"""Execute several notebooks at once, each in a worker process, with a bar for each while it runs."""

import multiprocessing
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from tqdm import tqdm

from tcplab.command.execution import Job, Result, execute

ENDING_S = 10


def executed(jobs: list[Job], *, at_once: int) -> list[Result]:
    """Return one result a job, in the order of the jobs. An interrupt ends all workers and their kernels."""
    waiting = list(reversed(jobs))
    results: dict[str, Result] = {}
    with _workers(at_once) as workers:
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
                if not workers[channel].is_alive():
                    continue
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
            self._bar = tqdm(desc=job.name, total=1, position=line, leave=False, bar_format=form)

    def progress(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.total, self._bar.n = total, done
            self._bar.refresh()

    def end(self, result: Result) -> None:
        """Take the bar away, and leave one line."""
        if self._bar is not None:
            self._bar.close()
        tqdm.write(f"{result.name}  {result.seconds:.1f} s  {result.verdict}", file=sys.stderr)


def _next(channel: Connection, waiting: list[Job], busy: dict[Connection, Shown], line: int) -> None:
    if waiting:
        job = waiting.pop()
        channel.send(job)
        busy[channel] = Shown(job, line)


def _heard(channel: Connection, shown: Shown) -> Result | None:
    """Return the result if it is one; progress is shown at once."""
    try:
        said = channel.recv()
    except (EOFError, ConnectionResetError):
        return Result(shown.job.name, 0.0, error="The process that executed it ended unexpectedly")
    if isinstance(said, Result):
        return said
    shown.progress(*said)
    return None


@contextmanager
def _workers(count: int) -> Iterator[dict[Connection, SpawnProcess]]:
    context = multiprocessing.get_context("spawn")
    workers: dict[Connection, SpawnProcess] = {}
    try:
        for _ in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs,))
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


def _work(channel: Connection) -> None:
    """Execute what comes, until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the parent, which ends us
    while True:
        try:
            job = channel.recv()
        except EOFError:
            return
        try:
            channel.send(execute(job, lambda done, total: channel.send((done, total))))
        except BrokenPipeError:
            return  # nobody waits for it any more
