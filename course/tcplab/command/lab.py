"""`tcplab lab`: the learner's copies, and JupyterLab, or Notebook 7, on them; started by a JupyterHub, its server."""

import argparse
import os
import signal
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tcplab.command import port
from tcplab.command.copies import add_missing
from tcplab.command.places import checkout, keep_state, labs, learners_folder
from tcplab.command.trust import trust
from tcplab.errors import TcplabError

OURS = Path(__file__).with_name("jupyter")
_LONGEST = 80
"""Of the folder for Unix sockets: the kernel takes 107 bytes for the whole path of one (unix(7))."""


def answer(asked: argparse.Namespace) -> int:
    """Copy what is missing, and serve it until ^C."""
    shipped = labs()
    if not shipped:
        raise TcplabError("This copy of tcplab has no labs in it. Make them: python course/make_labs.py")

    _there_is_one(asked)
    folder = learners_folder(asked.directory)
    new = add_missing(shipped, folder)
    said = f"{len(new)} new of {len(shipped)} labs, in {folder}" if new else f"Your labs are in {folder}"
    print(said, flush=True)

    place = tempfile.TemporaryDirectory(prefix="tcplab-", dir=short_place())
    with place as scratch, port.claimed(asked.port or port.FIRST) as asked.port:
        if not _of_a_hub():
            keep_state(Path(scratch))
        trust(shipped, folder)
        _add_ours()
        _end_in_order()
        line = options(asked, folder, shipped[0].path.name, Path(scratch))
        # Imported late: where Jupyter keeps its state is read from the environment at import.
        if _of_a_hub():
            from jupyterhub.singleuser import main as serve  # type: ignore[import-not-found]

            serve(line)
        elif asked.notebook:
            from notebook.app import JupyterNotebookApp

            JupyterNotebookApp.launch_instance(line)  # type: ignore[no-untyped-call]
        else:
            from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

            LabApp.launch_instance(line)
    return 0


def options(asked: argparse.Namespace, folder: Path, first: str, sockets: Path) -> list[str]:
    """Return Jupyter's command line: here only, with its token, without news from elsewhere.

    Kernels speak through Unix sockets: else each of them has fourteen TCP sockets on the loopback,
    in the very port range and socket table that the labs are about. A hub says itself where its learner's server
    listens, and asks who comes.
    """
    said = [
        "--Application.log_level=ERROR",  # its address is said all the same; the rest reads like faults
        "--LanguageServerManager.autodetect=False",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
        f"--JupyterNotebookApp.default_url=/notebooks/{first}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        "--KernelManager.transport=ipc",
        f"--KernelManager.ip={sockets / 'k'}",
    ]
    if os.geteuid() == 0:
        said.append("--ServerApp.allow_root=True")
    if _of_a_hub():
        return [*said, f"--ServerApp.default_url=/lab/tree/{first}"]
    said.append("--ServerApp.ip=127.0.0.1")
    if asked.no_browser:
        said.append("--no-browser")
    if asked.port:
        said.append(f"--ServerApp.port={asked.port}")
    return said


def _of_a_hub() -> bool:
    """Whether a JupyterHub has started this, as the server of one learner."""
    return "JUPYTERHUB_SERVICE_URL" in os.environ


def short_place() -> Path | None:
    """Return where the folder of the kernels' sockets is made: None where temporary files lie well, else nearer."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 (a folder of our own is made in it)
    places = [Path(tempfile.gettempdir()), runtime, Path("/tmp")]  # noqa: S108 (the same)
    fits = (place for place in places if len(os.fsencode(place)) <= _LONGEST and os.access(place, os.W_OK))
    chosen = next(fits, places[0])
    return None if chosen == places[0] else chosen


def _there_is_one(asked: argparse.Namespace) -> None:
    if asked.notebook and find_spec("notebook") is None:
        mend = "./env/up --no-lab --for-tests" if checkout() else "python -m pip install 'notebook>=7.4'"
        raise TcplabError(f"Notebook 7 is not installed. Install it: {mend}")


def _end_in_order() -> None:
    """Clean up at SIGTERM while JupyterLab still starts (it then sees to it itself), and as at SIGTERM at SIGHUP.

    So at SIGINT where no terminal is, at which Jupyter asks whether it was meant: a KeyboardInterrupt strikes anywhere,
    and may be lost there.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    asks = sys.stdin is not None and sys.stdin.isatty()
    for number in (signal.SIGHUP,) if asks else (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # under nohup a closed terminal is no reason to end
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGTERM))


def _add_ours() -> None:
    """Add what we ask of JupyterLab (no announcements, how text is set) to the learner's own, which nobody touches."""
    for variable in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        given = os.environ.get(variable)
        os.environ[variable] = os.pathsep.join([str(OURS), *([given] if given else [])])
