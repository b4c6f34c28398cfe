"""What a class has done, per learner and per exercise: as CSV, JSON, and one page of HTML that needs nothing else."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tcplab.checks import exercises
from tcplab.grading.supervisor import Graded
from tcplab.model.evidence import Outcome, Verdict

_NONE = Verdict(Outcome.NOT_ATTEMPTED, "No check of this exercise was reached.")
_MARKS = {"passed": "■", "not yet": "◧", "not attempted": "□"}
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; width: 100% }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8886; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
small { opacity: .75 }
"""


def rows(results: Sequence[Graded]) -> list[dict[str, object]]:
    """One row for each exercise of each notebook; of one that is none of ours a row that says why."""
    known = exercises()
    made: list[dict[str, object]] = []
    for one in results:
        for name in known.get(one.lab[:2], {}) or ("",):
            verdict = one.verdicts.get(name, _NONE)
            made.append(
                {
                    "learner": one.learner,
                    "file": one.file,
                    "lab": one.lab,
                    "exercise": name,
                    "points": int(verdict.passed),
                    "outcome": str(verdict.outcome),
                    "message": verdict.message if name else "",
                    "expected": verdict.expected,
                    "got": verdict.got,
                    "misconception": verdict.misconception,
                    "notes": " · ".join(one.notes),
                }
            )
    return made


def per_learner(made: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Points of each learner in each lab; of several notebooks of one lab the best of each exercise counts."""
    best: dict[tuple[str, str], dict[str, int]] = {}
    for row in made:
        points = best.setdefault((row["learner"], row["lab"]), {})
        if row["exercise"]:
            points[row["exercise"]] = max(points.get(row["exercise"], 0), row["points"])
    return [
        {"learner": learner, "lab": lab, "points": sum(points.values()), "of": len(points)}
        for (learner, lab), points in best.items()
    ]


def per_exercise(made: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """How each exercise stands in the class, and the wrong idea met most often."""
    asked = dict.fromkeys((row["lab"], row["exercise"]) for row in made if row["exercise"])
    found: list[dict[str, object]] = []
    for lab, name in asked:
        mine = [row for row in made if (row["lab"], row["exercise"]) == (lab, name)]
        counts = {str(outcome): sum(row["outcome"] == str(outcome) for row in mine) for outcome in Outcome}
        ideas = sorted(row["misconception"] for row in mine if row["misconception"])
        found.append({"lab": lab, "exercise": name, **counts, "most often": max(ideas, key=ideas.count, default="")})
    return sorted(found, key=lambda row: str(row["lab"]))


def written(results: Sequence[Graded], alike: Sequence[str], remarks: Sequence[str], folder: Path) -> dict[str, Any]:
    """Write all reports into a folder, and return what stands in the JSON. Nothing in them tells the time."""
    made = rows(results)
    tables = {"learners": per_learner(made), "exercises": per_exercise(made), "grades": made}
    whole = {**tables, "alike": list(alike), "remarks": list(remarks)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "grades.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(_csv(table), encoding="utf-8-sig")  # spreadsheets want the mark
    (folder / "grades.html").write_text(_page(whole), encoding="utf-8")
    return whole


def _csv(table: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    if table:
        writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _no_formula(value) for key, value in row.items()} for row in table)
    return text.getvalue()


def _no_formula(value: object) -> object:
    """A learner's words, which a spreadsheet shall not compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _page(whole: Mapping[str, Any]) -> str:
    grades = [
        {**row, "outcome": f"{_MARKS[row['outcome']]} {row['outcome']}"} for row in whole["grades"] if row["exercise"]
    ]
    strangers = [f"{row['learner']}, {row['file']}: {row['notes']}" for row in whole["grades"] if not row["exercise"]]
    parts = [
        _table("Learners", whole["learners"], ("learner", "lab", "points", "of")),
        _table("Exercises", whole["exercises"], ("lab", "exercise", *_MARKS, "most often")),
        _list("Alike", whole["alike"]),
        _list("Remarks", [*whole["remarks"], *strangers]),
        _table(
            "Every grade",
            grades,
            ("learner", "lab", "exercise", "outcome", "message", "expected", "got", "misconception", "notes"),
        ),
    ]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Grades</title><style>{_STYLE}</style>'
    return f"{head}<body><h1>Grades</h1>{''.join(parts)}</body></html>\n"


def _table(title: str, table: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    if not table:
        return ""
    heads = "".join(f'<th scope="col">{escape(name)}' for name in columns)
    body = "".join("<tr>" + "".join(_cell(row[name]) for name in columns) for row in table)
    return f"<h2>{title}</h2><table><thead><tr>{heads}<tbody>{body}</table>"


def _cell(value: object) -> str:
    return f'<td class="n">{value}' if isinstance(value, int) else f"<td>{escape(str(value))}"


def _list(title: str, said: Sequence[str]) -> str:
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(line)}' for line in said)}</ul>" if said else ""
