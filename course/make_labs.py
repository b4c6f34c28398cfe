"""Make labs/ and solutions/ from course/chapters/: `python course/make_labs.py`. The format: chapter.py.

labs/NN-slug.ipynb       solutions cut, no outputs: what a learner opens
solutions/NN-slug.ipynb  solved and executed: what a reader on the web sees, and what nbval compares
--html DIR               the solutions as pages for a browser that has no Jupyter and no network

Both are the same bytes whoever makes them, outputs of the kernel aside: cell ids come from slug and ordinal, and no
timestamp, widget state or interpreter version is kept.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from chapter import Cell, ChapterError, read
from for_nbgrader import CONFIG, for_nbgrader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).resolve().parent
CELL_TIMEOUT_S = 90
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def claims(table: Path = HERE / "claims.md") -> dict[str, str]:
    """Which lab shows which claim: "S5" → "03", as the table in claims.md says."""
    rows = (line.split("|") for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    return {row[1].strip(): row[2].strip() for row in rows if row[2].strip().isdigit()}


def notebook(slug: str, cells: Sequence[Cell], *, solved: bool) -> dict[str, Any]:
    """The notebook of a chapter, as the JSON of its file; `solved` says for which of the two trees."""
    made: list[dict[str, Any]] = []
    for ordinal, cell in enumerate(cells, start=1):
        if "solution" in cell.tags and not solved:
            continue
        extra = {key: value for key, value in (("name", cell.name), ("reason", cell.reason)) if value}
        metadata = ({"tags": list(cell.tags)} if cell.tags else {}) | ({"tcplab": extra} if extra else {})
        source = cell.solved if solved else cell.open
        made.append(
            {"cell_type": cell.kind}
            | ({"execution_count": None} if cell.kind == "code" else {})
            | {"id": f"{slug[:55]}-{ordinal:03}", "metadata": metadata}
            | ({"outputs": []} if cell.kind == "code" else {})
            | {"source": source.splitlines(keepends=True)}
        )
    return {"cells": made, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def written(made: dict[str, Any]) -> str:
    """The text of a notebook's file."""
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def executed(made: dict[str, Any], slug: str) -> dict[str, Any]:
    """Run a notebook from top to bottom in a scratch directory; what comes back holds its outputs."""
    book = nbformat.reads(written(made), as_version=4)
    shown = sys.stderr.isatty()

    def say(cell: Any, cell_index: int) -> None:  # noqa: ARG001 (nbclient's names)
        if shown:
            print(f"\r{slug}: cell {cell_index + 1} of {len(book.cells)} ", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="labs-") as scratch:
        client = NotebookClient(
            book,
            timeout=CELL_TIMEOUT_S,
            kernel_name=KERNEL["name"],
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": scratch}},
            on_cell_start=say,
        )
        client.create_kernel_manager()
        client.km.transport, client.km.ip = "ipc", f"{scratch}/k"
        client.execute(env=os.environ | {"TCPLAB_SEED": ""})  # what is drawn for nobody is the same everywhere
    if shown:
        print("\r\033[K", end="", file=sys.stderr)
    book.metadata = {"kernelspec": KERNEL}
    for cell, source in zip(book.cells, made["cells"], strict=True):
        cell.metadata = source["metadata"]
        if cell.cell_type == "code":
            cell.outputs = _tidied(cell.outputs)
    done: dict[str, Any] = json.loads(nbformat.writes(book))
    return done


def _tidied(outputs: list[Any]) -> list[Any]:
    """Join what was printed in pieces, whose cuts are chance, and leave out what lives in a browser only."""
    tidied: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and tidied and tidied[-1].get("name") == output.name:
            tidied[-1].text += output.text
            continue
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
        tidied.append(output)
    return tidied


def differences(path: Path, made: dict[str, Any], *, outputs: bool) -> list[str]:
    """How a stored notebook differs from what its chapter makes; with outputs=True byte for byte."""
    if not path.exists():
        return [f"{path.parent.name}/{path.name} is missing."]
    text = path.read_text(encoding="utf-8")
    if outputs:
        return [] if text == written(made) else [f"{path.parent.name}/{path.name} is not what its chapter makes."]
    stored = json.loads(text)
    for cell in stored["cells"]:
        if cell["cell_type"] == "code":
            if cell["execution_count"] is None:
                return [f"{path.parent.name}/{path.name}: {cell['id']} was not executed."]
            cell["execution_count"], cell["outputs"] = None, []
    return [] if stored == made else [f"{path.parent.name}/{path.name}: source or metadata differ from its chapter."]


def main(argv: Sequence[str] | None = None) -> int:
    """The command line: 0 done, 1 a chapter, a cell or a check failed, 2 asked wrongly."""
    asked = argparse.ArgumentParser(description="Make labs/ and solutions/ from course/chapters/.")
    asked.add_argument("name", nargs="*", help="chapters: 01, or 01-what-crosses-the-wire (default: all)")
    asked.add_argument("--check", action="store_true", help="write nothing; exit 1 if a notebook is not what is made")
    asked.add_argument("--labs-only", action="store_true", help="make labs/ only, which executes nothing")
    asked.add_argument("--html", metavar="DIR", type=Path, help="make nothing else than pages of solutions/, in DIR")
    asked.add_argument("--nbgrader", type=Path, metavar="DIR", help="make labs for nbgrader there, and nothing else")
    asked.add_argument("--root", type=Path, default=HERE.parent, help=argparse.SUPPRESS)
    said = asked.parse_args(argv)

    chapters = sorted((said.root / "course" / "chapters").glob("[0-9][0-9]-*.md"))
    if unknown := [n for n in said.name if not any(c.stem == n or c.stem[:2] == n for c in chapters)]:
        asked.error(f"no chapter {', '.join(unknown)}. There are: {', '.join(c.stem for c in chapters)}")
    chosen = [c for c in chapters if not said.name or c.stem in said.name or c.stem[:2] in said.name]

    if said.html:
        import pages  # nbconvert is slow to import

        made = pages.write([said.root / "solutions" / f"{chapter.stem}.ipynb" for chapter in chosen], said.html)
        print(f"{len(made)} pages, the first is {said.html / 'index.html'}")
        return 0

    faults: list[str] = []
    for chapter in chosen:
        try:
            if said.nbgrader:
                _make_for_nbgrader(chapter, said.nbgrader)
                continue
            faults += _make(chapter, said.root, check=said.check, labs_only=said.labs_only)
        except (ChapterError, CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            faults.append(f"{chapter.name}: {error}" if not isinstance(error, ChapterError) else str(error))
    if not said.name and not said.nbgrader:
        stems = {chapter.stem for chapter in chapters}
        faults += [
            f"{path.parent.name}/{path.name} has no chapter. Remove it, or write course/chapters/{path.stem}.md."
            for tree in ("labs", "solutions")
            for path in sorted((said.root / tree).glob("*.ipynb"))
            if path.stem not in stems
        ]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults and said.check:
        print("Make them again: python course/make_labs.py", file=sys.stderr)
    return 1 if faults else 0


def _make(chapter: Path, root: Path, *, check: bool, labs_only: bool) -> list[str]:
    cells = read(chapter, frozenset(claims()))
    name = f"{chapter.stem}.ipynb"
    lab, solution = (notebook(chapter.stem, cells, solved=solved) for solved in (False, True))
    if check:
        return differences(root / "labs" / name, lab, outputs=True) + (
            [] if labs_only else differences(root / "solutions" / name, solution, outputs=False)
        )
    (root / "labs").mkdir(exist_ok=True)
    (root / "labs" / name).write_text(written(lab), encoding="utf-8")
    print(f"labs/{name}: {len(lab['cells'])} cells")
    if not labs_only:
        began = time.monotonic()
        text = written(executed(solution, chapter.stem))
        (root / "solutions").mkdir(exist_ok=True)
        (root / "solutions" / name).write_text(text, encoding="utf-8")
        print(f"solutions/{name}: {len(solution['cells'])} cells, executed in {time.monotonic() - began:.1f} s")
    return []


def _make_for_nbgrader(chapter: Path, folder: Path) -> None:
    lab = notebook(chapter.stem, read(chapter, frozenset(claims())), solved=False)
    path = folder / "source" / chapter.stem / f"{chapter.stem}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(for_nbgrader(lab)), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    print(f"{path}: {len(lab['cells'])} cells")


if __name__ == "__main__":
    sys.exit(main())
