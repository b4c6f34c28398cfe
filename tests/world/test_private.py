"""A world is its owner's: no other user gets in."""

import os
import subprocess
import sys

import pytest
from owners import owner, parts_of
from tcplab import wait_until
from tcplab.world.visit import visit, worlds

UP = """
import sys
from tcplab import Testbed
bed = Testbed.two_hosts().up()
print("ready", flush=True)
sys.stdin.read()
"""
KNOCK = """
import os, socket, sys
from tcplab.world.visit import worlds
for pid in sys.argv[1:]:
    knocking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for path in (f"/proc/{pid}/root/run/tcplab/client.sock", f"/proc/{pid}/cwd/run/tcplab/client.sock"):
        try:
            knocking.connect(path)
            print("came in")
        except OSError as error:
            print(type(error).__name__)
print(worlds())
"""


def as_user(uid):
    """The beginning of a command that runs as this user, with nothing of root's."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "env", "HOME=/", "TMPDIR=/tmp"]


@pytest.mark.skipif(os.geteuid() != 0, reason="to be two users takes root")
def test_another_user_stays_outside():
    """The agents' sockets are in the world's private /run: EACCES for everybody else, and the world is not listed."""
    with owner(UP, before=as_user(65533)) as process:
        parts = sorted(parts_of(process.pid))
        assert len(parts) >= 4
        knocked = subprocess.run(
            [*as_user(65532), sys.executable, "-c", KNOCK, *map(str, parts)], capture_output=True, text=True, check=True
        )
        assert set(knocked.stdout.split()) == {"PermissionError", "[]"}
        process.stdin.close()
        process.wait(10)


def test_its_owner_comes_in_from_another_process():
    """`tcplab shell` finds the world, its hosts and addresses, newest first."""
    with owner(UP) as process:
        (found,) = [world for world in worlds() if world.owner_pid == process.pid]
        assert found.hosts == ("client", "server")
        with visit(found, "server") as host:
            assert host.run(["hostname"]).stdout == "server\n"
            assert [str(address) for address in host.addresses] == ["192.0.2.2", "2001:db8::2"]


def test_what_a_visitor_started_ends_with_the_visit(bed):
    """The visit ends, and its program with it; the bed's own programs stay."""
    (found,) = [world for world in worlds() if world.owner_pid == os.getpid()]
    with bed.client.start(["sleep", "78901"]):
        with visit(found, "client") as host:
            host.start(["sleep", "78902"])
            assert "78902" in bed.client.run(["ps", "-eww", "-o", "args"]).stdout

        def programs() -> str:
            return bed.client.run(["ps", "-eww", "-o", "args"]).stdout

        wait_until(lambda: "78902" not in programs(), within_s=5)  # its agent hears of the end when its turn comes
        assert "78901" in programs()
