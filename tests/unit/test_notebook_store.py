"""The file that progress is kept in: its versions, and where it cannot be kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tcplab.errors import NotKept
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import kept, store
from tcplab.notebook.progress import recorded
from tcplab.notebook.store import FILE, VERSION, delete, unsaid

PASSED = Verdict(Outcome.PASSED, "It is.")


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    for name, value in (("_told", set()), ("_untold", []), ("_in_process", {})):
        monkeypatch.setattr(store, name, value)
    yield
    for remembered in store._in_process.values():
        remembered.close()


def old(folder: Path) -> Path:
    """A file as the first versions of the course wrote it."""
    with closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute(
            "create table exercise (name text primary key, passed integer not null, tries integer not null)"
            " without rowid"
        )
        file.execute("insert into exercise values ('paths', 1, 3), ('holders', 0, 2)")
    return folder / FILE


def version(path: Path) -> int:
    """The version that a file says."""
    with closing(sqlite3.connect(path)) as file:
        return file.execute("pragma user_version").fetchone()[0]


def test_an_old_file_is_read_as_it_is(tmp_path):
    """To look changes nothing, not even the version."""
    before = old(tmp_path).read_bytes()
    assert recorded(tmp_path) == {"paths": Outcome.PASSED, "holders": Outcome.NOT_YET}
    assert (tmp_path / FILE).read_bytes() == before


def test_an_old_file_is_brought_up_to_date(tmp_path):
    """The first change keeps what was there."""
    path = old(tmp_path)
    kept.keep_attempt("holders", PASSED, folder=tmp_path)
    assert version(path) == VERSION
    assert recorded(tmp_path) == {"paths": Outcome.PASSED, "holders": Outcome.PASSED}
    assert kept.draws(folder=tmp_path) == {}


def test_a_newer_file_is_not_touched(tmp_path):
    """One sentence says what it is; nothing of it is read, changed or deleted, and the lab remembers for itself."""
    path = old(tmp_path)
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"pragma user_version = {VERSION + 1}")
    before = path.read_bytes(), path.stat().st_mtime_ns
    for _ in range(2):
        kept.keep_attempt("four_reasons", PASSED, folder=tmp_path)
    assert unsaid() == (
        f"Your progress is not kept in {FILE}: a newer tcplab wrote it (version {VERSION + 1}; this one knows"
        f" {VERSION}). It stays as it is. Use that tcplab, or another folder."
    )
    assert unsaid() == ""
    assert recorded(tmp_path) == {"four_reasons": Outcome.PASSED}
    with pytest.raises(NotKept, match="a newer tcplab"):
        delete(tmp_path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("folder", ["missing", "/proc"])
def test_a_folder_that_cannot_be_written(tmp_path, folder):
    """One sentence, and the process remembers: also where not even root may write."""
    kept.keep_hint("paths", 1, folder=tmp_path / folder)
    kept.keep_hint("paths", 2, folder=tmp_path / folder)
    assert unsaid().startswith("Your progress is not kept in .tcplab-progress.db: it cannot be written")
    assert unsaid() == ""
    assert kept.hints_seen("paths", folder=tmp_path / folder) == 2


def test_a_file_that_is_something_else(tmp_path):
    """It is neither raised about nor overwritten."""
    (tmp_path / FILE).write_text("not a database, but long enough to be taken for one" * 10)
    before = (tmp_path / FILE).read_bytes()
    kept.keep_attempt("paths", PASSED, folder=tmp_path)
    assert "it is something else" in unsaid()
    assert (tmp_path / FILE).read_bytes() == before


def test_a_database_that_is_broken(tmp_path):
    """With the sign of a database and nothing behind it: said once, remembered in this process."""
    (tmp_path / FILE).write_bytes(b"SQLite format 3\0" + bytes(4080))
    kept.keep_attempt("paths", PASSED, folder=tmp_path)
    assert "it cannot be written" in unsaid()
    assert recorded(tmp_path) == {"paths": Outcome.PASSED}


def test_what_could_be_read_is_remembered_where_nothing_can_be_written(tmp_path, monkeypatch):
    """A file on a medium that is read-only still says what was passed."""
    kept.keep_attempt("paths", PASSED, folder=tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("begin exclusive")  # nobody else may write, as on such a medium
        other.execute("rollback")
        other.execute("begin immediate")
        monkeypatch.setattr(store, "_BUSY_S", 0.0)
        kept.keep_attempt("holders", PASSED, folder=tmp_path)
        assert "database is locked" in unsaid()
        assert recorded(tmp_path) == {"paths": Outcome.PASSED, "holders": Outcome.PASSED}
    kept.keep_attempt("four_reasons", PASSED, folder=tmp_path)
    assert unsaid() == ""
    assert recorded(tmp_path) == {"paths": Outcome.PASSED, "four_reasons": Outcome.PASSED}


def test_deleted_is_gone(tmp_path):
    """The file is removed, with all that was in it; a second time there is nothing."""
    kept.keep_attempt("paths", PASSED, folder=tmp_path)
    assert delete(tmp_path)
    assert not delete(tmp_path)
    assert recorded(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
