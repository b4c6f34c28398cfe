"""The check that every test of the real kernel is under: it sees what a test leaves."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import has_company
from traces import left_after, traces

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def alone(request):
    """Whether nobody runs tests beside this one: what all share is then looked at too."""
    return not has_company(request.config)


def test_nothing_done_leaves_nothing(alone):
    """Two looks at an idle machine are the same."""
    assert left_after(traces(alone=alone), alone=alone) == []


def test_a_listener_in_the_machines_own_network_is_seen(alone):
    """A server on the learner's own loopback would be a trace."""
    before = traces(alone=alone)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert left_after(before, within_s=0, alone=alone) == [f"listeners: port {port}"]
    assert left_after(before, alone=alone) == []


def test_a_process_is_seen(alone):
    """A program that outlives its test is a trace, also when its parent is gone."""
    before = traces(alone=alone)
    script = "exec 3<&0; sh -c 'echo $$; read line <&3' & "  # it says its pid when it runs, and waits for us
    with subprocess.Popen(
        ["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        orphan = int(parent.stdout.readline())
        assert [left.split()[:2] for left in left_after(before, within_s=1, alone=alone)] == [
            ["processes:", str(orphan)]
        ]
    assert left_after(before, alone=alone) == []


def test_a_file_is_seen(alone):
    """A temporary file that stays is a trace."""
    before = traces(alone=alone)
    with tempfile.NamedTemporaryFile() as file:
        assert left_after(before, within_s=0, alone=alone) == [f"files: {file.name}"]


def test_the_suite_takes_an_ordinary_user_by_itself(ordinary_user):
    """What runs as an ordinary user has another uid than root, no capability, and can import tcplab."""
    code = (
        "import os, tcplab; print(os.geteuid() == 0, open('/proc/self/status').read().split('CapEff:')[1].split()[0])"
    )
    said = ordinary_user([sys.executable, "-c", code])
    assert (said.stdout, said.stderr, said.returncode) == ("False 0000000000000000\n", "", 0)
