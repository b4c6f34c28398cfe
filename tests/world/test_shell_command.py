"""`tcplab shell` without a terminal: pipes, -c, lists, and what it says where there is nothing to visit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from tcplab import Testbed

TCPLAB = [sys.executable, "-m", "tcplab"]
Said = "subprocess.CompletedProcess[str]"


def tcplab(*words: str, typed: str = "") -> Said:
    return subprocess.run([*TCPLAB, *words], input=typed, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


@pytest.fixture
def shell(bed: Testbed) -> Callable[..., Said]:
    def run(*words: str, typed: str = "") -> Said:
        return tcplab("shell", "--world", str(os.getpid()), *words, typed=typed)

    return run


def test_commands_from_a_pipe(shell: Callable[..., Said]) -> None:
    """`echo 'ss -tan' | tcplab shell client` prints what ss says in the host, and no prompt."""
    done = shell("client", typed="ss -tan\nuname -n\n")
    assert done.stdout.startswith("State ")
    assert done.stdout.endswith("client\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_exit_codes_come_through(shell: Callable[..., Said]) -> None:
    """A script can trust the code: the command's own, 128 and the signal, 127 for no such program."""
    assert shell("client", "-c", "exit 7").returncode == 7
    assert shell("client", "-c", "kill -KILL $$").returncode == 137
    assert shell("client", "-c", "no-such-program").returncode == 127


def test_sudo_runs_what_it_is_given(shell: Callable[..., Said]) -> None:
    """The blog's sudo, with options of its own, with a variable, and inside a pipeline."""
    for line in ("sudo uname -n", "sudo -E -u root uname -n", "sudo -n -- uname -n", "sudo A=1 sh -c 'uname -n'"):
        assert shell("server", "-c", line).stdout == "server\n", line
    assert shell("server", "-c", "sudo printf '%s|' 'a b' c").stdout == "a b|c|"
    assert shell("server", "-c", "sudo false").returncode == 1
    assert shell("server", "-c", "sudo -V").returncode == 0


def test_the_list_names_worlds_and_hosts(shell: Callable[..., Said]) -> None:
    """Without HOST it lists what is up; as JSON for scripts."""
    listed = tcplab("shell")
    assert f"process {os.getpid()}: client, server" in listed.stdout
    rows = json.loads(tcplab("shell", "--json").stdout)
    assert {"world": os.getpid(), "hosts": ["client", "server"]} in rows


def test_a_wrong_host_or_world_lists_what_there_is(bed: Testbed) -> None:
    """Exit code 2, and the names that would have been right."""
    mine = str(os.getpid())
    wrong = tcplab("shell", "clinet", "--world", mine)
    assert (wrong.returncode, "client, server" in wrong.stderr) == (2, True)
    assert tcplab("shell", "client", "--world", "1").returncode == 2


def test_the_newest_world_comes_first() -> None:
    """A second bed of the same process is the one that is entered."""
    with Testbed.two_hosts(link="veth"), Testbed.two_hosts(link="veth") as newer:
        marker = newer.client.run(["readlink", "/proc/self/ns/net"]).stdout
        seen = tcplab("shell", "client", "--world", str(os.getpid()), "-c", "readlink /proc/self/ns/net")
        assert seen.stdout == marker


def test_nothing_is_up(ordinary_user: Callable[..., Said]) -> None:
    """Where there is no world, it says how to bring one up; a list of none is no failure."""
    # In a /proc of its own: other sessions of this user may have worlds up.
    alone = ["unshare", "--user", "--map-current-user", "--keep-caps", "--pid", "--fork", "--mount-proc"]
    done = ordinary_user([*alone, *TCPLAB, "shell", "client"])
    assert done.returncode == 1
    assert "Testbed.two_hosts().up()" in done.stderr
    listed = ordinary_user([*alone, *TCPLAB, "shell"])
    assert (listed.returncode, "No world is up" in listed.stdout) == (0, True)
