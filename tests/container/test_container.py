"""env/Containerfile with podman, as an ordinary user: labs need no capability, and JupyterLab serves here only."""

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from containers import BARE, Engine, lacking

Done = subprocess.CompletedProcess[str]
IMAGE = "localhost/tcplab"
AS_ROOT = ("--user", "root", "--cap-add", "SYS_ADMIN,NET_ADMIN,NET_RAW")
OFFLINE = ("--network", "none")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The image, built once."""
    if packages := lacking():
        pytest.fail(f"These are needed: sudo apt-get install --no-install-recommends {' '.join(packages)}")
    engine = Engine()
    try:
        base = engine.base()
        build = ("build", "--isolation=chroot", "--network=host", f"--build-arg=BASE={base}", f"--tag={IMAGE}")
        done = engine.podman(*build, f"--file={engine.context}/env/Containerfile", str(engine.context), within_s=1800)
        assert done.returncode == 0, done.stdout[-3000:]
        yield engine
    finally:
        engine.close()


def run(engine: Engine, options: tuple[str, ...], *argv: str, within_s: float = 600) -> Done:
    return engine.podman("run", "--rm", "--cgroups=disabled", *options, IMAGE, *argv, within_s=within_s)


def failing(done: Done) -> dict[str, dict[str, str]]:
    report = json.loads(done.stdout[done.stdout.index("{\n") :])
    return {row["name"]: row for row in report["checks"] if row["found"] == "fails"}


@pytest.mark.timeout(3600)
def test_labs_run_without_any_capability(engine: Engine) -> None:
    """An ordinary user in the container, who has no capability and cannot get one: worlds come up, labs pass."""
    seen = run(engine, (*OFFLINE, *BARE), "sh", "-c", "id -u; grep -E 'CapBnd|CapEff' /proc/self/status")
    assert seen.stdout.split() == ["1000", "CapEff:", "0" * 16, "CapBnd:", "0" * 16], seen.stdout
    done = run(engine, (*OFFLINE, *BARE), "tcplab", "run", "00", "01", "04", "--solutions")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(" passed") >= 3


@pytest.mark.parametrize(
    ("without", "named", "mend"),
    [("unmask=ALL", "own /proc", "unmask=ALL"), ("seccomp=unconfined", "host name", "seccomp=unconfined")],
)
def test_each_option_is_needed(engine: Engine, without: str, named: str, mend: str) -> None:
    """Without it doctor fails, says which line, and gives podman's command."""
    at = BARE.index(without)
    said = failing(run(engine, (*OFFLINE, *BARE[: at - 1], *BARE[at + 1 :]), "tcplab", "doctor", "--json"))
    assert "podman run" in said[named]["mend"]
    assert mend in said[named]["mend"]


@pytest.mark.parametrize(
    ("without", "named", "cause"),
    [
        ("", "", ""),
        ("SYS_ADMIN", "namespaces", "Podman gave its root no CAP_SYS_ADMIN"),
        ("NET_ADMIN", "veth pair", "given no capability"),
        ("NET_RAW", "packet socket", "given no capability"),
    ],
)
def test_root_in_the_container_needs_three_capabilities(engine: Engine, without: str, named: str, cause: str) -> None:
    """It makes no user namespace, so what it may do is what it was given."""
    user, root, add, capabilities = AS_ROOT
    given = ",".join(name for name in capabilities.split(",") if name != without)
    done = run(engine, (*OFFLINE, user, root, add, given), "tcplab", "doctor", "--json")
    assert done.returncode == (1 if without else 0), done.stdout
    if without:
        said = failing(done)[named]
        assert cause in said["meaning"]
        assert "podman run --cap-add SYS_ADMIN,NET_ADMIN,NET_RAW" in said["mend"]


def test_jupyterlab_serves_this_machine_only(engine: Engine) -> None:
    """On 127.0.0.1 and nowhere else, and to nobody without its token."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("run", "--rm", "--cgroups=disabled", "--network=host", "--name=served", *BARE, IMAGE)
    argv = engine.argv(*options, "tcplab", "lab", "--no-browser", "--port", str(port))
    with subprocess.Popen(argv, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as served:
        try:
            assert served.stdout
            address = next(found[0] for line in served.stdout if (found := re.search(r"http://\S+token=\w+", line)))
            listening = subprocess.run(["ss", "-Htln", f"sport = {port}"], capture_output=True, text=True, check=True)
            assert [row.split()[3] for row in listening.stdout.splitlines()] == [f"127.0.0.1:{port}"]
            server, token = address.partition("/lab")[0], address.partition("token=")[2]
            assert (answer(server, ""), answer(server, token)) == (403, 200)
        finally:
            engine.podman("stop", "--time", "10", "served")
            served.wait(timeout=60)


def answer(server: str, token: str) -> int:
    """What it says to who asks for its contents."""
    request = urllib.request.Request(
        f"{server}/api/contents", headers={"Authorization": f"token {token}"} if token else {}
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert time.monotonic() < deadline, "nobody answers"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_solution_passes(engine: Engine) -> None:
    """All labs, as their solutions."""
    done = run(engine, (*OFFLINE, *BARE), "tcplab", "run", "--solutions", within_s=3000)
    assert done.returncode == 0, done.stdout
