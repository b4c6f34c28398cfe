"""The command line: what is understood, what is refused with exit code 2, and what it says of itself."""

import subprocess
import sys

import pytest
from tcplab import __version__
from tcplab.command import main
from tcplab.command.arguments import parser

COMMANDS = ("doctor", "lab", "run", "shell", "reset", "new-lab")


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """`tcplab --version` says the one version there is."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"tcplab {__version__}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help of each says what it does and what its exit codes mean."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "exit codes: 0 ok, 1" in said
    assert "141" in said


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["docter"],
        ["run", "--jobs", "0"],
        ["run", "--jobs", "many"],
        ["lab", "--port", "65536"],
        ["shell", "client", "--world", "-3"],
        ["reset"],
        ["doctor", "--colour"],
    ],
)
def test_what_is_not_understood_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A usage line on standard error, nothing on standard output."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("usage: tcplab")


@pytest.mark.parametrize("command", ["run", "reset"])
def test_an_unknown_lab_lists_what_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A NAME that is none ends with 2 and the names that would have been right."""
    assert main([command, "97"]) == 2
    assert "NAME='97'" in capsys.readouterr().err


def test_defaults() -> None:
    """Everything can be left away but what names a thing to act on."""
    assert vars(parser().parse_args(["run"]))["jobs"] is None
    assert parser().parse_args(["run", "00", "01", "--jobs", "2"]).names == ["00", "01"]
    assert parser().parse_args(["lab"]).directory is None


def test_a_poor_locale_costs_the_marks_only() -> None:
    """Where ✓ cannot be written the report is still whole."""
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": "/usr/bin:/bin"}
    argv = [sys.executable, "-m", "tcplab", "shell"]
    done = subprocess.run([*argv, "--help"], capture_output=True, text=True, env=poor, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_heavy_is_imported_to_explain() -> None:
    """`tcplab --help` is quick: no numpy, no Jupyter, no papermill."""
    look = (
        "import sys, tcplab.command.arguments as a; a.parser().format_help();"
        "print([m for m in ('numpy', 'jupyterlab', 'papermill', 'IPython', 'scapy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
