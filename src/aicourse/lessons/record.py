"""The learner's record: one small SQLite file that remembers every check.

It lives in `.course/` at the top of the learner's folder (`work/` in a clone, `/content` in Colab).
Outside such a folder nothing is recorded, so running the source notebooks leaves no trace.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = ".course"
#: Seconds after which a lock was left behind: writing takes milliseconds.
_LONGEST_LOCK = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,            -- seconds since 1970, UTC
    lesson TEXT NOT NULL,
    exercise TEXT,               -- NULL: the lesson was opened
    outcome TEXT NOT NULL,       -- opened, right, wrong, not attempted
    earned REAL NOT NULL,
    possible REAL NOT NULL
)
"""


@dataclass(frozen=True)
class Event:
    """One line of the record; `at` is in seconds since 1970 (UTC)."""

    at: float
    lesson: str
    exercise: str | None
    outcome: str
    earned: float
    possible: float


def find_folder(start: Path | None = None) -> Path | None:
    """The nearest folder at or above `start` (default: the current one) that has a record."""
    try:
        here = (start or Path.cwd()).resolve()
    except OSError:  # the current folder has been deleted
        return None
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder
    return None


def record_file(folder: Path) -> Path:
    """Where the record of the learner's `folder` is kept."""
    return folder / FOLDER / "progress.sqlite"


def _connect(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(record_file(folder), timeout=5)
    try:
        connection.execute(_SCHEMA)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def add(folder: Path, events: Iterable[Event]) -> str | None:
    """Append `events` in one transaction.

    Returns None, or one sentence for the learner when the record could not be kept: a check must
    never fail because of its record. A damaged record is set aside under a new name, not deleted.
    """
    rows = [(e.at, e.lesson, e.exercise, e.outcome, e.earned, e.possible) for e in events]
    file = record_file(folder)
    try:
        with _alone(file):
            try:
                _insert(folder, rows)
            except sqlite3.OperationalError:
                raise  # locked, full or read-only: not a reason to set it aside
            except sqlite3.DatabaseError:
                aside = file.with_suffix(f".damaged-{time.time_ns()}.sqlite")
                file.rename(aside)
                _insert(folder, rows)
                return (
                    f"The progress record was damaged; it is kept as {aside.name}, a new one began."
                )
    except (sqlite3.DatabaseError, OSError) as error:
        return f"Progress was not recorded: {error} ({file})."
    return None


def _insert(folder: Path, rows: list[tuple[object, ...]]) -> None:
    with closing(_connect(folder)) as connection, connection:
        connection.executemany(
            "INSERT INTO events (at, lesson, exercise, outcome, earned, possible)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold the lock of the record `file`.

    SQLite's own locks order two writers, but not a writer and a notebook that sets the damaged
    file aside: the second would rename, or roll back, what the first has just begun.

    Raises:
        OSError: the folder cannot be written.
    """
    lock = file.with_suffix(".lock")
    deadline = time.monotonic() + _LONGEST_LOCK
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > deadline:  # left behind by a process that was killed
                lock.unlink(missing_ok=True)
            time.sleep(0.005)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def read(folder: Path) -> list[Event]:
    """Every event in the record of `folder`, oldest first; empty when there is none.

    Raises:
        sqlite3.DatabaseError: the file is not a readable record.
    """
    if not record_file(folder).exists():
        return []
    with closing(_connect(folder)) as connection:
        rows = connection.execute(
            "SELECT at, lesson, exercise, outcome, earned, possible FROM events ORDER BY at, id"
        )
        return [Event(*row) for row in rows]
