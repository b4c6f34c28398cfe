"""nbgrader: a lab is released, handed in three times, autograded. In a .venv of its own, from env/'s pins."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from submissions import ROOT, answered, named

LAB = "00-the-server-is-well"
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
ASKED = ("refused_segments", "changed_where", "from_the_server")


def run(argv, cwd, **env):
    """Run a program to its end; what it said is shown where it failed."""
    done = subprocess.run(argv, check=False, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_a_released_lab_asks_for_points():
    """Each exercise is a solution, followed by a locked cell that is worth a point."""
    sys.path.insert(0, str(ROOT / "course"))
    from for_nbgrader import for_nbgrader

    made = for_nbgrader(json.loads((ROOT / "labs" / f"{LAB}.ipynb").read_text()))
    marks = [cell["metadata"]["nbgrader"] for cell in made["cells"] if "nbgrader" in cell["metadata"]]
    assert [mark["grade_id"] for mark in marks] == [each for name in ASKED for each in (name, f"{name}-points")]
    assert [mark.get("points") for mark in marks] == [None, 1] * len(ASKED)
    assert all(mark["solution"] is not mark["locked"] for mark in marks)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not UV.exists(), reason="./env/up has not unpacked uv here")
def test_untouched_wrong_and_right(tmp_path):
    """Untouched has no points, nor has a wrong answer; the solution has them all."""
    venv, python = tmp_path / "venv", str(tmp_path / "venv" / "bin" / "python")
    cache = str(ROOT / ".tools" / "cache" / "uv")
    pins = str(ROOT / "env" / "requirements-nbgrader.txt")
    run([UV, "venv", "--quiet", "--python", sys.executable, str(venv)], tmp_path, UV_CACHE_DIR=cache)
    installing = [UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", pins]
    run(installing, tmp_path, UV_CACHE_DIR=cache, UV_SYSTEM_CERTS="1")
    clean = {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "course")}
    clean |= {name: str(tmp_path / "jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}

    course = tmp_path / "class"
    run([sys.executable, str(ROOT / "course" / "make_labs.py"), "00", "--nbgrader", str(course)], tmp_path)
    grader = [python, "-m", "nbgrader"]
    run([*grader, "generate_assignment", LAB, "--create"], course, **clean)
    released = course / "release" / LAB / f"{LAB}.ipynb"

    right = json.loads((ROOT / "solutions" / f"{LAB}.ipynb").read_text())
    wrong = answered("00", refused_segments='refused_segments = 7\ncheck("refused_segments", refused_segments)')
    for learner, theirs in (("untouched", None), ("wrong", wrong), ("right", right)):
        path = course / "submitted" / learner / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True)
        shutil.copy(released, path)
        if theirs is not None:
            book = json.loads(path.read_text())
            for name in ASKED:
                named(book, name)["source"] = named(theirs, name)["source"]
            path.write_text(json.dumps(book))
    run([*grader, "autograde", LAB], course, **clean)
    asked = "import json; from nbgrader.api import Gradebook\n"
    asked += "with Gradebook('sqlite:///gradebook.db') as book:\n"
    asked += f"    each = book.assignment_submissions({LAB!r})\n"
    asked += "    print(json.dumps({one.student.id: [one.score, one.max_score] for one in each}))"
    scores = json.loads(run([python, "-c", asked], course, **clean))
    assert scores == {"untouched": [0, 3], "wrong": [0, 3], "right": [3, 3]}


def test_the_folder_holds_what_is_released(tmp_path):
    """One command makes nbgrader's source and its configuration."""
    run([sys.executable, str(ROOT / "course" / "make_labs.py"), "00", "--nbgrader", str(tmp_path)], ROOT)
    found = sorted(str(path.relative_to(tmp_path)) for path in Path(tmp_path).rglob("*.*"))
    assert found == ["nbgrader_config.py", f"source/{LAB}/{LAB}.ipynb"]
