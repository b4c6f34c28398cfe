"""Labs and solutions from top to bottom: untouched, and with other parameters than those they are stored with."""

import json
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from notebooks.compared import CELL_TIMEOUT_S, ROOT, SOLUTIONS, executes
from tcplab.checks import exercises
from traitlets.config import Config

LABS = [ROOT / "labs" / path.name for path in SOLUTIONS]
PARAMETERS = {
    "00": {"other_port": 8443},
    "01": {"page": "/hello"},
    "02": {"order_bytes": 30_000},
    "03": {"lost": 4},
    "04": {"cliff_range": [41001, 44000], "full_range": [32768, 40000]},
    "05": {"quick_ms": 50},
    "06": {"crowd": 2_000},
    "07": {"open_files": 20},
    "08": {"requests": 200, "callers": 9},
    "09": {"runs": 20},
    "10": {"requests": 200, "times": 5},
    "11": {"idle_s": 3},
    "12": {"paid": 8500},
    "13": {"seed": 20},
    "14": {"crowd": 150},
}


AS_AN_ORDINARY_USER = """
import json, os, pathlib, sys
sys.path.insert(0, sys.argv[1])
from notebooks.test_papermill import executed
home = pathlib.Path(os.environ["HOME"])
print(executed(pathlib.Path(sys.argv[2]), home, **json.loads(sys.argv[3])))
"""


def executed(path: Path, folder: Path, *, cell_timeout_s: int = CELL_TIMEOUT_S, **parameters: object) -> str:
    """Execute a copy of a notebook in a folder, and return all that it printed."""
    made = folder / path.name
    kernel = {"transport": "ipc", "ip": str(folder / "k")}
    papermill.execute_notebook(
        path,
        made,
        parameters=parameters,
        cwd=folder,
        progress_bar=False,
        execution_timeout=cell_timeout_s,
        config=Config({"KernelManager": kernel}),
    )
    outputs = [output for cell in nbformat.read(made, as_version=4).cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


@executes
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_untouched_lab_runs_to_the_end(path, tmp_path):
    """A lab that nobody has worked on raises nothing, and says of each exercise that it is not attempted."""
    said = executed(path, tmp_path)
    number = path.stem[:2]
    assert said.count("□ not attempted  ") == len(exercises()[number]), said
    assert "■ passed  " not in said


# As root, and with the parameters that it is stored with, nbval runs each solution: no third run is needed.
@executes
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solution_passes_for_an_ordinary_user_with_other_parameters(path, ordinary_user):
    """The solution is right for any parameters and whatever is drawn, and in a world that needs no root."""
    number = path.stem[:2]
    argv = [sys.executable, "-c", AS_AN_ORDINARY_USER, str(ROOT / "tests"), str(path), json.dumps(PARAMETERS[number])]
    done = ordinary_user(argv, within_s=2 * CELL_TIMEOUT_S, TCPLAB_SEED="Ada")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("■ passed  ") == len(exercises()[number]), done.stdout


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_parameters_are_tried(path):
    """Each name that the cell of parameters sets has another value above."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    for name in PARAMETERS[path.stem[:2]]:
        assert name in source, f"PARAMETERS sets {name}, which {path.stem} does not know."
