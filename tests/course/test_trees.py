"""labs/ and solutions/ mirror course/chapters/, and are what make_labs.py makes of it."""

import json
from pathlib import Path

import pytest
from make_labs import main

ROOT = Path(__file__).resolve().parents[2]
SLUGS = [path.stem for path in sorted((ROOT / "course" / "chapters").glob("*.md"))]
SOLUTIONS = [ROOT / "solutions" / f"{slug}.ipynb" for slug in SLUGS]
EVERY = [ROOT / tree / f"{slug}.ipynb" for tree in ("labs", "solutions") for slug in SLUGS]


@pytest.mark.parametrize("tree", ["labs", "solutions"])
def test_tree_mirrors_the_chapters(tree):
    """One notebook a chapter, under the same name, in both trees."""
    found = [path.stem for path in sorted((ROOT / tree).glob("*.ipynb"))]
    assert found == SLUGS, "Run: python course/make_labs.py"


@pytest.mark.parametrize("slug", SLUGS)
def test_check_holds(slug, capsys):
    """Labs are made byte for byte, solutions by source and metadata."""
    exit_code = main(["--check", slug])
    assert exit_code == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_trace_of_the_machine(path):
    """No timestamp, widget state, interpreter version or folder of the machine that made it."""
    book = json.loads(path.read_text(encoding="utf-8"))
    assert list(book["metadata"]) == ["kernelspec"]
    for cell in book["cells"]:
        assert set(cell["metadata"]) <= {"tags", "tcplab"}, cell["id"]
        said = json.dumps([output for output in cell.get("outputs", []) if output["output_type"] != "display_data"])
        for trace in (str(ROOT), str(Path.home()) + "/", "/tmp/", "ipykernel_"):
            assert trace not in said, f"{cell['id']} shows {trace}: print what is the same on every machine."
        assert "widget-view" not in said


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_outputs_are_short(path):
    """At most 20 lines an output: use head, state and sport filters (a picture's twin may have 30)."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        picture = any(output["output_type"] == "display_data" for output in cell.get("outputs", []))
        for output in cell.get("outputs", []):
            lines = output.get("text") or output.get("data", {}).get("text/plain", [])
            assert len(lines) <= (30 if picture else 20), f"{cell['id']}: {len(lines)} lines. Show less."
            assert output["output_type"] != "error" or "raises-exception" in cell["metadata"].get("tags", [])


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_every_cell_was_executed_in_order(path):
    """The solution ran from top to bottom, once, and its checks all passed."""
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        said = "".join(line for output in cell["outputs"] for line in output.get("text", []))
        verdicts = [line for line in said.splitlines() if line.startswith(("◧ not yet", "□ not attempted"))]
        assert not verdicts, f"{cell['id']}: {verdicts}"
        assert 'check("' not in "".join(cell["source"]) or "■ passed" in said, f"{cell['id']}: {said}"
