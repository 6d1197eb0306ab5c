"""The SQLite file of a project: opening, transactions, migrations, and errors a person can act on.

Write-ahead log, so that reading never waits for a writer; synchronous=FULL, so that a commit has reached the disk when it
returns (NORMAL survives a killed process but not a power cut, and an edit is rare enough to wait two milliseconds for).
One writer at a time: a second one waits `BUSY_SECONDS`, then is told so.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from ..errors import InputError
from .edits import ConflictError
from .schema import SCHEMA

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
    """Transactions on one SQLite file, each of them whole or not at all. Threads take turns."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        self._turn = threading.RLock()
        with self._errors():
            # `timeout` is what sqlite3 calls the time to wait for another writer; without an isolation level it begins no
            # transaction behind our back.
            self._connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.execute("PRAGMA foreign_keys=ON")
            except sqlite3.DatabaseError:  # the file is none of SQLite's
                self.close()
                raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the project throughout."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block is left, or undone as a whole when it raises."""
        # It takes the lock at once; taking it halfway could not wait for another writer.
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self._turn, self._errors(), self._connection as connection:  # which commits, or rolls back
            connection.execute(begin)
            yield connection

    @contextmanager
    def create(self) -> Iterator[Connection]:
        """A transaction in which the tables of a new project are made, to be filled."""
        with self._errors():
            self._connection.execute("PRAGMA journal_mode=WAL")  # stays with the file
        with self.write() as connection:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            _set_version(connection)
            yield connection

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
        self._connection.close()

    def _version(self, connection: Connection) -> int:
        newest = 1 + len(UPGRADES)
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
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
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code in _OVERTAKEN:
                raise ConflictError(f"{self._folder}: what the change builds on is gone ({error})") from error
            # The low byte of SQLite's code is the kind of error, the rest is detail; what is not listed is a bug of ours.
            problem = _PROBLEMS.get(code & 0xFF)
            if problem is None:
                raise
            raise InputError(self._folder, *problem) from error


def _set_version(connection: Connection) -> None:
    connection.execute(f"PRAGMA user_version={1 + len(UPGRADES)}")
