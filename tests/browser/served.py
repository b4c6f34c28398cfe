"""`tcplab lab DIR --no-browser` as a learner starts it, in a directory of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from traces import owner_of_world

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*[?&]token=\S+")


def own_port() -> tuple[str, ...]:
    """Where this worker's servers begin to look for a free port: two that start at once may both find the same one.

    Jupyter Server closes the socket with which it tried a port, and listens there a moment later; whoever comes second
    then ends. The first worker asks for nothing, as a learner does.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return (f"--port={8888 + 60 * number}",) if number else ()


class Served:
    """A running `tcplab lab`, its address with the token, and the processes that belong to it.

    Args:
        folder: a fresh directory; labs are copied into its `labs`, Jupyter's state stays in its `state`.
        dark: the theme, as a learner would have chosen it in the settings.
        options: more that is asked of `tcplab lab`.
    """

    def __init__(
        self, folder: Path, *, dark: bool = False, options: tuple[str, ...] = (), within_s: float = 60.0
    ) -> None:
        self.labs, self.state = folder / "labs", folder / "state"
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tcplab", "lab", str(self.labs), "--no-browser", *own_port(), *options],
            env=_environment(self.state, dark=dark),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._pids = {self.process.pid}  # of all that it ever started, as far as we looked
        self._lines: list[str] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.address = self._its_address(within_s)
        except BaseException:
            self.close()
            raise
        parts = urlsplit(self.address)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.token = parse_qs(parts.query)["token"][0]
        self._until_it_answers(within_s)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._told:
                self._lines.append(line)
                self._told.notify_all()
        with self._told:
            self._told.notify_all()

    def _its_address(self, within_s: float) -> str:
        def told() -> bool:
            return bool(ADDRESS.search(self.said)) or self.process.poll() is not None

        with self._told:
            self._told.wait_for(told, within_s)
        found = ADDRESS.search(self.said)
        assert found, f"tcplab lab told no address with a token within {within_s:g} s:\n{self.said}"
        return found[0]

    def _until_it_answers(self, within_s: float) -> None:
        """Jupyter prints its address a moment before it listens there."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                return socket.create_connection((self.host, self.port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, f"tcplab lab does not listen at {self.address}"
                time.sleep(0.02)

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return "".join(self._lines)

    def processes(self) -> dict[int, str]:
        """The server, its kernels and their worlds, with their command lines; also of kernels that have died."""
        seen: dict[int, tuple[int, list[bytes]]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # ended while we looked
            if words != [b""]:
                seen[int(folder.name)] = (parent, words)

        found = -1
        while found < len(self._pids):
            found = len(self._pids)
            self._pids |= {pid for pid, (parent, words) in seen.items() if {parent, owner_of_world(words)} & self._pids}
        return {pid: b" ".join(seen[pid][1]).decode(errors="replace") for pid in sorted(self._pids & set(seen))}

    def worlds(self) -> set[int]:
        """The pids of the processes that make up its worlds: empty when no world is up."""
        return {pid for pid, words in self.processes().items() if "tcplab-world" in words}

    def end(self, number: signal.Signals = signal.SIGTERM, *, within_s: float = 20.0) -> int:
        """Send a signal, and return the exit code when it has ended."""
        self.process.send_signal(number)
        return self.process.wait(within_s)

    def left(self, *, within_s: float = 10.0) -> dict[int, str]:
        """What is left of it once all had its time to end; empty when all is well."""
        deadline = time.monotonic() + within_s
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)  # others' children: there is no handle to wait on
        return left

    def close(self) -> None:
        """End it, by force if it will not."""
        if self.process.poll() is None:
            try:
                self.end()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _environment(state: Path, *, dark: bool) -> dict[str, str]:
    """A learner's environment: pictures are drawn, and nothing of Jupyter comes from this machine's user."""
    config = state / "jupyter"
    config.mkdir(parents=True)
    # The page lends its application to the tests; a learner's does not.
    for program, application in (("lab", "LabApp"), ("notebook", "JupyterNotebookApp")):
        lent = {application: {"expose_app_in_browser": True}}
        (config / f"jupyter_{program}_config.json").write_text(json.dumps(lent))
    if dark:
        themes = config / "lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
        themes.parent.mkdir(parents=True)
        themes.write_text(json.dumps({"theme": "JupyterLab Dark"}))
    places = {"JUPYTER_CONFIG_DIR": "jupyter", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    places["IPYTHONDIR"] = "ipython"
    inherited = {name: value for name, value in os.environ.items() if name != "TCPLAB_DISPLAY"}
    return inherited | {name: str(state / place) for name, place in places.items()}
