"""A lab as nbgrader wants it: its metadata derived from our tags. `python course/make_labs.py --nbgrader DIR`.

An exercise's cell becomes a solution; after it comes a locked cell that evaluates to its points: 1 where the last check
has passed, else 0. (One that neither raised nor returned a number would score in full.) The stubs are ours already, so
nbgrader is told to leave them; it would put one of its own in place of each.
"""

from typing import Any

CONFIG = '''"""nbgrader for the labs of tcplab; made by course/make_labs.py --nbgrader."""

c = get_config()  # noqa: F821 (nbgrader gives it)
c.CourseDirectory.course_id = "tcplab"
c.ExecutePreprocessor.timeout = 120
# ClearSolutions is left out: the labs have their stubs.
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in ("LockCells", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "SaveCells", "CheckCellMetadata")
]
'''
_SCHEMA = {"schema_version": 3, "task": False}


def for_nbgrader(lab: dict[str, Any]) -> dict[str, Any]:
    """The same notebook with nbgrader's metadata, and a cell of points for each exercise."""
    cells: list[dict[str, Any]] = []
    for cell in lab["cells"]:
        metadata = cell["metadata"]
        if "exercise" not in metadata.get("tags", []):
            cells.append(cell)
            continue
        name = metadata["tcplab"]["name"]
        answer = _SCHEMA | {"grade": False, "grade_id": name, "locked": False, "solution": True}
        graded = _SCHEMA | {"grade": True, "grade_id": f"{name}-points", "locked": True, "solution": False, "points": 1}
        source = ["from tcplab.notebook.exercise import points\n", f'points("{name}")']
        cells += [
            {**cell, "metadata": {**metadata, "nbgrader": answer}},
            {**cell, "id": f"{cell['id']}-points", "metadata": {"nbgrader": graded}, "source": source},
        ]
    return {**lab, "cells": cells}
