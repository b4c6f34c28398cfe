"""`tcplab progress`: what is kept of your work, shown, exported or deleted."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tcplab.command.places import learners_folder
from tcplab.errors import SaveFailed, TcplabError
from tcplab.notebook.progress import course_map, recorded, standings
from tcplab.notebook.store import FILE, VERSION, delete, everything

Kept = Mapping[str, list[dict[str, Any]]]


def answer(asked: argparse.Namespace) -> int:
    """Show, export or delete what is kept beside the labs."""
    folder = learners_folder(asked.directory)
    if asked.delete:
        print(f"{folder / FILE} is deleted." if delete(folder) else f"There is nothing to delete in {folder}.")
        return 0
    kept = everything(folder)  # a file that cannot be read is no empty one
    if asked.export:
        _export(asked.export, kept)
    elif asked.json:
        print(json.dumps(_report(folder), ensure_ascii=False))
    else:
        print(course_map(recorded(folder)), "", _said(kept), sep="\n")
        print(f"It is kept in {folder / FILE}." if kept else f"Nothing is kept in {folder} yet.")
    return 0


def _export(target: Path, kept: Kept) -> None:
    """Write everything as JSON, into a new file or, for `-`, to the standard output."""
    text = json.dumps({"tcplab-progress": VERSION, **kept}, ensure_ascii=False, indent=1) + "\n"
    if str(target) == "-":
        print(text, end="")
        return
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise TcplabError(f"{target} is there already, and stays as it is. Name a file that is not.") from None
    except OSError as error:
        raise SaveFailed(target, error) from error
    print(f"{sum(map(len, kept.values()))} lines of what is kept are in {target}.")


def _report(folder: Path) -> dict[str, Any]:
    labs = standings(recorded(folder))
    return {
        "file": str(folder / FILE),
        "passed": sum(lab.passed for lab in labs),
        "exercises": sum(len(lab.outcomes) for lab in labs),
        "labs": [
            {"lab": lab.number, "title": lab.title, "outcomes": [str(outcome) for outcome in lab.outcomes]}
            for lab in labs
        ],
    }


def _said(kept: Kept) -> str:
    """Say in a line how much is kept beside what was passed."""
    counts = {
        name: len(kept.get(table, ())) for name, table in (("attempts", "attempt"), ("predictions", "prediction"))
    }
    hints = sum(row["hints"] for row in kept.get("exercise", ()))
    quiz = kept.get("quiz", ())
    right = sum(row["is_right"] for row in quiz)
    return (
        f"{counts['attempts']} attempts, {counts['predictions']} predictions, {hints} hints seen,"
        f" {right} of {len(quiz)} quiz answers right."
    )
