"""The learner's progress as one file beside the notebooks: an SQLite database that says of which version it is.

A change is one transaction, on the disk before it counts: who is killed while writing loses that change and nothing
else. Two notebooks wait for each other. An older file is brought up to date by the first change; a newer one is left
alone. Where nothing can be kept, this process remembers in its place, and `unsaid()` says why.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tcplab.errors import NotKept

FILE = ".tcplab-progress.db"

_STEPS = (
    # 1: what was kept before files had a version
    """
    create table if not exists exercise (name text primary key, passed integer, tries integer) without rowid
    """,
    # 2: what was done, in order; predictions, hints and quizzes; for whom variants are drawn
    """
    alter table exercise add column hints integer not null default 0;
    alter table exercise add column draws integer not null default 0;
    create table attempt (
        number integer primary key, exercise text, at text, outcome text, answer text, message text, misconception text
    );
    create table prediction (
        lab text, name text, predicted text, happened text, at text, primary key (lab, name)
    ) without rowid;
    create table quiz (
        lab text, question text, choice text, is_right integer, at text, primary key (lab, question)
    ) without rowid;
    create table learner (seed integer)
    """,
)
VERSION = len(_STEPS)
"""Of the file: how many steps have made it. Add a step for each change; never alter one."""

_SIGN = b"SQLite format 3\0"
_VERSION_AT = slice(60, 64)  # of the file's head, whatever wrote it: https://sqlite.org/fileformat.html
_BUSY_S = 10.0

_lock = threading.RLock()
_in_process: dict[Path, sqlite3.Connection] = {}
_told: set[str] = set()
_untold: list[str] = []


def change(*steps: tuple[str, tuple[object, ...]], folder: Path | None = None) -> None:
    """Change what is kept: all of the steps, or none.

    Args:
        steps: each a statement of SQL, with what its question marks stand for
        folder: where the notebooks are; the working directory by default
    """
    place = (folder or Path.cwd()) / FILE
    with _lock:
        try:
            with _opened(place) as store:
                _apply(store, steps)
            _forget(place)
        except NotKept as error:
            _note(str(error))
            _apply(_remembered(place), steps)


def rows(question: str, *parameters: object, folder: Path | None = None) -> list[tuple[Any, ...]]:
    """Return what is kept, by a question in SQL; nothing where there is no file, or none that can be read.

    Args:
        question: on the present format, whatever the file's is
        parameters: what its question marks stand for
        folder: where the notebooks are; the working directory by default
    """
    place = (folder or Path.cwd()) / FILE
    with _lock, contextlib.closing(_copy(place)) as store:
        return store.execute(question, parameters).fetchall()


def everything(folder: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return all that is kept, a list of rows for each table; empty where there is no file.

    Raises:
        NotKept: The file is newer than this tcplab, is something else, or cannot be read.
    """
    place = (folder or Path.cwd()) / FILE
    if not place.exists():
        return {}
    with _lock, contextlib.closing(_read(place)) as store:
        tables = [
            name for (name,) in store.execute("select name from sqlite_master where type = 'table' order by name")
        ]
        found = {table: store.execute(f"select * from {table}") for table in tables}  # noqa: S608 (our own names)
        return {
            table: [dict(zip([column[0] for column in answer.description], row, strict=True)) for row in answer]
            for table, answer in found.items()
        }


def unsaid() -> str:
    """Return why progress is not kept, if that has not been said yet; empty where all is well."""
    return _untold.pop() if _untold else ""


def delete(folder: Path | None = None) -> bool:
    """Delete what is kept; False where there was nothing.

    Raises:
        NotKept: The file is newer than this tcplab, is something else, or may not be deleted.
    """
    place = (folder or Path.cwd()) / FILE
    _forget(place)
    if not place.exists():
        return False
    try:
        _refuse_others(place)
        for path in (place, place.with_name(f"{FILE}-journal")):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise NotKept(place, f"it cannot be deleted ({error.strerror})", "Ask who owns the folder") from error
    return True


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[sqlite3.Connection]:
    try:
        _refuse_others(place)
        with contextlib.closing(sqlite3.connect(place, timeout=_BUSY_S, isolation_level=None)) as store:
            store.execute("pragma synchronous = extra")  # that the journal is gone is on the disk, too
            yield store
    except (sqlite3.Error, OSError) as error:
        raise NotKept(place, f"it cannot be written ({error})", "The lab runs on, and forgets when it ends") from error


def _apply(store: sqlite3.Connection, steps: Iterable[tuple[str, tuple[object, ...]]]) -> None:
    store.execute("begin immediate")
    try:
        _bring_up_to_date(store)
        for statement, parameters in steps:
            store.execute(statement, parameters)
        store.execute("commit")
    finally:
        if store.in_transaction:
            store.execute("rollback")


def _bring_up_to_date(store: sqlite3.Connection) -> None:
    (version,) = store.execute("pragma user_version").fetchone()
    for number, step in enumerate(_STEPS[version:], start=version + 1):
        for statement in step.split(";"):
            store.execute(statement)
        store.execute(f"pragma user_version = {number}")


def _read(place: Path) -> sqlite3.Connection:
    """Copy a file into memory, and bring it up to date there: to look changes nothing."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        _refuse_others(place)
        with contextlib.closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=rw", _BUSY_S, uri=True)) as kept:
            kept.backup(copy)
        _bring_up_to_date(copy)
    except (sqlite3.Error, OSError, NotKept) as error:
        copy.close()
        if isinstance(error, NotKept):
            raise
        raise NotKept(place, f"it cannot be read ({error})", "See who may read it, or delete it") from error
    return copy


def _copy(place: Path) -> sqlite3.Connection:
    """Copy what is kept, in the file or in this process; empty where nothing can be read."""
    if place not in _in_process and place.exists():
        with contextlib.suppress(NotKept):
            return _read(place)
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if place in _in_process:
        _in_process[place].backup(copy)
    _bring_up_to_date(copy)
    return copy


def _remembered(place: Path) -> sqlite3.Connection:
    """Return what this process remembers in place of a file; it begins with what can be read of it."""
    if place not in _in_process:
        _in_process[place] = _copy(place)
    return _in_process[place]


def _forget(place: Path) -> None:
    if store := _in_process.pop(place, None):
        store.close()


def _refuse_others(place: Path) -> None:
    """Raise NotKept for a file that is newer, or none of ours, without opening it as a database."""
    try:
        with place.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    if head and not head.startswith(_SIGN):
        raise NotKept(place, "it is something else", f"Move it away: mv {FILE} elsewhere")
    version = int.from_bytes(head[_VERSION_AT])
    if version > VERSION:
        said = f"a newer tcplab wrote it (version {version}; this one knows {VERSION})"
        raise NotKept(place, said, "It stays as it is. Use that tcplab, or another folder")


def _note(sentence: str) -> None:
    if sentence not in _told:
        _told.add(sentence)
        _untold.append(sentence)
