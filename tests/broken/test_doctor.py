"""Each way in which a machine is known to be broken: doctor names the cause, and the command that mends it.

What is broken is broken for real, for doctor alone (`tests/breaking.py` says how), as an ordinary user. Two are
played: this kernel has neither AppArmor's restriction nor Debian's switch, so their setting is shown, and unshare
ends as it does there. A kernel without veth is asked for a kind of interface that no kernel has.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import breaking
import pytest

if TYPE_CHECKING:
    import subprocess

Run = Callable[..., "subprocess.CompletedProcess[str]"]
DOCTOR = [sys.executable, "-m", "tcplab", "doctor"]
BREAK = [sys.executable, str(Path(breaking.__file__))]
UP = Path(__file__).parents[2] / "env" / "up"

# What is broken; the line of doctor's that says so; whether labs stop for it; words of the cause; the command.
BROKEN = [
    ("seccomp refuses unshare", "namespaces", "fails", "seccomp filter that refuses unshare()", "seccomp=unconfined"),
    ("seccomp refuses mount", "own /proc", "fails", "seccomp filter refuses mount()", "seccomp=unconfined"),
    ("seccomp refuses host names", "host name", "fails", "A seccomp filter refuses it", "seccomp=unconfined"),
    ("seccomp refuses packet sockets", "packet socket", "fails", "A seccomp filter refuses it", "seccomp=unconfined"),
    ("no packet sockets in the kernel", "packet socket", "fails", "sees each segment", "sudo modprobe af_packet"),
    ("no packet ring", "packet ring", "fails", "would lose segments", "sudo modprobe af_packet"),
    ("no sock_diag", "sock_diag", "fails", "asks the kernel through it", "sudo modprobe tcp_diag"),
    ("no nf_tables", "a gateway", "absent", "Lab 11 translates", "sudo modprobe -a nf_tables"),
    ("no veth", "veth pair", "fails", "the cable between two hosts", "sudo modprobe veth"),
    ("AppArmor", "namespaces", "fails", "Ubuntu's AppArmor", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("Debian's unprivileged_userns_clone", "namespaces", "fails", "for root", "kernel.unprivileged_userns_clone=1"),
    ("masked /proc", "own /proc", "fails", "(/proc/sys)", "systempaths=unconfined"),
    ("no unshare", "unshare", "fails", "It makes a world", "sudo apt-get install util-linux"),
    ("old unshare", "unshare", "fails", "--keep-caps", "sudo apt-get install util-linux"),
    ("no sqlite3", "Python", "fails", "JupyterLab does not start", "--python /usr/bin/python3"),
    ("no JupyterLab", "JupyterLab", "fails", "opens the notebooks", "./env/up --no-lab"),
    ("port taken", "port 8888", "absent", "the next free one", "ss -tlnp"),
    ("read-only", "folder", "absent", "copies of the labs cannot be kept there", "tcplab lab DIR"),
    ("read-only", "home", "absent", "stays in the project", "export HOME="),
    ("full disk", "disk", "fails", "could not be saved", "du -xh"),
    ("full disk", "temporary files", "fails", "speak through files there", "export TMPDIR="),
    ("no temporary place", "temporary files", "fails", "speak through files there", "export TMPDIR="),
    ("little memory", "memory", "fails", "ended by the system", "docker run --memory"),
    ("few processes", "processes", "fails", "some forty threads", "docker run --pids-limit"),
    ("few processes of a user", "processes", "fails", "some forty threads", "sudo prlimit --pid $$ --nproc="),
    ("few open files", "open files", "fails", "Each socket is one", "ulimit -S -n 1024"),
    ("few open files for good", "open files", "fails", "Each socket is one", "sudo prlimit --pid $$ --nofile="),
    ("32 bits", "processor", "absent", "made for x86_64", "vagrant up"),
]


@pytest.mark.parametrize("what", dict.fromkeys(row[0] for row in BROKEN))
def test_what_is_broken_is_named(ordinary_user: Run, what: str) -> None:
    """In JSON for scripts: its line, its cause, its command, and an exit code that says whether labs can run."""
    done = ordinary_user([*BREAK, what, "--", *DOCTOR, "--json"])
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    rows = {row["name"]: row for row in report["checks"]}
    expected = [row[1:] for row in BROKEN if row[0] == what]
    for line, found, cause, mend in expected:
        assert rows[line]["found"] == found, rows[line]
        assert cause in rows[line]["meaning"]
        assert mend in rows[line]["mend"]
    stops = any(found == "fails" for _, found, _, _ in expected)
    assert (done.returncode, report["labs_can_run"]) == (int(stops), not stops), report


def test_each_missing_program_is_named(ordinary_user: Run) -> None:
    """In words for people: a mark, the program, who misses it, and the command, for each of twelve."""
    done = ordinary_user([*BREAK, "tools missing", "--", *DOCTOR])
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    for tool in breaking.TOOLS:
        at = next(index for index, line in enumerate(lines) if line[2:].split()[:1] == [tool])
        assert lines[at].endswith("not found"), lines[at]
        assert lines[at][0] in "✗–"
        assert any(line.strip().startswith("$ ") for line in lines[at + 1 : at + 3]), lines[at : at + 3]
    assert "The labs cannot run yet" in lines[-1]


def test_every_breakage_is_tried() -> None:
    """None is kept that no test asks doctor about."""
    assert {row[0] for row in BROKEN} | {"tools missing", "no Python"} == set(breaking.BREAKAGES)


def test_a_machine_without_a_python_that_will_do(ordinary_user: Run) -> None:
    """Doctor cannot start there: ./env/up says it, with the command that installs one."""
    done = ordinary_user([*BREAK, "no Python", "--", str(UP), "--no-lab"])
    assert done.returncode == 1
    assert "there is no whole Python 3.11 to 3.14 here" in done.stderr
    assert "sudo apt-get install python3" in done.stderr
