"""Where the machine forbids namespaces: one error that says what, and the command that finds the mend."""

import subprocess
import sys

import pytest

# A user namespace of its own, in which a limit of 0 forbids what is asked; then the limit is lifted.
SCRIPT = """
import os
from pathlib import Path
from tcplab import Testbed
from tcplab.errors import NotPermitted

limit = Path("/proc/sys/user/%s")
before = limit.read_text()
limit.write_text("0")
files = len(os.listdir("/proc/self/fd"))
for _ in range(3):
    try:
        Testbed.two_hosts().up()
    except NotPermitted as error:
        print(error)
print(len(os.listdir("/proc/self/fd")) - files)
limit.write_text(before)
with Testbed.two_hosts() as bed:
    print(bed.client.run(["hostname"]).stdout.strip())
"""


@pytest.mark.parametrize(
    ("as_whom", "limit"),
    [
        ("--map-root-user", "max_net_namespaces"),
        ("--map-root-user", "max_pid_namespaces"),
        ("--map-current-user", "max_user_namespaces"),
    ],
)
def test_a_world_that_may_not_be(as_whom, limit, ordinary_user):
    """NotPermitted names unshare's words and `tcplab doctor`; nothing stays open; once allowed, a world comes up."""
    argv = ["unshare", "--user", as_whom, "--keep-caps", sys.executable, "-c", SCRIPT % limit]
    if as_whom == "--map-current-user":
        done = ordinary_user(argv)
    else:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *errors, files, name = done.stdout.splitlines()
    assert len(errors) == 3
    assert all("forbids the namespaces" in each and "No space left on device" in each for each in errors)
    assert all("tcplab doctor" in each for each in errors)
    assert (files, name) == ("0", "client")
