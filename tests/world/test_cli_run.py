"""`tcplab run`: verdicts, exit codes, what it leaves, and ^C, with notebooks made for it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tcplab import wait_until

# The command as it is, on labs of our own: the first argument is their folder.
RUN = """
import sys
from pathlib import Path
from tcplab.command import main, run
from tcplab.command.places import Lab
if __name__ == "__main__":
    _, folder, *words = sys.argv
    run.labs = lambda solutions: [Lab(path) for path in sorted(Path(folder).glob("*.ipynb"))]
    sys.exit(main(["run", *words]))
"""
BED = "from tcplab import Testbed\nbed = Testbed.two_hosts().up()"
FOR_EVER = "import threading\nopen('running', 'w').close()\nthreading.Event().wait()"


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    folder = tmp_path / "my labs"
    folder.mkdir()
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "run_them.py"
    path.write_text(RUN)
    return path


def lab(folder: Path, name: str, *cells: str, asleep: int = 0) -> None:
    codes = [new_code_cell(cell) for cell in cells]
    if asleep:
        codes[asleep - 1].metadata["tags"] = ["asleep"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(
        new_notebook(cells=[new_markdown_cell("# A lab"), *codes], metadata=kernel), folder / f"{name}.ipynb"
    )


def tcplab_run(script: Path, labs: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, str(script), str(labs), *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)


def test_all_pass(labs: Path, script: Path, tmp_path: Path) -> None:
    """Exit code 0, a line a lab, the executed notebooks where they were wanted; the labs are as they were.

    Each lab runs in a folder of its own, so that what it saves is nobody else's.
    """
    lab(labs, "00-one", BED, "bed.down()")
    alone = "import os\nassert os.listdir() == []\nopen('close.pcap', 'w').close()\n6 * 7"
    lab(labs, "01-two", alone)
    lab(labs, "02-three", alone)
    before = (labs / "01-two.ipynb").read_bytes()

    kept = tmp_path / "out"
    done = tcplab_run(script, labs, "--jobs", "2", "--output", str(kept), "--html", str(kept / "page.html"))

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 of 3 passed."), done.stdout
    assert "3 of 3 labs passed" in (kept / "page.html").read_text()
    executed = nbformat.read(kept / "01-two.ipynb", as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "42"
    assert (labs / "01-two.ipynb").read_bytes() == before
    assert sorted(path.name for path in labs.iterdir()) == ["00-one.ipynb", "01-two.ipynb", "02-three.ipynb"]


def test_failures_are_told_apart(labs: Path, script: Path) -> None:
    """1, and for each the first cell that failed: an exception, patience, a kernel that died."""
    lab(labs, "00-well", "1")
    lab(labs, "01-raises", "ok = 1", "\nnumber = 0\n1 / number")
    lab(labs, "02-waits", FOR_EVER)
    lab(labs, "03-dies", "import os\nos._exit(3)")

    done = tcplab_run(script, labs, "--jobs", "2", "--cell-timeout", "6", "--json")

    said = json.loads(done.stdout)
    rows = {row["name"]: row for row in said["labs"]}
    assert (done.returncode, said["passed"]) == (1, False)
    assert list(rows) == ["00-well", "01-raises", "02-waits", "03-dies"]
    assert [row["cell"] for row in rows.values()] == [None, 2, 1, 1]
    assert rows["01-raises"]["source"] == "number = 0"
    assert rows["01-raises"]["error"] == "ZeroDivisionError: division by zero"
    assert rows["02-waits"]["error"] == "not within 6 s; allow it more: --cell-timeout"
    assert "ied" in rows["03-dies"]["error"]


def test_what_measures_runs_alone_or_beside_a_sleeper(labs: Path, script: Path, tmp_path: Path) -> None:
    """Lab 06 begins while 02 sleeps, 02 goes on when 06 has ended, and 00 begins only then, as the table of needs says.

    02 sleeps until 06 is in its cell: were that not begun, nothing would end.
    """
    told = f"import time\ndef tell(what): open({str(tmp_path / 'told')!r}, 'a').write(what + ' ')"
    awaited = f"import pathlib\nwhile not pathlib.Path({str(tmp_path / 'measures')!r}).exists(): time.sleep(0.02)"
    lab(labs, "02-sleeps", told + "\ntell('02')", awaited, "tell('02-woken')", asleep=2)
    begun = f"open({str(tmp_path / 'measures')!r}, 'w').close()\ntime.sleep(0.5)\ntell('06-ends')"
    lab(labs, "06-measures", told + "\ntell('06')", begun)
    lab(labs, "00-waits", told + "\ntell('00')")

    done = tcplab_run(script, labs, "--jobs", "3")

    assert done.returncode == 0, done.stdout
    first, second, third, *both = (tmp_path / "told").read_text().split()
    assert (first, second, third, sorted(both)) == ("02", "06", "06-ends", ["00", "02-woken"])
    assert done.stderr.count(" of 3 labs") == 3
    assert "(1 of 3 labs, about " in done.stderr
    assert done.stderr.endswith("(3 of 3 labs)\n")


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_end_in_the_middle_leaves_nothing(
    labs: Path, script: Path, tmp_path: Path, ending: signal.Signals, code: int
) -> None:
    """^C ends with 130, kill -9 as it does: workers, kernels and worlds go along (the trace check looks).

    ^C is told which labs had passed until then; lab 04 measures, so it runs before the others.
    """
    lab(labs, "04-passes", "1")
    for name in ("00-a", "01-b"):
        lab(labs, name, BED, f"import os\nos.chdir({str(tmp_path)!r})\n" + FOR_EVER.replace("running", name))
    argv = [sys.executable, str(script), str(labs), "--jobs", "2"]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    both_run = lambda: (tmp_path / "00-a").exists() and (tmp_path / "01-b").exists()  # noqa: E731
    try:
        wait_until(both_run, within_s=60, what="both labs in their last cell")
        if ending is signal.SIGINT:
            os.killpg(process.pid, ending)  # as a terminal does
        else:
            process.kill()
        _, said = process.communicate(timeout=30)
        assert process.returncode == code
        assert b"Traceback" not in said
        if ending is signal.SIGINT:
            assert said.endswith(b"\n1 of 3 had passed: 04-passes.\ntcplab: interrupted; nothing is left running.\n")
    finally:
        process.kill()
        process.wait()


def test_an_interrupt_while_workers_start(labs: Path, script: Path) -> None:
    """A worker that is told of ^C before it can ignore it shows no traceback either."""
    lab(labs, "00-a", FOR_EVER)
    lab(labs, "01-b", FOR_EVER)
    argv = [sys.executable, str(script), str(labs), "--jobs", "2"]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        wait_until(lambda: len(workers.read_text().split()) >= 2, within_s=60, what="the first worker")
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert said.decode().split("\n") == [
            "",
            "0 of 2 had passed.",
            "tcplab: interrupted; nothing is left running.",
            "",
        ]
    finally:
        process.kill()
        process.wait()


def test_a_process_that_cannot_start_is_a_failure(labs: Path, script: Path) -> None:
    """Where the workers themselves end at once, nothing passes, and the exit code says so."""
    lab(labs, "00-one", "1")
    lab(labs, "01-two", "1")
    script.write_text(RUN + "else:\n    raise SystemExit(3)\n")
    done = tcplab_run(script, labs)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "0 of 2 passed.")
    assert "ended unexpectedly" in done.stdout
