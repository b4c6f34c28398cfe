"""Five learners at a hub that is started with the configuration in env/hub: each has their own, and only that."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "env" / "hub"


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """What a class of five saw, five real uids in a network and with accounts of their own."""
    if os.geteuid():
        pytest.skip("five accounts: needs root")
    subprocess.run([HUB / "up", "--no-start"], check=True, stdout=subprocess.DEVNULL)
    python = ROOT / ".tools" / "hub" / "bin" / "python"
    scratch = tmp_path_factory.mktemp("class")
    for folder in (scratch, *scratch.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o711)
    argv = [
        "unshare",
        "--mount",
        "--net",
        "--propagation",
        "private",
        python,
        "-B",
        Path(__file__).with_name("a_class.py"),
    ]
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TCPLAB_TEST_RUN") if name in os.environ}
    done = subprocess.run([*argv, scratch, python], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:] + (scratch / "hub.log").read_text()[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_each_learner_works_in_a_world_of_their_own(a_class):
    """Another uid, home, number of connections and port range for each, all labs copied, and five at once."""
    seen = a_class["seen"]
    assert [each["uid"] for each in seen] == [70_001, 70_002, 70_003, 70_004, 70_005]
    assert [each["connections"] for each in seen] == [1, 2, 3, 4, 5]
    assert [each["thousands"] for each in seen] == [[40], [41], [42], [43], [44]]
    assert len({each["home"] for each in seen}) == 5
    assert {each["labs"] for each in seen} == {len(list((ROOT / "labs").glob("*.ipynb")))}


@pytest.mark.long
def test_nobody_sees_anothers(a_class):
    """Home, environment, descriptors, mounts, network, sockets and server of another: each asked for, none had."""
    said = a_class["curious"]
    assert said.pop("server") == ["HTTP 403"]
    assert set(said) == {"home", "environ", "files", "root", "enter", "end", "sockets"}
    assert all(answers == ["PermissionError"] for answers in said.values()), said


@pytest.mark.long
def test_nothing_listens_beyond_the_loopback_and_nothing_is_left(a_class):
    """Five servers, the hub and its proxy on 127.0.0.1; when the hub ends, every process of every learner does."""
    assert len(a_class["listening"]) >= 8
    assert all(address.startswith("127.0.0.1:") for address in a_class["listening"])
    assert a_class["left"] == []
