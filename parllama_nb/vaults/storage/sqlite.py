"""A storage in one SQLite file, which several processes may use at once.

It uses a rollback journal, not a write-ahead log: that works on network file systems
and leaves no second file behind, and a vault is seldom written.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from ...errors import StoreError
from ..errors import VaultDamagedError, VaultError, VaultStorageError
from .protocol import Reader, Writer
from .sqlite_file import connect, identity, wrong_type

__all__ = ["SQLiteStorage"]

T = TypeVar("T")

# Milliseconds to wait for another process: for what matters, for what matters less, and
# for the stamp.
_PATIENT = 10_000
_BRIEF = 1_000
_GLANCE = 50

# Connections that a forked child has inherited. To close one, or to let it be
# collected, would touch the parent's locks and journal.
_inherited: list[sqlite3.Connection] = []


class SQLiteStorage:
    """A `Storage` in a file. `path` is called at the first use."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self._known_path: Path | None = None
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._pid = os.getpid()

    @property
    def _lock(self) -> threading.RLock:
        """The lock of this process; a forked child's copy might never be released."""
        if self._pid != os.getpid():
            self._guard = threading.RLock()
            if self._connection is not None:
                _inherited.append(self._connection)
            self._connection, self._pid = None, os.getpid()
        return self._guard

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self._place())

    def _place(self) -> Path:
        if self._known_path is not None:
            return self._known_path
        try:
            self._known_path = self._path()
        except StoreError as error:
            failure = VaultStorageError(error.message, hint=error.hint)
        else:
            return self._known_path
        raise failure

    def exists(self) -> bool:
        """Whether there is a file, and it is not empty."""
        try:
            return self._place().stat().st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            failure = self._explain(error)
        raise failure

    def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` with a state that nobody changes meanwhile."""
        if not self.exists():
            return work(_Nothing())
        return self._transact("BEGIN", work, _PATIENT)

    def write(self, work: Callable[[Writer], T], *, patient: bool = True) -> T:
        """Run `work` while nobody else writes; on disk when this returns."""
        return self._transact("BEGIN IMMEDIATE", work, _PATIENT if patient else _BRIEF)

    def stamp(self) -> object | None:
        """Return the file's id and SQLite's count of the commits of others."""
        with self._lock:
            try:
                connection, file = self._connection, identity(self._place())
                if file is None:
                    return None, 0
                if connection is None or file != self._file:
                    connection, file = self._open(), self._file
                return file, *connection.execute("PRAGMA data_version").fetchone()
            except (sqlite3.OperationalError, VaultStorageError):
                return None
            except sqlite3.Error as error:
                failure = self._explain(error)
        raise failure

    def set_aside(self) -> str:
        """Rename the file, and its journal, which the next file would get."""
        path = self._place()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = path.with_name(f"{path.name}.damaged-{stamp}")
        with self._lock:
            self.close()
            try:
                for end in ("-journal", ""):
                    with contextlib.suppress(FileNotFoundError):
                        Path(f"{path}{end}").rename(f"{aside}{end}")
            except OSError as error:
                failure = self._explain(error)
            else:
                return str(aside)
        raise failure

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _transact(
        self, begin: str, work: Callable[[Writer], T], milliseconds: int
    ) -> T:
        with self._lock:
            try:
                connection = self._open()
                _begin(connection, begin, milliseconds)
                connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
                try:
                    result = work(_Items(connection))
                    connection.execute("COMMIT")
                finally:
                    # Also where COMMIT fails: a full disk leaves it open.
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    connection.execute(f"PRAGMA busy_timeout = {_GLANCE}")
            except (sqlite3.Error, OSError) as error:
                failure = self._explain(error)
            else:
                return result
        raise failure

    def _open(self) -> sqlite3.Connection:
        path = self._place()
        if self._connection is not None:
            if identity(path) == self._file:
                return self._connection
            self.close()  # the file was replaced, or removed
        connection = connect(path, _PATIENT, _GLANCE)
        self._connection, self._file = connection, identity(path)
        return connection

    def _explain(self, error: sqlite3.Error | OSError) -> VaultError:
        path = self._place()
        text = getattr(error, "strerror", None) or str(error)
        if "locked" in text or "busy" in text:
            return VaultStorageError(
                f"{path} is locked by another process.", hint="Try again."
            )
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        ):
            return VaultDamagedError(
                f"{path} is damaged: {text}.",
                hint="%parllama vault restore brings back a backup.",
            )
        return VaultStorageError(
            f"{path}: {text}.", hint="Is the disk full, or the file read-only?"
        )


def _begin(connection: sqlite3.Connection, begin: str, milliseconds: int) -> None:
    """Begin a transaction; waits for another process, up to a limit.

    SQLite itself waits longer and longer, so that of many processes that write at once
    some would never get their turn. Here each has the same chance.
    """
    end = time.monotonic() + milliseconds / 1000
    while True:
        try:
            connection.execute(begin)
        except sqlite3.OperationalError as error:
            if time.monotonic() >= end or "locked" not in str(error):
                raise
        else:
            return
        time.sleep(random.uniform(0.0005, 0.008))  # noqa: S311 - not a secret


class _Items:
    """A transaction on a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: bytes) -> bytes | None:
        row = self._connection.execute(
            "SELECT value FROM item WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else _bytes(row[0])

    def scan(
        self, prefix: bytes, *, after: bytes = b"", most: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        rows = self._connection.execute(
            "SELECT key, value FROM item WHERE key >= ? AND key < ? "
            "ORDER BY key LIMIT ?",
            # One lower bound only: SQLite would search by the first of two, and walk.
            (
                max(prefix, after + b"\0" if after else after),
                _after(prefix),
                -1 if most is None else most,
            ),
        ).fetchall()
        for key, value in rows:
            if type(key) is not bytes or type(value) is not bytes:
                raise wrong_type()
        return rows

    def last(self, prefix: bytes) -> tuple[bytes, bytes] | None:
        row = self._connection.execute(
            "SELECT key, value FROM item WHERE key >= ? AND key < ? "
            "ORDER BY key DESC LIMIT 1",
            (prefix, _after(prefix)),
        ).fetchone()
        return None if row is None else (_bytes(row[0]), _bytes(row[1]))

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?)", items)

    def delete(self, keys: Iterable[bytes]) -> None:
        self._connection.executemany(
            "DELETE FROM item WHERE key = ?", ((key,) for key in keys)
        )


class _Nothing:
    """An empty state, for a file that does not exist."""

    def get(self, key: bytes) -> None:
        del key

    def scan(
        self, prefix: bytes, *, after: bytes = b"", most: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        del prefix, after, most
        return []

    def last(self, prefix: bytes) -> None:
        del prefix


def _after(prefix: bytes) -> bytes:
    """Return the first key after all that begin with `prefix`."""
    head = prefix.rstrip(b"\xff")
    return head[:-1] + bytes([head[-1] + 1])


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    raise wrong_type()
