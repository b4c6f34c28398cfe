"""`tcplab lab`: JupyterLab on the learner's copies, for this machine only, and quiet."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tcplab import wait_until
from traces import listeners, our_processes

ADDRESS = re.compile(rb"http://(127\.0\.0\.1):(\d+)(/\S*)\?token=(\w+)")
PAGE_CONFIG = re.compile(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', re.DOTALL)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Lab(NamedTuple):
    """A running JupyterLab: where, with which token, on whose files."""

    process: "subprocess.Popen[bytes]"
    server: str
    first: str
    token: str
    folder: Path
    state: Path

    def page(self, path: str, *, method: str = "GET", token: str | None = None) -> str:
        """Ask for a page; the token goes along unless another is given."""
        header = {"Authorization": f"token {self.token if token is None else token}"}
        asked = urllib.request.Request(self.server + path, method=method, headers=header)
        with DIRECT.open(asked, timeout=60) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("a learner's folder") / "my labs"
    state = tmp_path_factory.mktemp("state")
    own = {name: str(state) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    argv = [sys.executable, "-m", "tcplab", "lab", str(folder), "--no-browser"]
    environment = {**os.environ, **own, "TMPDIR": str(state)}
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
    assert process.stderr is not None
    try:
        said, deadline = b"", time.monotonic() + 180
        while not (found := ADDRESS.search(said)):
            ready, _, _ = select.select([process.stderr], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(process.stderr.fileno(), 65536) if ready else b""
            assert chunk, said.decode()
            said += chunk
        host, port, path, token = (group.decode() for group in found.groups())
        wait_until(lambda: _listens(host, int(port)), within_s=60, what="JupyterLab (it listens after it says where)")
        yield Lab(process, f"http://{host}:{port}", path, token, folder, state)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _listens(host: str, port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((host, port)) == 0


def test_it_opens_on_the_first_notebook(lab: Lab) -> None:
    """The labs are there, and the address that is printed leads to lab 00."""
    names = sorted(path.name for path in lab.folder.iterdir() if not path.name.startswith("."))
    assert names[0].startswith("00-")
    assert lab.first == f"/lab/tree/{names[0]}"
    assert names[0] in lab.page("/api/contents")


def test_it_is_for_this_machine_and_its_token(lab: Lab) -> None:
    """It listens on 127.0.0.1 alone, and answers nobody without the token."""
    with pytest.raises(urllib.error.HTTPError, match="403"):
        lab.page("/api/contents", token="wrong")
    port = int(lab.server.rpartition(":")[2])
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    local = {row.split()[1] for row in listening.splitlines() if f":{port:04X} " in row and row.split()[3] == "0A"}
    assert local == {f"0100007F:{port:04X}"}


def test_it_is_quiet(lab: Lab) -> None:
    """No announcements, no question about news, no extensions from elsewhere, and no look at whether to build some."""
    config = PAGE_CONFIG.search(lab.page("/lab"))
    assert config is not None
    said = json.loads(config[1])
    assert "@jupyterlab/apputils-extension:announcements" in said["disabledExtensions"]
    assert said["extensionManager"]["can_install"] is False
    assert said["buildCheck"] is said["buildAvailable"] is False
    assert said.get("news") in (None, {"disabled": True})


def test_nobody_is_asked_for_news_or_versions(lab: Lab) -> None:
    """What JupyterLab would fetch from elsewhere is empty: no version is compared, no news is read."""
    assert json.loads(lab.page("/lab/api/update"))["notification"] is None
    assert json.loads(lab.page("/lab/api/news"))["news"] == []


def test_the_kernels_sockets_are_the_learners_alone(lab: Lab) -> None:
    """Their folder is open to nobody else, and its path short enough for a Unix socket."""
    (folder,) = lab.state.glob("tcplab-*")
    assert folder.stat().st_mode & 0o077 == 0
    assert len(str(folder / "k-65535-5")) <= 107


def test_a_kernel_takes_no_port_of_the_machine(lab: Lab) -> None:
    """A notebook's kernel talks over Unix sockets: at most one listener of its own is in the machine's tables."""

    def ours() -> frozenset[str]:
        return listeners(set(our_processes()))

    before = ours()
    kernel = json.loads(lab.page("/api/kernels", method="POST"))["id"]
    wait_until(lambda: len(list(lab.state.glob("tcplab-*/k-*"))) >= 5, within_s=30, what="the kernel's five sockets")
    assert len(ours() - before) <= 1
    lab.page(f"/api/kernels/{kernel}", method="DELETE")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files whose path is short enough for Unix sockets, wherever the tests are."""
    with tempfile.TemporaryDirectory() as made:
        assert len(made) <= 80
        yield Path(made)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_an_end_while_it_starts_leaves_nothing(tmp_path: Path, place: Path, ending: signal.Signals) -> None:
    """Ended before it serves, it takes its temporary folder along."""
    state = place
    environment = {**os.environ, "TMPDIR": str(state), "JUPYTER_CONFIG_DIR": str(state / "c")}
    argv = [sys.executable, "-m", "tcplab", "lab", str(tmp_path / "labs"), "--no-browser"]
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    try:
        wait_until(lambda: any(state.glob("tcplab-*")), within_s=180, what="its temporary folder")
        wait_until(lambda: not _ends_at(process.pid, ending), within_s=180, what="its own way to end")
        process.send_signal(ending)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
    assert not list(state.glob("tcplab-*"))


def _ends_at(pid: int, number: signal.Signals) -> bool:
    """Tell whether a signal still ends the process as it ends any."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt:"))
    return not int(caught.split()[1], 16) >> (number - 1) & 1
