"""Labs as their readers run them: without root."""

import sys

from notebooks.compared import CELL_TIMEOUT_S, ROOT, SOLUTIONS
from tcplab.checks import exercises

SCRIPT = """
import os, sys, papermill
from traitlets.config import Config
os.chdir(os.environ["HOME"])
papermill.execute_notebook(sys.argv[1], "out.ipynb", progress_bar=False, execution_timeout=int(sys.argv[2]),
    config=Config({"KernelManager": {"transport": "ipc", "ip": os.environ["HOME"] + "/k"}}))
print(open("out.ipynb").read())
"""


def test_solutions_pass_for_an_ordinary_user(ordinary_user):
    """Every check passes in a world that an ordinary user makes, sudo not at hand."""
    for path in SOLUTIONS:
        argv = [sys.executable, "-c", SCRIPT, str(ROOT / "solutions" / path.name), str(CELL_TIMEOUT_S)]
        done = ordinary_user(argv, within_s=2 * CELL_TIMEOUT_S)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("■ passed  ") == len(exercises()[path.stem[:2]]), done.stdout
