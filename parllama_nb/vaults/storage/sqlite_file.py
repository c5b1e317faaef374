"""The SQLite file of a vault: opened, checked for its owner and for its schema."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from ..errors import VaultDamagedError, VaultStorageError, VaultVersionError

__all__ = ["APPLICATION_ID", "SCHEMA", "connect", "identity", "wrong_type"]

APPLICATION_ID = 0x504C_5641
""""PLVA", in the header of every vault's file."""

SCHEMA = 1

# In bytes. No value of a vault is longer, so SQLite shall not allocate more.
_LONGEST_VALUE = 1 << 20

_TABLE = "CREATE TABLE item (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"


def connect(path: Path, opening: int, opened: int) -> sqlite3.Connection:
    """Open the file, and create it if it does not exist.

    It waits for other processes `opening` milliseconds at first, `opened` later on.

    Raises:
        VaultDamagedError: it is not a vault, or damaged.
        VaultStorageError: it belongs to another user.
        VaultVersionError: a newer version has written it.
        sqlite3.Error: SQLite cannot open it.
        OSError: it cannot be created.

    """
    _own(path)
    connection = sqlite3.connect(
        path,
        timeout=opening / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _prepare(connection)
        connection.execute(f"PRAGMA busy_timeout = {opened}")
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
        raise wrong_type()
    return connection


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file, None without one."""
    try:
        status = os.stat(path)  # noqa: PTH116 - half the time of the path's own
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _own(path: Path) -> None:
    """Create the file if it does not exist, and close it to everybody but its owner."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    try:
        # Before SQLite creates it, with the mode of the umask.
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        pass
    except PermissionError:
        if not path.exists():
            raise
    status = path.stat()
    getuid = getattr(os, "geteuid", None)
    if getuid is None:
        return
    if getuid() not in (0, status.st_uid):
        message = f"{path} belongs to another user."
        raise VaultStorageError(
            message, hint="Set PARLLAMA_NB_HOME to a directory of yours."
        )
    if status.st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o600)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    # A text in a damaged file need not be valid.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # Only read at first: a file of a newer version, or of something else, must stay as
    # it is. In one transaction: another process may be creating it in this moment, and
    # a mixture of before and after would look like damage.
    connection.execute("BEGIN")
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    schemas = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")]
    connection.execute("COMMIT")
    if kind == APPLICATION_ID and schema > SCHEMA:
        message = f"The vault was written by a newer parllama_nb (schema {schema})."
        raise VaultVersionError(message, hint="Upgrade: %pip install -U parllama_nb")
    # Nothing but our table: a view or a trigger would run when we read.
    is_new = not schemas and not kind and not schema
    if not is_new and (kind, schema, schemas) != (APPLICATION_ID, SCHEMA, [_TABLE]):
        message = "The file is a database, but not a vault, or a damaged one."
        raise VaultDamagedError(
            message, hint="%parllama vault restore brings back a backup."
        )
    # Deleted data is overwritten. A commit is on the disk when it returns, with its
    # directory entry.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if is_new:
        _make(connection)


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Check again: another process may have been first.
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def wrong_type() -> VaultDamagedError:
    """An error for a column of a wrong type: SQLite allows any type in any column."""
    return VaultDamagedError(
        "The vault's file holds values of a wrong type.",
        hint="%parllama vault restore brings back a backup.",
    )
