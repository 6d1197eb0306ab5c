"""The SQLite file of a project: opening, transactions, migrations, and errors a person can act on.

Write-ahead log, so that reading never waits for a writer; synchronous=FULL, so that a commit has reached the disk when it
returns (NORMAL survives a killed process but not a power cut, and an edit is rare enough to wait two milliseconds for).
One writer at a time: a second one waits `BUSY_SECONDS`, then is told so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from ..errors import InputError
from .edits import ConflictError
from .schema import METADATA

BUSY_SECONDS = 5.0

# Step n lifts a database of version n + 1 to n + 2; a new database starts at the newest version.
UPGRADES: tuple[Callable[[Connection], None], ...] = ()

# "food" in ASCII: tells our database from any other SQLite file.
APPLICATION_ID = 0x666F6F64

# What another process did since: it took a number or a path, or removed what a box needs.
_OVERTAKEN = (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE)

_AGAIN = "then try again; nothing of this change was written."
_BROKEN = ("cannot be read or written", "Check that the folder exists and can be written to, and that its disk works.")
_PROBLEMS = {
    sqlite3.SQLITE_BUSY: (
        "is being written by another window or run",
        f"Wait until that is done or close the other window, {_AGAIN}",
    ),
    sqlite3.SQLITE_FULL: ("cannot be written because the disk is full", f"Free some space, {_AGAIN}"),
    sqlite3.SQLITE_NOTADB: ("is not a foodet project: its project.db is not a database", "Choose another folder."),
    sqlite3.SQLITE_CORRUPT: ("has a damaged project.db", "Restore project.db from a backup."),
    sqlite3.SQLITE_CANTOPEN: _BROKEN,
    sqlite3.SQLITE_READONLY: _BROKEN,
    sqlite3.SQLITE_PERM: _BROKEN,
    sqlite3.SQLITE_IOERR: _BROKEN,
}


class Database:
    """Transactions on one SQLite file, each of them whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        # `timeout` is what sqlite3 calls the time to wait for another writer.
        url = URL.create("sqlite", database=str(file))
        self._engine: Engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the project throughout."""
        with self._errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block is left, or undone as a whole when it raises."""
        with self._errors(), self._engine.execution_options(write=True).begin() as connection:
            yield connection

    def create(self) -> None:
        """Make the tables of a new project."""
        with self._errors(), closing(self._engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA journal_mode=WAL")  # stays with the file
        with self.write() as connection:
            METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            _set_version(connection)

    def upgrade(self) -> None:
        """Bring the tables of an older version up to date, in one transaction.

        Raises InputError for a project of a newer version, and for a database that is no project.
        """
        with self.read() as connection:
            older = self._version(connection) <= len(UPGRADES)
        if older:
            with self.write() as connection:
                for step in UPGRADES[self._version(connection) - 1 :]:
                    step(connection)
                _set_version(connection)

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        self._engine.dispose()

    def _version(self, connection: Connection) -> int:
        newest = 1 + len(UPGRADES)
        version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION_ID:
            problem = "is not a foodet project: its project.db is of another program"
            raise InputError(self._folder, problem, "Choose another folder.")
        if version > newest:
            problem = f"was written by a newer foodet (project version {version}, this one knows {newest})"
            raise InputError(self._folder, problem, "Update foodet; the project was left as it is.")
        return version

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code in _OVERTAKEN:
                raise ConflictError(f"{self._folder}: what the change builds on is gone ({error.orig})") from error
            # The low byte of SQLite's code is the kind of error, the rest is detail; what is not listed is a bug of ours.
            problem = _PROBLEMS.get(code & 0xFF)
            if problem is None:
                raise
            raise InputError(self._folder, *problem) from error


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # no BEGIN behind our back: `_begin` says which one
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once; taking it halfway could not wait for another writer.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _set_version(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA user_version={1 + len(UPGRADES)}")
