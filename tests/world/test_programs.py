"""Programs in a host: their streams, their end, and what they find around them."""

import os
import signal
from pathlib import Path

import pytest
from tcplab import Testbed, wait_until
from tcplab.errors import NotReady
from tcplab.world.process import PIPE


def test_streams(bed):
    """Input in, output and errors out, apart."""
    done = bed.client.run(["sh", "-c", "cat; echo no >&2"], input="yes")
    assert (done.stdout, done.stderr, done.exit_code) == ("yes", "no\n", 0)


def test_a_megabyte_through_a_pipe(bed):
    """More than any pipe holds, both ways at once."""
    data = "x" * 1_000_000
    assert bed.client.run(["cat"], input=data).stdout == data


def test_it_stops_when_asked(bed):
    """SIGTERM, and its exit code says so."""
    with bed.client.start(["sleep", "1000"]) as program:
        assert program.poll() is None
        assert program.stop() == -signal.SIGTERM
    assert program.poll() == -signal.SIGTERM


def test_one_that_will_not_stop_is_killed(bed):
    """Asked first, then killed within the bound."""
    argv = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"]
    with bed.client.start(argv, stdout=PIPE) as program:
        assert program.stdout.readline() == b"deaf\n"
        assert program.stop(within_s=0.2) == -signal.SIGKILL


def test_it_has_ended_with_its_world():
    """Nothing is left to stop, and nobody complains."""
    with Testbed.two_hosts().up() as bed, bed.client.start(["cat"], stdin=PIPE) as program:
        bed.down()
    assert program.poll() == -signal.SIGKILL


def test_waiting_has_a_bound(bed):
    """NotReady, and the program runs on."""
    with bed.client.start(["sleep", "1000"]) as program:
        with pytest.raises(NotReady):
            program.wait(0.05)
        assert program.poll() is None


def test_no_proxy_of_the_machine(bed, monkeypatch):
    """http_proxy and its like stay outside: a host could not reach them."""
    for name in ("http_proxy", "HTTPS_PROXY", "no_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    assert "proxy" not in bed.client.run(["env"]).stdout.lower()
    assert not [name for name in bed.client.python(lambda: dict(os.environ)) if "proxy" in name.lower()]


def test_sudo_runs_the_command(bed):
    """The blog's commands run as printed: capture and set, without a password, as whoever you are."""
    assert bed.client.run(["sudo", "id", "-u"]).stdout == f"{os.geteuid()}\n"
    assert bed.client.run(["sudo", "-n", "A=b", "printenv", "A"]).stdout == "b\n"
    assert bed.client.run(["sudo", "sh", "-c", "exit 7"], expect=(7,)).exit_code == 7
    bed.client.run(["sudo", "ip", "link", "set", "eth0", "txqueuelen", "999"])


def test_a_program_holds_its_three_descriptors(bed):
    """Nothing of the world is passed on: the next descriptor that a program opens is number 3."""
    listed = bed.client.run(["sh", "-c", "ls -l /proc/$$/fd"]).stdout.splitlines()[1:]
    assert sorted(line.split()[8] for line in listed) == ["0", "1", "2"], listed


def test_names_resolve_in_programs(bed):
    """server is the server, by both of its addresses, and nobody else is asked."""
    said = bed.client.run(["getent", "ahosts", "server"]).stdout
    assert "192.0.2.2" in said
    assert "2001:db8::2" in said
    assert bed.client.run(["getent", "hosts", "example.org"], expect=(2,)).stdout == ""
    assert bed.client.run(["hostname"]).stdout == "client\n"


def test_it_runs_where_its_owner_is(bed, tmp_path, monkeypatch):
    """The notebook's folder, or the one asked for; what it writes belongs to its owner."""
    monkeypatch.chdir(tmp_path)
    bed.client.run(["touch", "here"])
    (tmp_path / "sub").mkdir()
    bed.client.run(["touch", "there"], cwd="sub")
    assert {Path("here").stat().st_uid, Path("sub/there").stat().st_uid} == {os.geteuid()}


def test_scratch_is_the_hosts_own(bed):
    """A place for a program's files, in the world and nowhere else."""
    bed.client.run(["sh", "-c", f"echo mine > {bed.client.scratch}/file"])
    assert bed.client.read(f"{bed.client.scratch}/file") == "mine\n"
    assert not Path(bed.client.scratch).exists()


def test_it_sees_no_process_of_the_machine(bed):
    """The world's pids begin with 1, and there are a handful."""
    pids = bed.client.run(["ps", "-e", "-o", "pid="]).stdout.split()
    assert "1" in pids
    assert len(pids) < 10


def test_a_child_that_is_left_behind_is_no_zombie(bed):
    """The world's first process reaps what programs leave behind."""
    bed.client.run(["sh", "-c", "(sleep 0.1 &) ; exit 0"])

    def comms() -> list[str]:  # that of a zombie is "[sleep] <defunct>"
        return bed.client.run(["ps", "-e", "-o", "args="]).stdout.splitlines()

    wait_until(lambda: not any("sleep" in each for each in comms()), within_s=5, what="the end of what was left")


def test_three_hundred_programs_leave_nothing(bed):
    """No descriptor, no process."""
    before = len(list(Path("/proc/self/fd").iterdir())), bed.client.run(["ls", "/proc/self/fd"]).stdout
    for _ in range(300):
        bed.client.run(["true"])
    assert (len(list(Path("/proc/self/fd").iterdir())), bed.client.run(["ls", "/proc/self/fd"]).stdout) == before
