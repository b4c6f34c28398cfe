"""`tcplab lab`: the learner's copies, and JupyterLab on them."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from tcplab.command.copies import add_missing
from tcplab.command.places import keep_state, labs, learners_folder
from tcplab.errors import TcplabError

QUIET = Path(__file__).with_name("jupyter")


def answer(asked: argparse.Namespace) -> int:
    """Copy what is missing, and serve it until ^C."""
    shipped = labs()
    if not shipped:
        raise TcplabError("This copy of tcplab has no labs in it. Make them: python course/make_labs.py")

    folder = learners_folder(asked.directory)
    new = add_missing(shipped, folder)
    said = f"{len(new)} new of {len(shipped)} labs, in {folder}" if new else f"Your labs are in {folder}"
    print(said, flush=True)

    with tempfile.TemporaryDirectory(prefix="tcplab-") as scratch:
        keep_state(Path(scratch))
        _quiet()
        _end_in_order()
        # Imported late: where Jupyter keeps its state is read from the environment at import.
        from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

        LabApp.launch_instance(options(asked, folder, shipped[0].path.name, Path(scratch)))
    return 0


def options(asked: argparse.Namespace, folder: Path, first: str, sockets: Path) -> list[str]:
    """Return JupyterLab's command line: here only, with its token, without news from elsewhere.

    Kernels speak through Unix sockets: else each of them has fourteen TCP sockets on the loopback,
    in the very port range and socket table that the labs are about.
    """
    said = [
        "--ServerApp.ip=127.0.0.1",
        "--Application.log_level=ERROR",  # its address is said all the same; the rest reads like faults
        "--LanguageServerManager.autodetect=False",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        "--KernelManager.transport=ipc",
        f"--KernelManager.ip={sockets / 'k'}",
    ]
    if os.geteuid() == 0:
        said.append("--ServerApp.allow_root=True")
    if asked.no_browser:
        said.append("--no-browser")
    if asked.port:
        said.append(f"--ServerApp.port={asked.port}")
    return said


def _end_in_order() -> None:
    """Clean up at SIGTERM while JupyterLab still starts (it then sees to it itself), and as at SIGTERM at SIGHUP."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup a closed terminal is no reason to end
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _quiet() -> None:
    """Turn JupyterLab's own announcements off, without touching the learner's configuration."""
    given = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(QUIET), *([given] if given else [])])
