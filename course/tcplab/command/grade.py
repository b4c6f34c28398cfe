"""`tcplab grade`: a folder of submissions, each executed in a sandbox, and reports on them."""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tcplab.command.places import labs
from tcplab.errors import BadValue, TcplabError
from tcplab.grading.alike import alike
from tcplab.grading.handed_in import HandedIn, handed_in
from tcplab.grading.limits import MB, Limits
from tcplab.grading.reports import written
from tcplab.grading.sandbox import bubblewrap
from tcplab.grading.supervisor import Graded, Job, end_all, graded


def answer(asked: argparse.Namespace) -> int:
    """Grade a folder; 0 once the reports are written, however its learners did."""
    shipped = labs()
    if not shipped:
        raise TcplabError("This copy of tcplab has no labs in it. Make them: python course/make_labs.py")
    found, remarks = handed_in(asked.directory)
    limits = Limits(asked.cell_timeout, asked.timeout, memory_bytes=asked.memory * MB)
    jobs = [_job(one, str(shipped[0].path.parent), asked.seed, limits) for one in found]
    with _executor(asked.jobs, asked.dask) as executor:
        results = _results(executor, jobs)
    prints = {(one.learner, one.file): one.print for one in results}
    whole = written(results, alike(prints), remarks, asked.output)
    print(json.dumps(whole, ensure_ascii=False, indent=1) if asked.json else _said(whole, asked.output))
    return 0


def _job(one: HandedIn, folder: str, seed: str, limits: Limits) -> Job:
    with one.path.open("rb") as file:
        notebook = file.read(limits.notebook_bytes + 1)
    drawn_for = f"{seed}/{one.learner}" if seed else one.learner
    return Job(one.learner, one.file, notebook, folder, drawn_for, limits)


@contextmanager
def _executor(count: int, address: str | None) -> Iterator[Executor]:
    """Where submissions are executed: each has processes of its own, so here threads do, and on Dask its workers."""
    if address is None:
        bubblewrap()  # said at once, not once for each
        with ThreadPoolExecutor(count) as threads:
            yield threads
        return
    try:
        from distributed import Client  # type: ignore[import-not-found]  # an extra
    except ImportError:
        raise TcplabError('Dask is not installed here. Install it beside tcplab: pip install "tcplab[dask]"') from None
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise BadValue("--dask", address, f"the address of a scheduler, such as tcp://host:8786 ({error})") from None
    with client, client.get_executor(pure=False) as executor:
        yield executor


def _results(executor: Executor, jobs: list[Job]) -> list[Graded]:
    """Grade all, with a bar on a terminal, else a line each; in the order of the jobs."""
    waiting: dict[Future[Graded], int] = {executor.submit(graded, job): number for number, job in enumerate(jobs)}
    results: dict[int, Graded] = {}
    form = "{desc} {bar:24} {n_fmt}/{total_fmt}  {elapsed}"
    hidden = not sys.stderr.isatty()
    try:
        with tqdm(desc="graded", total=len(jobs), bar_format=form, disable=hidden) as bar:
            for future in as_completed(waiting):
                one = results[waiting[future]] = future.result()
                bar.update()
                if hidden:
                    passed = sum(verdict.passed for verdict in one.verdicts.values())
                    sys.stderr.write(f"{one.learner}, {one.file}: {passed} passed, {one.seconds:.1f} s\n")
    except BaseException:
        for future in waiting:
            future.cancel()
        end_all()
        raise
    return [results[number] for number in range(len(jobs))]


def _said(whole: dict[str, Any], folder: Path) -> str:
    width = max(len(row["learner"]) for row in whole["learners"])
    lines = [
        f"{row['learner']:<{width}}  {row['lab'] or 'none of our labs'}  {row['points']} of {row['of']}"
        for row in whole["learners"]
    ]
    for title in ("alike", "remarks"):
        lines += [f"{title}: {line}" for line in whole[title]]
    return "\n".join(
        [*lines, "", f"The reports are in {folder}: grades.html, .json, .csv; learners.csv, exercises.csv"]
    )
