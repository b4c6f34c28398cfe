"""From cell to first picture: lab 01's, in a kernel of its own, beside a plain plot in a plain kernel."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty

from bench.peers import ROOT
from bench.rows import Row, beside
from bench.scratch import scratch
from bench.side_by_side import Measured, Progress, side_by_side
from tcplab.command.places import keep_state

ROUNDS = 7
OURS, PLAIN = "lab 01, its first picture", "a plain plot of matplotlib"
PLOT = ["%matplotlib inline\nimport matplotlib.pyplot as plt", "fig = plt.plot([1, 2, 3])"]
PATIENCE_S = 120


def lab() -> list[str]:
    """The cells of lab 01 up to that with its first picture, which is shown before the rest of that cell runs."""
    (path,) = (ROOT / "solutions").glob("01-*.ipynb")
    sources = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            sources.append("".join(cell["source"]))
            if any(output["output_type"] == "display_data" for output in cell["outputs"]):
                return sources
    msg = f"{path.name} shows no picture"
    raise AssertionError(msg)


def picture(cells: Sequence[str], folder: Path) -> Measured:
    """Start a kernel in a folder, run cells, and wait for what the last one displays.

    Returns: ms from the kernel's start, and from that of the last cell.
    """
    from jupyter_client.manager import KernelManager

    # As a browser has it: pictures, and not their text.
    env = {name: value for name, value in os.environ.items() if name != "TCPLAB_DISPLAY"}
    begun = time.perf_counter()
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/k")  # as `tcplab run` has it
    manager.start_kernel(env=env, cwd=folder)
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE_S)
        for cell in cells[:-1]:
            reply = client.execute_interactive(cell, output_hook=lambda _: None, timeout=PATIENCE_S)
            assert reply["content"]["status"] == "ok", reply["content"]
        cell_begun = time.perf_counter()
        asked = client.execute(cells[-1])
        while (said := client.get_iopub_msg(timeout=PATIENCE_S))["msg_type"] != "display_data":
            assert said["msg_type"] != "error", said["content"]
        shown = time.perf_counter()
        assert said["parent_header"]["msg_id"] == asked
        try:
            client.get_shell_msg(timeout=PATIENCE_S)
        except Empty as error:
            msg = "the cell does not end"
            raise AssertionError(msg) from error
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    return {"from the kernel's start": 1e3 * (shown - begun), "from its cell": 1e3 * (shown - cell_begun)}


def measured(rounds: int, progress: Progress) -> Iterator[Row]:
    """Both from the start of a kernel, and from that of the cell alone."""
    with scratch() as folder:
        keep_state(folder)
        variants = {OURS: lambda: picture(lab(), folder), PLAIN: lambda: picture(PLOT, folder)}
        found = side_by_side(variants, rounds, progress=progress)
    for what, values in found.items():
        yield from beside("picture", what, "ms", values)
