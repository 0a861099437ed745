"""One grading run at a time: a lock on the gradebook that goes away with its holder."""

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError


class LockError(RuntimeError):
    """The gradebook cannot be locked; the message says why and what to do."""


class GradebookInUse(LockError):
    """Somebody else is grading into this gradebook; the message names them."""


@contextlib.contextmanager
def locked(db_url: str) -> Iterator[None]:
    """Keep every other grading run out of this gradebook; a crash leaves no lock behind.

    Raises:
        GradebookInUse: another run has it.
        LockError: the database is neither SQLite nor PostgreSQL, or does not answer.
    """
    url = make_url(db_url)
    holder = f"course grade, process {os.getpid()} on {socket.gethostname()}"[:63]
    if url.get_backend_name() == "postgresql":
        yield from _advisory_lock(db_url, holder)
    elif url.get_backend_name() == "sqlite" and url.database:
        yield from _file_lock(Path(url.database + ".lock"), holder)
    else:
        raise LockError(f"Grading writes to SQLite or PostgreSQL, not to {url!r}.")


def _in_use(by: str) -> GradebookInUse:
    return GradebookInUse(
        f"This gradebook is being written by: {by or 'another grading run'}. Wait until it has"
        " finished; two writers would lose grades."
    )


def _file_lock(file: Path, holder: str) -> Iterator[None]:
    # The system drops the lock with the process, so the file may stay.
    with file.open("a+", encoding="utf-8") as stream:
        try:
            import fcntl  # not on Windows, where no class is graded

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            raise _in_use(stream.read(200).strip()) from None
        stream.truncate(0)
        stream.write(f"{holder}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
        stream.flush()
        yield


#: Any number, but the same for all who grade.
_ADVISORY_KEY = 715_338_041


def _advisory_lock(db_url: str, holder: str) -> Iterator[None]:
    engine = sa.create_engine(db_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise LockError(f"The database does not answer: {error.orig}") from None
    with connection:
        connection.execute(
            sa.text("SELECT set_config('application_name', :name, false)"), {"name": holder}
        )
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_KEY))):
            by = connection.scalar(
                sa.text(
                    "SELECT application_name || ', since '"
                    " || to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"
                    " FROM pg_stat_activity JOIN pg_locks USING (pid)"
                    " WHERE locktype = 'advisory' AND granted AND objid = :key"
                ),
                {"key": _ADVISORY_KEY},
            )
            raise _in_use(str(by or ""))
        yield
