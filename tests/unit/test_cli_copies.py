"""The learner's copies: made where missing, never overwritten, kept under a dated name on reset."""

import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab.command import lab as lab_command
from tcplab.command import main, places
from tcplab.command.arguments import parser
from tcplab.command.copies import add_missing, give_back
from tcplab.command.execution import Job, Result
from tcplab.command.needs import Need
from tcplab.command.places import Lab, named
from tcplab.errors import BadValue


@pytest.fixture
def labs(tmp_path: Path) -> list[Lab]:
    folder = tmp_path / "labs"
    folder.mkdir()
    made = []
    for name in ("00-cold-open", "01-the-wire", "10-upstream"):
        path = folder / f"{name}.ipynb"
        path.write_text(f"{name} as it was")
        path.chmod(0o444)
        made.append(Lab(path))
    return made


def test_missing_labs_are_copied_and_can_be_written(labs: list[Lab], tmp_path: Path) -> None:
    """A copy is the lab byte for byte, and the learner's to change, although an installed one is read-only."""
    mine = tmp_path / "a new" / "my labs"
    assert [path.name for path in add_missing(labs, mine)] == [lab.path.name for lab in labs]
    for lab in labs:
        assert (mine / lab.path.name).read_bytes() == lab.path.read_bytes()
        assert (mine / lab.path.name).stat().st_mode & 0o600 == 0o600
    assert sorted(path.name for path in mine.iterdir()) == [lab.path.name for lab in labs]


def test_what_is_there_is_never_overwritten(labs: list[Lab], tmp_path: Path) -> None:
    """A second time only what is missing comes."""
    mine = tmp_path / "mine"
    add_missing(labs, mine)
    (mine / "00-cold-open.ipynb").write_text("my work")
    (mine / "01-the-wire.ipynb").unlink()
    assert [path.name for path in add_missing(labs, mine)] == ["01-the-wire.ipynb"]
    assert (mine / "00-cold-open.ipynb").read_text() == "my work"


def test_reset_keeps_the_learners_own(labs: list[Lab], tmp_path: Path) -> None:
    """The lab is as it was, and each own version is kept under a name with its date, none over another."""
    mine = tmp_path / "mine"
    add_missing(labs, mine)
    kept = []
    for work in ("first", "second"):
        (mine / "00-cold-open.ipynb").write_text(work)
        kept.append(give_back(labs[0], mine))
        assert (mine / "00-cold-open.ipynb").read_text() == "00-cold-open as it was"
    assert [path.read_text() for path in kept if path] == ["first", "second"]
    assert all(path and re.match(r"00-cold-open\.kept-\d{4}-\d\d-\d\d-\d{4}(-2)?\.ipynb", path.name) for path in kept)


def test_reset_of_an_untouched_lab_keeps_nothing(labs: list[Lab], tmp_path: Path) -> None:
    """There is nothing to keep where nothing was changed, or nothing was there."""
    mine = tmp_path / "mine"
    assert give_back(labs[0], mine) is None
    assert give_back(labs[0], mine) is None
    assert [path.name for path in mine.iterdir()] == ["00-cold-open.ipynb"]


@pytest.mark.parametrize("word", ["1", "01", "01-the-wire", "the-wire", "01-the", "labs/01-the-wire.ipynb"])
def test_a_lab_goes_by_number_or_name(labs: list[Lab], word: str) -> None:
    """Whatever a person would type."""
    assert named(word, labs).name == "01-the-wire"


@pytest.mark.parametrize("word", ["2", "wire", "", "0x", "."])
def test_a_name_that_is_none(labs: list[Lab], word: str) -> None:
    """It is refused with what exists."""
    with pytest.raises(BadValue, match="00-cold-open, 01-the-wire, 10-upstream"):
        named(word, labs)


def test_reset_reports_as_json(
    labs: list[Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For scripts: where the lab is, and where the learner's own is kept."""
    monkeypatch.setattr("tcplab.command.reset.labs", lambda: labs)
    (tmp_path / "00-cold-open.ipynb").write_text("mine")
    assert main(["reset", "00", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert Path(said["lab"]).read_text() == "00-cold-open as it was"
    assert Path(said["kept"]).read_text() == "mine"


def test_run_takes_each_named_lab_once(
    labs: list[Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By number, in the order asked for; all where none is named; one failure makes the exit code 1."""

    def executed(jobs: list[Job], needs: dict[str, Need], *, at_once: int, scratch: Path) -> Iterator[Result]:
        assert at_once <= len(jobs)
        assert set(needs) == {job.name for job in jobs}
        assert scratch.is_dir()
        for job in reversed(jobs):
            yield Result(job.name, 1.0, error="" if job.name.startswith("0") else "It failed")

    monkeypatch.setattr("tcplab.command.run.labs", lambda **_: labs)
    monkeypatch.setattr("tcplab.command.run.executed", executed)
    monkeypatch.setattr(places, "checkout", lambda: None)
    assert main(["run", "1", "00", "01", "--jobs", "8"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[:2]] == ["01-the-wire", "00-cold-open"]
    assert main(["run"]) == 1
    assert capsys.readouterr().out.endswith("2 of 3 passed.\n")


def test_jupyterlab_is_started_for_this_machine_only(tmp_path: Path) -> None:
    """127.0.0.1, its token kept, no news from elsewhere, kernels on Unix sockets."""
    asked = parser().parse_args(["lab", "--no-browser", "--port", "8899"])
    said = lab_command.options(asked, tmp_path, "00-cold-open.ipynb", tmp_path)
    assert "--ServerApp.ip=127.0.0.1" in said
    assert "--KernelManager.transport=ipc" in said
    assert {"--no-browser", "--ServerApp.port=8899"} <= set(said)
    assert not any("token" in word for word in said)


def test_state_stays_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout Jupyter writes below .tools/var; what the learner set is left as it is."""
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    monkeypatch.setenv("JUPYTER_DATA_DIR", "mine")
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    places.keep_state(tmp_path / "scratch")
    assert os.environ["JUPYTER_CONFIG_DIR"] == str(tmp_path / ".tools/var/jupyter/config")
    assert os.environ["JUPYTER_DATA_DIR"] == "mine"
    assert Path(os.environ["IPYTHONDIR"]).is_dir()


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("command", [["reset", "00"], ["lab", "--no-browser"]])
def test_a_checkout_of_somebody_elses(
    command: list[str], refusal: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing can be written the way out is said, and no bare errno."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(refusal, os.strerror(refusal), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(command) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"tcplab: /.*my-labs cannot be written by you \(.+\)\. Name a folder of your own: tcplab lab DIR, .*\n", said
    )
