"""Where the machine forbids namespaces: one error that says what, and the command that finds the mend."""

import os
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


UP = """
from tcplab import Testbed
from tcplab.errors import NotPermitted
try:
    with Testbed.two_hosts() as bed:
        print(bed.client.run(["hostname"]).stdout.strip())
except NotPermitted as error:
    print(error)
"""


def test_root_needs_no_user_namespace():
    """A container that forbids user namespaces, and has root: the world comes up."""
    forbidding = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    argv = ["unshare", "--user", "--map-root-user", "sh", "-c", forbidding, "sh", sys.executable, "-c", UP]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "client\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="takes a capability away from root")
def test_root_without_its_powers():
    """A container's root that may not make namespaces at all: NotPermitted, as for anybody."""
    argv = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", sys.executable, "-c", UP]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "forbids the namespaces" in said
    assert "Operation not permitted" in said
