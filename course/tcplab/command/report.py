"""A run as one page of HTML that needs nothing else: the machine, each lab with its time, each claim's verdict."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tcplab import __version__
from tcplab.command.claims import VERDICTS, Cell, Claim, Reason, cell, judged, ledger, said
from tcplab.command.execution import Job, Result
from tcplab.command.needs import Need
from tcplab.doctor.machine import checked_system
from tcplab.doctor.tools import TOOLS, checked_python, checked_tools
from tcplab.notebook.look import INTERFACE

_TEMPLATE = Path(__file__).with_name("report.html")
_TOOLS = ("ss", "nginx", "curl", "ab")


@dataclass(frozen=True, slots=True)
class Run:
    """What has been run: which notebooks with what result, in how many seconds, and so many at once.

    `claims` is the ledger, empty for labs that nobody has solved.
    """

    jobs: Sequence[Job]
    results: Sequence[Result]
    needs: Mapping[str, Need]
    claims: Sequence[Claim]
    seconds: float
    at_once: int


@dataclass(frozen=True, slots=True)
class LabShown:
    """A lab as the page shows it; of one that failed the cell with its source and its error."""

    result: Result
    title: str
    need: Need
    link: str
    source: str
    error: str


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim as the page shows it: its line of the ledger, its verdict and why, and the cells that bear it."""

    claim: Claim
    verdict: str
    reasons: Sequence[Reason]
    cells: Sequence[Cell]
    link: str


def page(run: Run, *, at: Path) -> str:
    """Return the whole page.

    Args:
        run: What it is about; its executed notebooks are read.
        at: Where the page will lie: its links to notebooks begin there.
    """
    from jinja2 import Environment, StrictUndefined

    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    links = {job.name: os.path.relpath(job.source, at.resolve().parent) for job in run.jobs}
    labs = [
        _lab(job, result, run.needs[job.name], links[job.name])
        for job, result in zip(run.jobs, run.results, strict=True)
    ]
    claims = _claims(run, links)
    verdicts = [each.verdict for each in claims]
    return template.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        run=run,
        labs=labs,
        passed=sum(result.passed for result in run.results),
        claims=claims,
        counts={verdict: verdicts.count(verdict) for verdict in (*VERDICTS, "not run") if verdict in verdicts},
        machine=machine(),
        themes={name: {key.replace(" ", "-"): hue for key, hue in hues.items()} for name, hues in INTERFACE.items()},
    )


def claims_of(jobs: Sequence[Job], table: Path) -> list[Claim]:
    """Return the claims of the ledger; where it is not installed those that cells bear, without a word."""
    if table.is_file():
        return ledger(table.read_text(encoding="utf-8"))
    borne = {claim: job.name[:2] for job in jobs for each in _codes(Path(job.source)) for claim in each.claims}
    return [Claim(claim, number, "", "") for claim, number in borne.items()]


def machine() -> dict[str, str]:
    """Return what the run was made on and with, in the words of doctor."""
    checks = [*checked_system(), checked_python(), *checked_tools(tools=tuple(t for t in TOOLS if t.name in _TOOLS))]
    cores = len(os.sched_getaffinity(0))
    return {
        "tcplab": __version__,
        **{check.name: check.seen.partition(" (")[0] for check in checks},
        "cores": str(cores),
    }


def _lab(job: Job, result: Result, need: Need, link: str) -> LabShown:
    cells = _cells(Path(job.source))
    title = next(("".join(each["source"]).partition("\n")[0] for each in cells if each["cell_type"] == "markdown"), "")
    source, error = result.source, result.error
    if result.cell:
        codes = [each for each in _cells(Path(job.output)) or cells if each["cell_type"] == "code"]
        failed = codes[result.cell - 1]
        source = "".join(failed["source"])
        error = next((said for said in map(_raised, failed["outputs"]) if said), error)
    return LabShown(result, title.removeprefix("# "), need, link, source, error)


def _claims(run: Run, links: Mapping[str, str]) -> list[ClaimShown]:
    """Judge the executed notebooks; a claim whose lab was not asked for is not run."""
    solutions = {job.name: _codes(Path(job.source)) for job in run.jobs if run.claims}
    stories = [
        _story(each) for job in run.jobs if run.claims for each in _cells(Path(job.output)) if _was_reached(each)
    ]
    verdicts, reached = judged(solutions.values(), stories), {story["cell"] for story in stories}
    shown = []
    for claim in run.claims:
        name = next((job.name for job in run.jobs if job.name.startswith(claim.lab)), "")
        bearing = [each for each in solutions.get(name, ()) if claim.id in each.claims]
        found = verdicts.get(claim.id)
        verdict, reasons = (found.verdict, found.reasons) if found else ("not run", ())
        telling = [reason for reason in reasons if reason.cell in reached] or reasons[:1]
        shown.append(ClaimShown(claim, verdict, telling, bearing, links.get(name, "")))
    return shown


def _was_reached(each: Mapping[str, Any]) -> bool:
    return each["cell_type"] == "code" and each["execution_count"] is not None


def _story(each: Mapping[str, Any]) -> dict[str, str]:
    raised = next((output for output in each["outputs"] if output["output_type"] == "error"), None)
    error = f"{raised['ename']}: {raised['evalue']}" if raised else ""
    return {"cell": each["id"], "said": said(each["outputs"]), "error": error}


def _raised(output: Mapping[str, Any]) -> str:
    return f"{output['ename']}: {output['evalue']}" if output["output_type"] == "error" else ""


def _codes(path: Path) -> list[Cell]:
    return [cell(each) for each in _cells(path) if each["cell_type"] == "code"]


def _cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook; none of one that was never written."""
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found
