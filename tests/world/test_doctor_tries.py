"""Doctor on the real kernel: quick, without traces, and right where namespaces are forbidden."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
DOCTOR = [sys.executable, "-m", "tcplab", "doctor", "--json"]

# In a user namespace of its own, whose limits are its own, with no capability left at the end.
LIMITED = """
set -e
echo 0 > /proc/sys/user/{limit}
exec setpriv --inh-caps -all --ambient-caps -all --bounding-set -all "$@"
"""

# What Docker's default profile does: unshare(2) and clone3-for-namespaces answer EPERM (x86-64 and arm64 numbers).
FILTERED = """
import ctypes, os, struct, sys
unshare = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
load, equal, answer = 0x20, 0x15, 0x06
rules = [(load, 0, 0, 0), (equal, 0, 1, unshare), (answer, 0, 0, 0x00050001), (answer, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[1], sys.argv[1:])
"""


def checks(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, str]]:
    assert done.stdout, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["checks"]}


def here(argv: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(list(argv), capture_output=True, text=True, timeout=30, check=False)


def test_an_ordinary_user_can_run_the_labs(ordinary_user: Run) -> None:
    """Without sudo every kernel feature is tried in a user namespace, and works."""
    done = ordinary_user(DOCTOR)
    assert done.returncode == 0, done.stdout
    assert "user" in checks(done)["namespaces"]["seen"]


def test_whoever_runs_the_tests_can_run_the_labs() -> None:
    """As root without a user namespace, as anyone else with one."""
    done = here(DOCTOR)
    assert done.returncode == 0, done.stdout
    for name in ("own /proc", "veth pair", "packet socket", "packet ring", "/proc/sys/net", "sock_diag", "a world"):
        assert checks(done)[name]["found"] == "works"


def test_a_reader_that_leaves_early() -> None:
    """`tcplab doctor | true` ends quietly, and not as if all were read and well."""
    line = '"$@" | true; echo ${PIPESTATUS[0]}'
    done = here(["bash", "-c", line, "bash", *DOCTOR])
    assert done.stdout.strip() in ("141", "0")  # 0: it was quicker than the reader
    assert done.stderr == ""


def test_it_is_quick() -> None:
    """Under a second on an idle machine; here of the processor's own time, for others may have the rest of it."""
    before = os.times()
    here(DOCTOR)
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 3


@pytest.mark.parametrize("limit", ["max_user_namespaces", "max_net_namespaces"])
def test_a_closed_lock_is_named(ordinary_user: Run, limit: str) -> None:
    """Where the kernel's limit is 0, doctor names it, gives its key, and ends with 1."""
    inside = ["sh", "-c", LIMITED.format(limit=limit), "sh", *DOCTOR]
    done = ordinary_user(["unshare", "--user", "--map-current-user", "--keep-caps", *inside])
    refused = checks(done)["namespaces"]
    assert (done.returncode, refused["found"]) == (1, "fails")
    assert f"user.{limit}=0" in refused["meaning"]
    assert refused["mend"].startswith(f"sudo sysctl -w user.{limit}=")
    assert checks(done)["veth pair"]["found"] == "absent"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be a root without CAP_SYS_ADMIN")
def test_a_root_without_its_might_is_told() -> None:
    """Root in a container as Docker starts it by default: it lacks CAP_SYS_ADMIN, and doctor says so."""
    done = here(["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", *DOCTOR])
    refused = checks(done)["namespaces"]
    assert (done.returncode, refused["found"]) == (1, "fails")
    assert "no CAP_SYS_ADMIN" in refused["meaning"]
    assert "--cap-add SYS_ADMIN" in refused["mend"]


def test_a_seccomp_filter_is_named(ordinary_user: Run) -> None:
    """Where a filter refuses unshare(), as Docker's default profile does, doctor says that it is the filter."""
    done = ordinary_user([sys.executable, "-c", FILTERED, *DOCTOR])
    refused = checks(done)["namespaces"]
    assert (done.returncode, refused["found"]) == (1, "fails")
    assert "seccomp" in refused["meaning"]
    assert "seccomp=unconfined" in refused["mend"]
