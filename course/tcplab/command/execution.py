"""Execute one notebook with papermill, saying after each cell how far it is."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to execute: where it is read, written and run, its kernel's socket, its patience."""

    name: str
    source: str
    output: str
    folder: str
    socket: str
    cell_timeout_s: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A code cell begins: so many are done of how many, and what is known of the clock that a lab waits for.

    asleep: from here on until the next cell nothing of it runs; was_asleep: it did so until here, and asks for leave
    to go on.
    """

    done: int
    total: int
    asleep: bool = False
    was_asleep: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How one notebook went. error is empty where it passed; cell counts code cells from 1.

    begun_s is when it began, from the beginning of the run.
    """

    name: str
    seconds: float
    cell: int | None = None
    source: str = ""
    error: str = ""
    begun_s: float = 0.0

    @property
    def passed(self) -> bool:
        """Tell whether it ran from top to bottom."""
        return not self.error

    @property
    def verdict(self) -> str:
        """Say in words how it went."""
        if self.passed:
            return "passed"
        return f"failed in code cell {self.cell}" if self.cell else "failed"

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        times = {"seconds": round(self.seconds, 2), "begun_s": round(self.begun_s, 2)}
        return {**asdict(self), **times, "passed": self.passed}


def execute(job: Job, tell: Callable[[Progress], None]) -> Result:
    """Run a notebook from top to bottom.

    Args:
        job: Which, and where.
        tell: Called when a code cell begins; the cell waits until it returns.
    """
    import papermill
    from traitlets.config import Config

    under_way: list[int] = []  # the number of a code cell, once one has begun

    def begin(cell: int, progress: Progress) -> None:
        under_way[:] = [cell]
        tell(progress)

    _register(begin)
    sockets = Config({"KernelManager": {"transport": "ipc", "ip": f"{job.socket}-{job.name[:2]}"}})
    began = time.monotonic()
    try:
        papermill.execute_notebook(
            job.source,
            job.output,
            engine_name="tcplab",
            cwd=job.folder,
            progress_bar=False,
            start_timeout=60,
            execution_timeout=job.cell_timeout_s,
            config=sockets,
        )
    except Exception as error:  # noqa: BLE001 (whatever a notebook does is a verdict on it)
        return _failed(job, error, under_way, time.monotonic() - began)
    return Result(job.name, time.monotonic() - began)


def _register(begin: Callable[[int, Progress], None]) -> None:
    """Give papermill an engine that says which code cell begins: it has no other hook."""
    from papermill.engines import NBClientEngine, papermill_engines

    class Engine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            codes = [index for index, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"]
            asleep = ["asleep" in nb_man.nb.cells[index].metadata.get("tags", []) for index in codes]
            start = nb_man.cell_start

            def counted(cell: Any, cell_index: int | None = None, **more: Any) -> None:
                if cell_index in codes:
                    done = codes.index(cell_index)
                    begin(done + 1, Progress(done, len(codes), asleep[done], done > 0 and asleep[done - 1]))
                start(cell, cell_index, **more)

            nb_man.cell_start = counted
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register("tcplab", Engine)


def _failed(job: Job, error: Exception, under_way: list[int], seconds: float) -> Result:
    """Name the cell that failed: the one that holds an error, else (a timeout, a dead kernel) the one under way."""
    from nbclient.exceptions import CellTimeoutError

    cells = _code_cells(Path(job.output)) or _code_cells(Path(job.source))
    said = f"{type(error).__name__}: {_first_line(str(error))}"
    if isinstance(error, CellTimeoutError):
        # Its output holds the KeyboardInterrupt that ended it, which is not the reason.
        said = f"not within {job.cell_timeout_s} s; allow it more: --cell-timeout"
    else:
        for number, cell in enumerate(cells, start=1):
            for output in cell.outputs:
                if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                    raised = f"{output.ename}: {output.evalue}"
                    return Result(job.name, seconds, number, _first_line(cell.source), _first_line(raised))

    for number in under_way:
        return Result(job.name, seconds, number, _first_line(cells[number - 1].source), said)
    return Result(job.name, seconds, error=said)


def _code_cells(path: Path) -> list[Any]:
    import nbformat

    if not path.is_file():
        return []
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
