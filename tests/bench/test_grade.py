"""`tcplab grade` on sixty submissions, and on every lab: every score as expected, little slower than bare execution."""

import json
import subprocess
import sys
import time

import pytest
import submissions
from hostile import HARM, NONE_AT_ALL
from submissions import LEAVE_THE_ANSWERS, lab, named, solved_but, with_cell, written
from tcplab.checks import exercises

ASKED = {number: tuple(known) for number, known in exercises().items()}
ALL, NONE = "passed", "not attempted"
AFTER_HARM = {"endless, polite": ALL, "memory": ALL}  # the others end their kernel before the first exercise
WRONG = ("2", "-1", "'none'", "[0]", "None", "10**9", "True", "(1, 2)", "3.5", "'0'", "b''", "{}")
RUNS_BARE = 1.3


def _whole(number, outcome):
    return dict.fromkeys(ASKED[number], outcome)


def sixty():
    """Learner → their notebook's bytes, and what each exercise must come to; None for what is no notebook."""
    handed_in = {}
    for number, count in (("00", 8), ("01", 4)):
        for one in range(count):
            handed_in[f"right {number} {one}"] = (written(lab(number, solved=True)), _whole(number, ALL))
    for one, wrong in enumerate(WRONG):
        book = solved_but("00", "changed_where")
        source = f"refused_segments = {wrong}\ncheck('refused_segments', refused_segments)"
        named(book, "refused_segments")["source"] = source
        expected = _whole("00", ALL) | {"changed_where": NONE, "refused_segments": "not yet"}
        handed_in[f"wrong {one}"] = (written(book), expected)
    for number in ("00", "01"):
        names = ASKED[number]
        for left_out in ((), *((name,) for name in names), names):
            expected = _whole(number, ALL) | dict.fromkeys(left_out, NONE)
            learner = f"partly {number} without {'+'.join(left_out) or 'nothing'}"
            handed_in[learner] = (written(solved_but(number, *left_out)), expected)
    for mangle in LEAVE_THE_ANSWERS:
        handed_in[f"mangled {mangle.__name__}"] = (mangle(lab("00", solved=True)), _whole("00", ALL))
    for name, data in NONE_AT_ALL.items():
        handed_in[f"none {name}"] = (data, None)
    for name, source in HARM.items():
        book = with_cell(lab("00", solved=True), source)
        handed_in[f"harm {name}"] = (written(book), _whole("00", AFTER_HARM.get(name, NONE)))
    return handed_in


@pytest.mark.timeout(3000)
def test_sixty_submissions(tmp_path):
    """Right, wrong, partly right, mangled in twenty ways, harmful: each has the score that it deserves, twice."""
    handed_in = sixty()
    assert len(handed_in) >= 60
    for learner, (data, _) in handed_in.items():
        (tmp_path / "class" / learner).mkdir(parents=True)
        (tmp_path / "class" / learner / "notebook.ipynb").write_bytes(data)
    for out in ("first", "second"):
        words = [sys.executable, "-m", "tcplab", "grade", str(tmp_path / "class"), "--jobs", "2", "--json"]
        words += ["--output", str(tmp_path / out), "--cell-timeout", "20"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)["grades"]
        for learner, (_, expected) in handed_in.items():
            mine = [row for row in rows if row["learner"] == learner]
            got = {row["exercise"]: row["outcome"] for row in mine}
            assert got == (expected or {"": NONE}), (learner, mine)
    for name in ("grades.json", "grades.csv", "learners.csv", "exercises.csv", "grades.html"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


@pytest.mark.parametrize("number", ASKED)
@pytest.mark.timeout(1200)
def test_every_lab_can_be_graded(number, tmp_path):
    """Who has solved it, with what was drawn for them, has all points and no remark; who has done nothing has none."""
    for learner, solved in (("김민지", True), ("nobody yet", False)):
        (tmp_path / "class" / learner).mkdir(parents=True)
        (tmp_path / "class" / learner / "notebook.ipynb").write_bytes(written(lab(number, solved=solved)))
    words = [sys.executable, "-m", "tcplab", "grade", str(tmp_path / "class"), "--jobs", "1", "--json"]
    words += ["--output", str(tmp_path / "out")]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["grades"]
    if number == "12" and any("NotReady: A connection faster" in row["notes"] for row in rows):
        pytest.skip("This machine is too busy to send faster than the clock of first sequence numbers.")
    got = {(row["learner"], row["exercise"]): (row["outcome"], row["notes"]) for row in rows}
    assert got == {
        (learner, name): (outcome, "")
        for learner, outcome in (("김민지", ALL), ("nobody yet", NONE))
        for name in ASKED[number]
    }


_BARE = """
import sys, nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], 4), resources={"metadata": {"path": sys.argv[2]}}, timeout=120).execute()
"""


@pytest.mark.timeout(900)
def test_a_sandbox_costs_little(tmp_path):
    """Grading takes at most 1.3 times what the bare notebooks take, turn about."""
    from tcplab.grading.supervisor import Job, graded

    bare_s = graded_s = 0.0
    for number in ("00", "01", "00", "01", "00", "01"):
        (path,) = (submissions.ROOT / "solutions").glob(f"{number}-*.ipynb")
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", _BARE, str(path), str(tmp_path)], check=True, capture_output=True)
        bare_s += time.monotonic() - began
        result = graded(Job("Ada", path.name, path.read_bytes(), str(submissions.ROOT / "labs")))
        assert all(verdict.passed for verdict in result.verdicts.values()), result
        graded_s += result.seconds
    print(f"graded {graded_s:.1f} s, bare {bare_s:.1f} s: {graded_s / bare_s:.2f}")
    assert graded_s <= RUNS_BARE * bare_s
