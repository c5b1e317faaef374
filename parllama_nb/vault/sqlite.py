"""A storage in one SQLite file, which several processes may use at once.

A rollback journal and not a write-ahead log: it works on network file systems, leaves
no second file behind and no plaintext of page headers, and the vault writes seldom.
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

from ..errors import StoreError
from .errors import (
    VaultDamagedError,
    VaultError,
    VaultStorageError,
    VaultVersionError,
)
from .storage import Reader, Writer

__all__ = ["APPLICATION_ID", "SCHEMA", "SQLiteStorage"]

T = TypeVar("T")

APPLICATION_ID = 0x504C_5641
""""PLVA", in the file's header: what kind of file it is."""

SCHEMA = 1

# Milliseconds to wait for another process: with what matters, with what does so less,
# and just to look.
_PATIENT = 10_000
_BRIEF = 1_000
_GLANCE = 50

# No value of a vault is longer, so SQLite need not make room for one that is.
_LONGEST_VALUE = 1 << 20

_TABLE = "CREATE TABLE item (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"

# Connections that a forked child has inherited. Closing one would touch the parent's
# locks and journal, and so would forgetting it.
_inherited: list[sqlite3.Connection] = []


class SQLiteStorage:
    """A `Storage` in a file. `path` is asked for with the first use."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self._found: Path | None = None
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._pid = os.getpid()

    @property
    def _lock(self) -> threading.RLock:
        """The lock of this process; a forked child has a copy nobody would release."""
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
        if self._found is not None:
            return self._found
        try:
            self._found = self._path()
        except StoreError as error:
            failure = VaultStorageError(error.message, hint=error.hint)
        else:
            return self._found
        raise failure

    def exists(self) -> bool:
        """Whether there is a file that holds anything."""
        try:
            return self._place().stat().st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            failure = self._explain(error)
        raise failure

    def read(self, work: Callable[[Reader], T]) -> T:
        """`work` with a state that nobody changes meanwhile."""
        if not self.exists():
            return work(_Nothing())
        return self._transact("BEGIN", work, _PATIENT)

    def write(self, work: Callable[[Writer], T], *, patient: bool = True) -> T:
        """`work` alone with the file; on disk when this returns."""
        return self._transact("BEGIN IMMEDIATE", work, _PATIENT if patient else _BRIEF)

    def stamp(self) -> object | None:
        """SQLite's own count of what other connections have committed, and the file."""
        with self._lock:
            try:
                connection, file = self._connection, _identity(self._place())
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
        """Give the file another name, and its journal, which the next would get."""
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
            if _identity(path) == self._file:
                return self._connection
            self.close()  # another file was put in its place, or it was taken away
        _own(path)
        connection = sqlite3.connect(
            path,
            timeout=_PATIENT / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(connection)
            connection.execute(f"PRAGMA busy_timeout = {_GLANCE}")
        except UnicodeDecodeError:
            # sqlite3 quotes a damaged schema in its error, and cannot decode it.
            connection.close()
            readable = False
        except BaseException:
            connection.close()
            raise
        else:
            readable = True
        if not readable:
            raise _wrong_type()
        self._connection, self._file = connection, _identity(path)
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
    """Begin a transaction; somebody else's is waited for, but not for ever.

    SQLite's own waiting sleeps longer and longer, so that of many who write at once
    some would never have their turn. Here each has the same chance.
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
        time.sleep(random.uniform(0.0005, 0.008))  # noqa: S311 - nothing to be guessed


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is now; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of the path's own
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _own(path: Path) -> None:
    """Make the file if need be, and see to it that it is its owner's alone."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    try:
        # Before SQLite makes it, which would take the umask's mode.
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        pass
    except PermissionError:
        if not path.exists():
            raise
    found = path.stat()
    getuid = getattr(os, "geteuid", None)
    if getuid is None:
        return
    if getuid() not in (0, found.st_uid):
        message = f"{path} belongs to another user."
        raise VaultStorageError(
            message, hint="Set PARLLAMA_NB_HOME to a place of yours."
        )
    if found.st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o600)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    # A text in a damaged file need not be one.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # Read first: a file of a newer version, or of something else, must stay as it is.
    # In one transaction: another process may be making it just now, and half of what it
    # was with half of what it is would look like damage.
    connection.execute("BEGIN")
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    schemas = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")]
    connection.execute("COMMIT")
    if kind == APPLICATION_ID and schema > SCHEMA:
        message = f"The vault was written by a newer parllama_nb (schema {schema})."
        raise VaultVersionError(message, hint="Upgrade: %pip install -U parllama_nb")
    # Nothing but our table: a view or a trigger of that name would run as we read.
    is_new = not schemas and not kind and not schema
    if not is_new and (kind, schema, schemas) != (APPLICATION_ID, SCHEMA, [_TABLE]):
        message = "The file is a database, but no vault, or a damaged one."
        raise VaultDamagedError(
            message, hint="%parllama vault restore brings back a backup."
        )
    # What is deleted is overwritten, and a commit is on the disk when it returns, its
    # directory entry too.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if is_new:
        _make(connection)


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Looked at again: another process may have been first.
        (made,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not made:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Items:
    """A transaction on a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: bytes) -> bytes | None:
        row = self._connection.execute(
            "SELECT value FROM item WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else _bytes(row[0])

    def scan(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        rows = self._connection.execute(
            "SELECT key, value FROM item WHERE key >= ? AND key < ? ORDER BY key",
            (prefix, _after(prefix)),
        ).fetchall()
        for key, value in rows:
            if type(key) is not bytes or type(value) is not bytes:
                raise _wrong_type()
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
    """What is read where there is no file."""

    def get(self, key: bytes) -> None:
        del key

    def scan(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        del prefix
        return []

    def last(self, prefix: bytes) -> None:
        del prefix


def _after(prefix: bytes) -> bytes:
    """The first key that no longer begins with `prefix`."""
    head = prefix.rstrip(b"\xff")
    return head[:-1] + bytes([head[-1] + 1])


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    raise _wrong_type()


def _wrong_type() -> VaultDamagedError:
    # SQLite lets any type stand in any column.
    return VaultDamagedError(
        "The vault's file holds what no vault does.",
        hint="%parllama vault restore brings back a backup.",
    )
