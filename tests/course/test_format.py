"""make_labs.py on a miniature course: what becomes of a chapter, and what each mistake is told."""

import json
import shutil
from pathlib import Path

import pytest
from chapter import ChapterError, read
from make_labs import main, notebook, written

CLAIMS = frozenset({"S1"})
CHAPTER = """\
# What is one and one?

Prose, with a fence that is no cell:

```text
1 + 1
```

---

## Predict

<details><summary>Hint</summary>

```python
count(fingers)
```

</details>

```python tags="exercise claim-S1" name="sum"
### BEGIN SOLUTION
answer = 2  # a number
### END SOLUTION
print(answer)
```

```python tags="solution"
"whole cell"
```

```python
### BEGIN SOLUTION
predict("side", "client")  # "client" or "server"
### END SOLUTION
for side in "left", "right":
    ### BEGIN SOLUTION
    print(side)
    ### END SOLUTION
```
"""


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """The miniature chapter, in a miniature course."""
    path = tmp_path / "course" / "chapters" / "00-sum.md"
    path.parent.mkdir(parents=True)
    path.write_text(CHAPTER)
    return path


def test_cells_of_a_chapter(chapter):
    """Fences of python are code, the rest is text, `---` parts text, a fold is text whatever is in it."""
    cells = read(chapter, CLAIMS)
    assert [cell.kind for cell in cells] == ["markdown", "markdown", "code", "code", "code"]
    assert cells[1].tags == ("hint",)
    assert (cells[2].tags, cells[2].name) == (("exercise", "claim-S1"), "sum")
    assert cells[0].source.startswith("# What")
    assert "---" not in cells[0].source + cells[1].source


def test_lab_and_solution(chapter):
    """The lab has its solutions cut and named, the solution has them without the markers; ids agree."""
    cells = read(chapter, CLAIMS)
    lab = {cell["id"]: "".join(cell["source"]) for cell in notebook("00-sum", cells, solved=False)["cells"]}
    solution = {cell["id"]: "".join(cell["source"]) for cell in notebook("00-sum", cells, solved=True)["cells"]}
    assert lab["00-sum-003"] == "answer = ...  # your turn: a number\nprint(answer)"
    assert solution["00-sum-003"] == "answer = 2  # a number\nprint(answer)"
    assert lab["00-sum-005"] == (
        'predict("side", ...)  # your turn: "client" or "server"\nfor side in "left", "right":\n    ...  # your turn'
    )
    assert set(solution) - set(lab) == {"00-sum-004"}, "a cell with the tag solution is in solutions/ only"
    assert "###" not in "".join(lab.values()) + "".join(solution.values()).replace("### ", "")


def test_nothing_of_the_machine_is_written(chapter):
    """The file of a lab is the same wherever and whenever it is made."""
    made = notebook("00-sum", read(chapter, CLAIMS), solved=False)
    assert written(made) == written(notebook("00-sum", read(chapter, CLAIMS), solved=False))
    assert made["metadata"] == {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    assert all(cell.get("outputs", []) == [] for cell in made["cells"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("### END SOLUTION\nprint(answer)", "print(answer)", "END SOLUTION. Put each pair in order"),
        ('tags="solution"', 'tags="solutoin"', "'solutoin' is not known"),
        ("claim-S1", "claim-S99", "claim-S99 is no claim of claims.md"),
        ("Prose,", "word " * 121, "at most 120"),
        ('"whole cell"', "1\n" * 13, "13 lines in a code cell, at most 12"),
        (' name="sum"', "", 'name="…" is missing'),
        ('tags="solution"', 'tags="nbval-ignore-output"', 'reason="…" is missing'),
        ('tags="solution"', "solution", "cannot read 'solution' after python"),
        ('tags="solution"', 'tags="exercise" name="two"', "an exercise without a solution"),
        ("</details>", "", "<details> is never closed"),
        ("# What is", "What is", "begin with the title"),
        ("Prose,", "---\n\nmore\n\n" * 45, "a lab has at most 45"),
    ],
)
def test_mistake_is_named_with_its_line(chapter, old, new, says):
    """A chapter that breaks a rule is refused, with the place and what to do."""
    chapter.write_text(CHAPTER.replace(old, new))
    with pytest.raises(ChapterError) as refused:
        read(chapter, CLAIMS)
    assert says in str(refused.value)
    assert all(line.startswith("00-sum.md: ") for line in str(refused.value).splitlines())


def test_check_sees_a_changed_byte_and_a_stray(chapter, capsys):
    """--check writes nothing, and fails on a lab that is not what its chapter makes, or has none."""
    root = ["--root", str(chapter.parents[2])]
    assert main([*root, "--labs-only"]) == 0
    assert main([*root, "--labs-only", "--check"]) == 0

    lab = chapter.parents[2] / "labs" / "00-sum.ipynb"
    was = lab.read_text()
    lab.write_text(was.replace("a number", "a  number"))
    assert main([*root, "--labs-only", "--check"]) == 1
    assert "labs/00-sum.ipynb is not what its chapter makes." in capsys.readouterr().err
    lab.write_text(was)

    shutil.copy(lab, lab.with_name("99-stray.ipynb"))
    assert main([*root, "--labs-only", "--check"]) == 1
    assert "labs/99-stray.ipynb has no chapter" in capsys.readouterr().err


def test_solution_that_was_not_executed_is_refused(chapter, capsys):
    """A cell without an execution count is compared to nothing by nbval, so --check must refuse it."""
    root = chapter.parents[2]
    main(["--root", str(root), "--labs-only"])
    (root / "solutions").mkdir()
    solved = notebook("00-sum", read(chapter, CLAIMS), solved=True)
    (root / "solutions" / "00-sum.ipynb").write_text(json.dumps(solved))
    assert main(["--root", str(root), "--check"]) == 1
    assert "was not executed" in capsys.readouterr().err


def test_unknown_chapter_is_asked_wrongly(chapter, capsys):
    """A name that is no chapter ends with 2, and the names that are."""
    with pytest.raises(SystemExit) as ended:
        main(["--root", str(chapter.parents[2]), "07"])
    assert ended.value.code == 2
    assert "00-sum" in capsys.readouterr().err
