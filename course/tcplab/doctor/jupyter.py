"""What serves the notebooks: JupyterLab, its port, and the home that it keeps its state in."""

import os
import socket
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from tcplab.doctor.report import Check, Found
from tcplab.doctor.tools import ENV_UP

PORT = 8888


def checked_jupyter() -> list[Check]:
    """Say whether JupyterLab is there, where it will listen, and whether it can keep its state."""
    return [_jupyterlab(), _port(), _home()]


def _jupyterlab() -> Check:
    package = find_spec("jupyterlab")
    if package and package.origin:  # an empty folder has none
        return Check("JupyterLab", Found.WORKS, metadata.version("jupyterlab"))
    mend = "./env/up --no-lab" if ENV_UP.is_file() else "python -m pip install jupyterlab"
    return Check("JupyterLab", Found.FAILS, "not installed", "tcplab lab opens the notebooks in it.", mend)


def _port() -> Check:
    name = f"port {PORT}"
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", PORT))
        except OSError as error:
            meaning = "tcplab lab takes the next free one, and prints it; or choose: tcplab lab --port 8890"
            return Check(name, Found.ABSENT, f"{error.strerror}", meaning, f"ss -tlnp 'sport = {PORT}'")
    return Check(name, Found.WORKS, "free")


def _home() -> Check:
    home = Path(os.environ.get("HOME") or Path.home())
    try:
        with tempfile.TemporaryFile(dir=home):
            return Check("home", Found.WORKS, f"{home} can be written")
    except OSError as error:
        seen, mend = f"{home}: {error.strerror}", 'export HOME="$(mktemp -d)"'
        if ENV_UP.is_file():
            return Check(
                "home", Found.ABSENT, seen, "Nothing is kept there: Jupyter's state stays in the project.", mend
            )
        return Check("home", Found.FAILS, seen, "Jupyter keeps its state there.", mend)
