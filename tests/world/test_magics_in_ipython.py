"""`%load_ext tcplab` in IPython: which host is meant, what is refused, what is left alone."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from tcplab import Testbed, hint
from traitlets.config import Config

pytestmark = pytest.mark.by_anyone


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell with the magics, which writes no history; it ends with Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
        shell.run_line_magic("load_ext", "tcplab")
        yield shell


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where progress is kept."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts() as bed:
        yield bed


def test_the_next_step_works(shell: InteractiveShell) -> None:
    """Verdicts say `next step: hint("…")`, and most labs do not import it: the extension makes the name known."""
    assert shell.user_ns["hint"] is hint


@pytest.mark.usefixtures("bed")
def test_a_name_means_the_newest_bed(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """`%on server` and `%%on server` run there; `$1` and braces stay the shell's."""
    shell.run_cell("%on server hostname; echo '{1}' $((1 + 1)) | awk '{print $2}'")
    shell.run_cell("%%on server\nhostname\nfalse")
    assert capsys.readouterr().out == "server\n2\nserver\n[exit code 1]\n"


def test_any_expression_may_name_a_host(
    shell: InteractiveShell, bed: Testbed, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host of another bed is named by the variable that holds the bed."""
    shell.user_ns["first"] = bed
    with Testbed.two_hosts() as newer:
        assert Testbed.newest() is newer
        said = bed.client.run(["readlink", "/proc/self/ns/net"]).stdout
        shell.run_cell("%%on first.client\nreadlink /proc/self/ns/net")
    assert capsys.readouterr().out == said


@pytest.mark.usefixtures("bed")
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%on nobody\nls", "nobody is not a host. Hosts of the newest bed: client, server."),
        ("%%on 1/0\nls", "1/0 is not a host. Hosts of the newest bed: client, server."),
        ("%%on client ss\nss", "Write %%on client, with the commands below it, or in one line: %on client ss -tan"),
        ("%on client", "Write %%on client, with the commands below it, or in one line: %on client ss -tan"),
    ],
)
def test_what_is_refused(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, message: str) -> None:
    """One sentence without a traceback, and the cell counts as failed, so that no later cell runs on."""
    assert not shell.run_cell(cell).success
    assert capsys.readouterr().err == f"UsageError: {message}\n"


def test_without_a_bed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to bring one up."""
    monkeypatch.setattr("tcplab.notebook.magics.newest", lambda: None)
    shell.run_cell("%on client ls")
    assert "client is not a host. No bed is up: bed = Testbed.two_hosts().up()" in capsys.readouterr().err


@pytest.mark.usefixtures("bed")
def test_hosts_are_completed(shell: InteractiveShell) -> None:
    """Tab knows the hosts of the newest bed."""
    found = shell.Completer.completions("%%on se", 7)
    with provisionalcompleter():
        assert [each.text for each in found] == ["server"]


def test_a_verdict_is_shown_once(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """check() prints its verdict; that it is also the cell's value adds nothing."""
    shell.run_cell("from tcplab import check\nverdict = check('paths', ...)\nverdict")
    assert capsys.readouterr().out.count("□ not attempted") == 1
    shell.run_cell("from tcplab.model.evidence import Outcome, Verdict\nVerdict(Outcome.PASSED, 'Done.')")
    assert "■ passed  Done." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("bed.client.listen(99999)", "BadValue: port=99999 is not possible."),
        ("def ask():\n    return bed.client.connect(bed.server, 81)\nask()", "ConnectionRefusedError: [Errno 111]"),
        ("from tcplab import nginx\nwith nginx(bed.server, 'absent'):\n    pass", "BadValue: "),
        (
            "import _thread, tcplab\ntcplab.wait_until(_thread.interrupt_main, within_s=5, what='an interrupt')",
            "KeyboardInterrupt: ",
        ),
    ],
)
def test_a_refusal_is_shown_at_the_learners_line(
    shell: InteractiveShell, bed: Testbed, capsys: pytest.CaptureFixture[str], cell: str, message: str
) -> None:
    """No frame of tcplab, nor of what lies between, stands between the cell and the message."""
    shell.user_ns["bed"] = bed
    assert not shell.run_cell(cell).success
    said = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert message in said
    assert cell.splitlines()[0] in said, "The learner's own line is not shown."
    assert "tcplab/" not in said
    assert "contextlib.py" not in said


def test_an_error_of_the_learners_own_is_shown_whole(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """An OSError that other code raised keeps its frames."""
    shell.run_cell("import tempfile\ntempfile.mkdtemp(dir='/nowhere')")
    assert "tempfile.py" in capsys.readouterr().out


def test_loading_does_nothing_else() -> None:
    """No world and no picture library is loaded, no thread started; hint and solution are there."""
    script = (
        "import sys, threading, tcplab\n"
        "from unittest.mock import MagicMock\n"
        "shell = MagicMock(user_ns={})\n"
        "tcplab.load_ipython_extension(shell)\n"
        "heavy = {'matplotlib', 'numpy', 'scapy', 'tcplab.testbed', 'tcplab.world.world'} & set(sys.modules)\n"
        "print(list(shell.user_ns), threading.active_count(), sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['hint', 'solution'] 1 []\n"
