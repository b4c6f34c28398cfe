"""The server that `tcplab lab` starts answers this machine, for the bearer of its token, and leaves nothing behind."""

import contextlib
import http.client
import json
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from browser.served import Served
from jupyter_client.blocking.client import BlockingKernelClient

WORLD = "from tcplab import Testbed; bed = Testbed.two_hosts().up(); asleep = bed.server.start(['sleep', '62'])"
LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp writes it


def answer(served: Served, path: str, *, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """The status and the body of one answer; redirections are not followed."""
    connection = http.client.HTTPConnection(served.host, served.port, timeout=120)
    try:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@contextlib.contextmanager
def a_world(served: Served) -> Iterator[None]:
    """A kernel of this server that has a world, with a program in one of its hosts."""
    status, body = answer(served, "/api/kernels", method="POST", Authorization=f"token {served.token}")
    assert status == 201, body
    kernel = json.loads(body)["id"]
    connection = served.state / "runtime" / f"kernel-{kernel}.json"
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels(hb=False)
    try:
        reply = client.execute(WORLD, reply=True, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        yield
    finally:
        client.stop_channels()
        if served.process.poll() is None:
            answer(served, f"/api/kernels/{kernel}", method="DELETE", Authorization=f"token {served.token}")


def listening(pids: Iterable[int]) -> set[str]:
    """The addresses, as the kernel writes them, at which these processes listen in the machine's own network."""
    held = set()
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended while we looked
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    held.add(str(entry.readlink()))
    tables = "".join(path.read_text() for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if path.exists())
    rows = [words for line in tables.splitlines() if (words := line.split())[3] == "0A"]
    return {words[1].partition(":")[0] for words in rows if f"socket:[{words[9]}]" in held}


@pytest.mark.parametrize("path", ["/api/contents", "/api/kernels", "/lab", "/files/00-the-server-is-well.ipynb"])
def test_without_its_token_it_refuses(served: Served, path: str) -> None:
    """Without the token, or with a wrong one, there is no notebook, no file and no kernel to be had."""
    for headers in ({}, {"Authorization": "token 0123"}):
        status, _ = answer(served, path, **headers)
        assert status in (302, 403)  # to the page that asks for the token, or a plain no


def test_another_name_than_this_machines_is_refused(served: Served) -> None:
    """A page of elsewhere whose name leads to 127.0.0.1 gets no answer, even with the token (DNS rebinding)."""
    status, _ = answer(served, "/api/contents", Host="elsewhere.example", Authorization=f"token {served.token}")

    assert status == 403


def test_it_listens_on_this_machine_only(served: Served) -> None:
    """The server and its kernels listen on 127.0.0.1, and nowhere else."""
    with a_world(served):
        assert listening(served.processes()) == {LOOPBACK}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_when_it_ends_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: signal.Signals) -> None:
    """^C, a closed terminal window, even kill -9: kernels, worlds and programs in hosts end with the server."""
    if ending is signal.SIGKILL:
        monkeypatch.setenv("TMPDIR", str(tmp_path))  # nobody can tidy up a directory after kill -9
    served = Served(tmp_path)
    try:
        with a_world(served):
            assert any("sleep 62" in words for words in served.processes().values())
            served.end(ending)
        assert not served.left()
    finally:
        served.close()
