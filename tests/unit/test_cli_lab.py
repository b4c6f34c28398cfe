"""What `tcplab lab` settles before Jupyter starts: a short private place, trust in labs nobody changed, Notebook 7."""

import json
import tempfile
from importlib import util
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from tcplab.__main__ import main
from tcplab.command import lab as lab_command
from tcplab.command.places import Lab
from tcplab.command.trust import trust


def test_sockets_lie_where_their_paths_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of a Unix socket has 107 bytes: a long TMPDIR is left for the learner's runtime directory, else /tmp."""
    assert lab_command.short_place() is None
    long, runtime = tmp_path / ("l" * 120), tmp_path / "r"
    long.mkdir()
    runtime.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert lab_command.short_place() == (runtime if len(str(runtime)) <= 80 else Path("/tmp"))
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert lab_command.short_place() == Path("/tmp")


def test_labs_that_nobody_changed_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are signed; a copy with another cell, or none at all, is not."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    shipped, mine = tmp_path / "labs", tmp_path / "mine"
    labs = []
    for folder in (shipped, mine):
        folder.mkdir()
    for name in ("00-one.ipynb", "01-two.ipynb", "02-three.ipynb"):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(name, id="a")])
        nbformat.write(book, shipped / name)
        labs.append(Lab(shipped / name))
    (mine / "00-one.ipynb").write_bytes((shipped / "00-one.ipynb").read_bytes())
    changed = json.loads((shipped / "01-two.ipynb").read_text())
    changed["cells"][0]["source"] = "another"
    (mine / "01-two.ipynb").write_text(json.dumps(changed))
    assert trust(labs, mine) == [mine / "00-one.ipynb"]
    with NotebookNotary() as notary:
        known = [notary.check_signature(nbformat.read(mine / name, 4)) for name in ("00-one.ipynb", "01-two.ipynb")]
    assert known == [True, False]


def test_notebook_7_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then nothing is copied, and the command that installs it is said."""
    find = util.find_spec
    monkeypatch.setattr(lab_command, "find_spec", lambda name: None if name == "notebook" else find(name))
    for root, mend in ((tmp_path, "./env/up --no-lab --for-tests"), (None, "python -m pip install 'notebook>=7.4'")):
        monkeypatch.setattr(lab_command, "checkout", lambda root=root: root)
        assert main(["lab", str(tmp_path / "mine"), "--notebook"]) == 1
        assert mend in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
