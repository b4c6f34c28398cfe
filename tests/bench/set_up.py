"""./env/up in a fresh clone, and once more, beside the bare installation of the same packages."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from bench import peers
from bench.peers import ROOT
from bench.rows import Bound, Row, beside
from bench.scratch import scratch
from bench.side_by_side import Measured, Progress, side_by_side

ROUNDS = 5
OURS, BARE = "./env/up --no-lab", "uv venv, uv pip install"
FRESH, AGAIN = "in a fresh clone", "again"
BOUNDS = {FRESH: {BARE: Bound(1.2)}}
REASON = "tcplab itself is installed, too, and the doctor brings worlds up to see whether labs can run"
WITHIN_S = 1800


def folder() -> AbstractContextManager[Path]:
    """A folder beside uv's cache, so that what is cached is linked and not copied."""
    return scratch(ROOT / ".tools")


def cache() -> Path:
    """What uv has fetched so far: both sides install from it, as it is."""
    return ROOT / ".tools" / "cache" / "uv"


def ours() -> Measured:
    """Set up, from the first command after `git clone`, and again when all is there."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with folder() as at:
        clone = at / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True, timeout=WITHIN_S)
        (clone / ".tools" / "cache").mkdir(parents=True)
        (clone / ".tools" / "cache" / "uv").symlink_to(cache())
        taken = []
        for _ in range(2):
            begun = time.perf_counter()
            subprocess.run([clone / "env/up", "--no-lab"], check=True, stdout=sys.stderr, env=env, timeout=WITHIN_S)
            taken.append(time.perf_counter() - begun)
    return dict(zip((FRESH, AGAIN), taken, strict=True))


def bare() -> Measured:
    """The same pins by the same installer, which is fetched as ./env/up fetches it; with bytecode, as pip leaves it."""
    with peers.set_up():
        from installer import environment, mirror, pip  # type: ignore[import-not-found]
        from place import PINS  # type: ignore[import-not-found]

        env = environment() | mirror() | {"UV_COMPILE_BYTECODE": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        installer = pip()
    with folder() as at:
        uv, venv = at / "uv", at / "venv"
        fetch = [*installer, "install", "--quiet", "--require-hashes", "--no-deps", "--cache-dir", at / "pip"]
        install = [uv / "bin/uv", "pip", "install", "--quiet", "--python", venv, "--require-hashes"]
        steps = (
            [*fetch, "--target", uv, "-r", PINS / "requirements-uv.txt"],
            [uv / "bin/uv", "venv", "--quiet", venv],
            [*install, *(word for name in ("", "-build") for word in ("-r", PINS / f"requirements{name}.txt"))],
        )
        begun = time.perf_counter()
        for argv in steps:
            subprocess.run(argv, check=True, stdout=sys.stderr, env=env, timeout=WITHIN_S)
        there = time.perf_counter()
        subprocess.run(steps[-1], check=True, stdout=sys.stderr, env=env, timeout=WITHIN_S)
        return {FRESH: there - begun, AGAIN: time.perf_counter() - there}


def measured(rounds: int, progress: Progress) -> Iterator[Row]:
    """Seconds, with uv's cache as it is."""
    found = side_by_side({OURS: ours, BARE: bare}, rounds, warm=False, progress=progress)
    for what, values in found.items():
        yield from beside("set-up", what, "s", values, bounds=BOUNDS.get(what), reasons={BARE: REASON})
