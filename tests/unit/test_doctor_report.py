"""What doctor says: marks in a table, JSON for scripts, and a cause named for every lock."""

import json
from dataclasses import replace

import pytest
from tcplab.doctor import Check, Found, Report, manager
from tcplab.doctor.cause import Locks, cause
from tcplab.doctor.tools import TOOLS, Tool, checked_tools

OPEN = Locks(
    root=False,
    apparmor_restricts=0,
    unprivileged_clone=1,
    none_allowed=(),
    user_namespaces_built_in=True,
    container="",
    filtered=False,
)


def test_a_failing_check_stops_the_labs_an_absent_one_does_not() -> None:
    """Only ✗ makes the exit code 1."""
    works, absent = Check("ip", Found.WORKS, "6.1"), Check("ab", Found.ABSENT, "not found", "Later.", "get ab")
    fails = Check("ss", Found.FAILS, "not found", "Every lab.", "get ss")
    assert Report((works, absent)).labs_can_run
    assert not Report((works, absent, fails)).labs_can_run
    assert "1 thing to mend" in str(Report((fails,)))
    assert "2 things to mend" in str(Report((fails, replace(fails, name="ip"))))


def test_each_mark_is_in_the_table() -> None:
    """✓, ✗ and – in front, what it means and the command under it."""
    rows = [Check(found, found, "seen", "It means this.", "mend it") for found in Found]
    lines = str(Report(tuple(rows))).splitlines()
    assert [line[0] for line in lines if line[:1] in "✓✗–" and line] == ["✓", "✗", "–"]
    assert sum("$ mend it" in line for line in lines) == 3
    assert all(len(line) <= 120 for line in lines)


def test_json_has_all_that_the_table_has() -> None:
    """A script reads the verdict and each check's fields."""
    check = Check("ss", Found.FAILS, "not found", "Every lab.", "get ss")
    assert json.loads(Report((check,)).as_json()) == {
        "labs_can_run": False,
        "checks": [{"name": "ss", "found": "fails", "seen": "not found", "meaning": "Every lab.", "mend": "get ss"}],
    }


@pytest.mark.parametrize(
    ("locks", "named", "mend"),
    [
        ({"apparmor_restricts": 1}, "AppArmor", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
        ({"unprivileged_clone": 0}, "Debian", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ({"none_allowed": ("user",)}, "user.max_user_namespaces=0", "sysctl -w user.max_user_namespaces="),
        ({"none_allowed": ("net",)}, "user.max_net_namespaces=0", "sysctl -w user.max_net_namespaces="),
        ({"filtered": True, "container": "Docker"}, "seccomp", "--security-opt seccomp=unconfined"),
        ({"filtered": True, "container": "Docker", "apparmor_restricts": 1}, "seccomp", "apparmor=unconfined"),
        ({"none_allowed": ("pid",)}, "user.max_pid_namespaces=0", "sysctl -w user.max_pid_namespaces="),
        ({"none_allowed": ("user",), "root": True}, "CAP_SYS_ADMIN", "--cap-add SYS_ADMIN"),
        ({"filtered": True, "container": "Podman"}, "seccomp", "podman run --security-opt unmask=ALL"),
        ({"root": True, "container": "Podman"}, "CAP_SYS_ADMIN", "podman run --cap-add SYS_ADMIN,NET_ADMIN,NET_RAW"),
        ({"root": True, "container": "Colab"}, "a Linux machine of your own", "./env/up"),
        ({"filtered": True, "container": "Binder"}, "lets nobody change that", "./env/up"),
        ({"root": True, "container": "Docker", "filtered": True}, "CAP_SYS_ADMIN", "--cap-add SYS_ADMIN"),
        ({"user_namespaces_built_in": False}, "CONFIG_USER_NS", "vagrant up"),
        ({}, "Operation not permitted", "vagrant up"),
    ],
)
def test_each_lock_is_named_with_its_key(locks: dict[str, object], named: str, mend: str) -> None:
    """The cause names who forbids it, and the one command that opens it."""
    why = cause(replace(OPEN, **locks), "unshare: unshare failed: Operation not permitted")
    assert named in why.meaning
    assert mend in why.mend


def test_a_missing_tool_says_who_misses_it() -> None:
    """Not found: what it is for, and what brings it; an optional one stops nothing."""
    tools = (Tool("ss", "-V", "iproute2", "Every lab."), Tool("ab", "-V", "apache2-utils", "Later.", optional=True))
    needed, optional = checked_tools(tools=tools, path="/nonexistent")
    assert (needed.found, needed.meaning) == (Found.FAILS, "Every lab.")
    assert optional.found is Found.ABSENT
    assert all(check.mend for check in (needed, optional))


def test_a_tool_that_does_not_start_is_not_there(tmp_path) -> None:
    """Present is not enough: what cannot be run, or is too old, is said to be so."""
    for name, body in (("broken", "exit 127"), ("old", "echo old 2.34")):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
    tools = (Tool("broken", "-V", "x", "All."), Tool("old", "-V", "x", "All.", at_least=(2, 35)))
    broken, old = checked_tools(tools=tools, path=str(tmp_path))
    assert (broken.found, old.found) == (Found.FAILS, Found.FAILS)
    assert "does not start" in broken.seen
    assert "2.35 or newer is needed" in old.seen


def test_the_command_is_the_distributions_own(monkeypatch) -> None:
    """apt where it is; on Fedora dnf, with Fedora's names, and no ./env/up, which could not unpack anything."""
    for found, tool, mend in (
        ("apt-get", "ss", "./env/up --no-lab"),
        ("apt-get", "unshare", "sudo apt-get install util-linux"),
        ("dnf", "ss", "sudo dnf install iproute"),
        ("dnf", "ab", "sudo dnf install httpd-tools"),
        ("dnf", "nginx", "sudo dnf install nginx"),
        ("", "sysctl", "install, with this machine's package manager: procps"),
    ):
        monkeypatch.setattr(manager.shutil, "which", lambda name, found=found: name if name == found else None)
        assert next(each for each in TOOLS if each.name == tool).mend == mend
    monkeypatch.setattr(manager.shutil, "which", lambda name: name if name == "dnf" else None)
    assert manager.install("procps", again=True) == "sudo dnf reinstall procps-ng"
