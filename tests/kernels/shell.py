"""Inside a guest: execute a lab's cells as a notebook would, without Jupyter, whose start costs seconds when emulated.

Each lab is a process of its own, forked from one that has imported everything. What it does is told line by line.
"""

import contextlib
import io
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from kernels.plan import Lab
from traitlets.config import Config

CELL_S = 600  # emulated, and beside others


class _Value(DisplayHook):
    """A cell's value goes where its prints go."""

    def write_output_prompt(self) -> None:
        """Print no `Out[1]:`."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        print(format_dict["text/plain"])


class _Shown(DisplayPublisher):
    """So does what is displayed, but for pictures."""

    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        if not any(kind.startswith("image/") for kind in data):
            print(data.get("text/plain", ""))


class _Shell(InteractiveShell):
    display_pub_class = _Shown
    displayhook_class = _Value

    def enable_gui(self, gui: Any = None) -> None:
        """There is none."""


class _TooLong(Exception):
    """A cell was not done in time."""


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong(f"not within {CELL_S} s")


def execute(lab: Lab, folder: Path, tell: IO[str]) -> bool:
    """Run a lab's cells in order, each cell's story as one line of JSON; false after one that raised.

    Args:
        folder: where the lab's own files go
        tell: gets `{"cell": id, "said": …, "error": …, "seconds": …}`
    """
    folder.mkdir(parents=True)
    os.chdir(folder)
    signal.signal(signal.SIGALRM, _too_long)
    shell = _Shell(config=Config({"HistoryManager": {"enabled": False}}))
    for cell in lab.cells:
        begun = time.monotonic()
        with _captured() as output:
            signal.alarm(CELL_S)
            result = shell.run_cell(cell.source, store_history=True)
            signal.alarm(0)
        error = result.error_before_exec or result.error_in_exec
        story = {
            "lab": lab.name,
            "cell": cell.id,
            "said": output.getvalue(),
            "error": "" if error is None else f"{type(error).__name__}: {error}",
            "where": "" if error is None else _where(error),
            "seconds": round(time.monotonic() - begun, 2),
        }
        tell.write(json.dumps(story) + "\n")
        tell.flush()
        if error is not None and not cell.may_raise:
            return False
    shell.run_cell("bed.down()", silent=True)
    return True


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        yield output


def _where(error: BaseException) -> str:
    """The lines that led there, of the course's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def forked(task: Callable[[], object]) -> int:
    """Do something in a child, whose exit code is 0 unless it raises or returns False; the child's pid."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = int(task() is False)
        except BaseException:  # noqa: BLE001 (a child must not go on in its parent's code)
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid
