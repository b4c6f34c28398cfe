"""kill -9 while progress is written: the file is whole, and what was kept before the last answer is there."""

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

from tcplab.notebook.kept import attempts
from tcplab.notebook.store import FILE

# For each line that it reads: a process that keeps attempts until it is killed, and says each number after it is kept.
WRITERS = """
import os, sys
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook.kept import keep_attempt
for name in sys.stdin:
    if pid := os.fork():
        os.waitpid(pid, 0)
        os.write(1, b"gone\\n")
        continue
    os.write(1, f"{os.getpid()}\\n".encode())
    for number in range(10_000):
        keep_attempt(name.strip(), Verdict(Outcome.NOT_YET, "."), number)
        os.write(1, f"{number}\\n".encode())
"""
SLOWEST_MS = 12
"""Later than this after an answer, nobody is killed: by then the next one is kept, or soon."""


def test_killed_while_it_is_written(tmp_path, request):
    """Every answer that was said to be kept is there, at most one more is, and the file is whole."""
    times = 200 if request.config.getoption("--long") else 12
    moment, cut = random.Random(times), 0
    argv = [sys.executable, "-c", WRITERS]
    with subprocess.Popen(argv, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as writers:
        for turn in range(times):
            kept = killed(writers, f"turn_{turn}", moment)
            cut += (tmp_path / f"{FILE}-journal").exists()
            found = [attempt.answer for attempt in attempts(f"turn_{turn}", folder=tmp_path)]
            assert found[: kept + 1] == [str(number) for number in range(kept + 1)]
            assert len(found) <= kept + 2
            with closing(sqlite3.connect(tmp_path / FILE)) as file:
                assert file.execute("pragma integrity_check").fetchall() == [("ok",)]
        writers.stdin.close()
    assert len(attempts("turn_0", folder=tmp_path)) >= 1
    print(f"{times} times killed, {cut} times in the midst of a change")


def killed(writers: "subprocess.Popen[bytes]", name: str, moment: random.Random) -> int:
    """Kill a writer at some moment after its first answers; return the last number that it said was kept."""
    assert writers.stdin
    assert writers.stdout
    writers.stdin.write(f"{name}\n".encode())
    pid, last = int(writers.stdout.readline()), -1
    for _ in range(moment.randint(1, 3)):
        last = int(writers.stdout.readline())
    select.select([], [], [], moment.uniform(0, SLOWEST_MS) / 1000)
    os.kill(pid, signal.SIGKILL)
    while (said := writers.stdout.readline()) != b"gone\n":
        last = int(said)
    return last
