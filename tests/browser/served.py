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


class Served:
    """A running `tcplab lab`, its address with the token, and the processes that belong to it.

    Args:
        folder: a fresh directory; labs are copied into its `labs`, Jupyter's state stays in its `state`.
        dark: the theme, as a learner would have chosen it in the settings.
        options: more that is asked of `tcplab lab`.
    """

    def __init__(
        self, folder: Path, *, dark: bool = False, options: tuple[str, ...] = (), within_s: float = 120.0
    ) -> None:
        self.labs, self.state = folder / "labs", folder / "state"
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tcplab", "lab", str(self.labs), "--no-browser", *options],
            env=_environment(self.state, dark=dark),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._all = {(self.process.pid, _parent_and_begun(self.process.pid)[1])}  # ever started, as far as we looked
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
        seen: dict[tuple[int, int], tuple[int, list[bytes]]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent, begun = _parent_and_begun(int(folder.name))
            except OSError:
                continue  # ended while we looked
            if words != [b""]:
                seen[int(folder.name), begun] = (parent, words)

        found = -1
        while found < len(self._all):
            found = len(self._all)
            others = {pid for pid, _ in seen} - {pid for pid, _ in self._all & seen.keys()}
            its = {pid for pid, _ in self._all} - others  # the numbers of those that have died may be others' by now
            self._all |= {one for one, (parent, words) in seen.items() if {parent, owner_of_world(words)} & its}
        return {one[0]: b" ".join(seen[one][1]).decode(errors="replace") for one in sorted(self._all & seen.keys())}

    def worlds(self) -> set[int]:
        """The pids of the processes that make up its worlds: empty when no world is up."""
        return {pid for pid, words in self.processes().items() if "tcplab-world" in words}

    def end(self, number: signal.Signals = signal.SIGTERM, *, within_s: float = 60.0) -> int:
        """Send a signal, and return the exit code when it has ended."""
        self.process.send_signal(number)
        return self.process.wait(within_s)

    def left(self, *, within_s: float = 60.0) -> dict[int, str]:
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


def _parent_and_begun(pid: int) -> tuple[int, int]:
    """Whose child a process is, and when it began: numbers of processes are used again."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), int(fields[19])


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
