"""The SQLite file: its connection, its journal mode, and its thread.

All statements run on one thread of the store, in the order of the calls. So neither
the service loop nor a cell ever waits for the disk, and a piece of text is handed over
to be written before it is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from ..errors import StoreError, StoreUnavailableError
from .migrations import MIGRATIONS

__all__ = ["Store", "on_network", "purged", "written"]

T = TypeVar("T")

# Seconds to wait for a file that another process has locked.
_BUSY_TIMEOUT = 5.0

# How the names of network file systems begin.
_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "afs",
    "9p",
    "ceph",
    "glusterfs",
    "lustre",
    "fuse.ssh",
)

# What SQLite says of a file with pages that are none, or none of a text.
_DAMAGED = ("malformed", "vtable constructor", "not decode to UTF-8", "corrupt")


class Store:
    """One SQLite file, opened with the first use."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None

    def call(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        unless: Callable[[], bool] = lambda: False,
    ) -> Future[T | None]:
        """Run `work(connection)` in one transaction, after all earlier calls.

        The work is skipped if `unless()`, called just before it, is true. The future
        raises StoreError if SQLite fails, also if the file stays locked for 5 seconds;
        StoreUnavailableError if the file cannot be opened for another reason.
        """
        return self._submit(lambda: None if unless() else self._transact(work))

    def _submit(self, work: Callable[[], T | None]) -> Future[T | None]:
        future: Future[T | None] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - the future raises it
                future.set_exception(error)

        with self._lock:
            if self._thread is None or self._pid != os.getpid():
                self._start()
            self._work.put(run)
        return future

    def check(self) -> Future[None]:
        """Open the file. The future raises StoreError if that fails."""
        return self.call(lambda _: None)

    def purge(self) -> Future[None]:
        """Remove all traces of deleted or replaced data from the files.

        SQLite overwrites such data in the database; this empties the write-ahead log.
        The future raises StoreError while another kernel reads from the log: try again.
        """
        return self._submit(self._purge)

    def close(self) -> None:
        """Finish all calls and close the file."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None or self._pid != os.getpid():
                return
            self._work.put(None)
        thread.join()

    def _start(self) -> None:
        # A daemon thread and not an executor: the interpreter joins executors before
        # it runs the exit functions, and one of those settles the last answers. A
        # forked child must not use the parent's connection, so it opens its own.
        self._work = queue.SimpleQueue()
        self._connection = None
        self._pid = os.getpid()
        self._thread = threading.Thread(
            target=self._run, args=(self._work,), name="parllama_nb-store", daemon=True
        )
        self._thread.start()

    def _run(self, work: queue.SimpleQueue[Callable[[], None] | None]) -> None:
        while (item := work.get()) is not None:
            item()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        failure = None
        try:
            connection = self._open()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                return work(connection)
        except (sqlite3.Error, OSError, json.JSONDecodeError) as error:
            # All texts that are not of users are JSON, and were written whole.
            failure = self._explain(error)
        raise failure

    def _purge(self) -> None:
        failure = None
        try:
            (busy, *_) = (
                self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            )
        except (sqlite3.Error, OSError) as error:
            failure = self._explain(error)
        else:
            if not busy:
                return
            message = "Another kernel is using the database."
            failure = StoreError(message, hint="Try again.")
        raise failure

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            path = self._path()
            connection = sqlite3.connect(
                path,
                timeout=_BUSY_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                with contextlib.suppress(OSError):  # a shared file of another owner
                    path.chmod(0o600)
                _prepare(connection, path, MIGRATIONS)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _explain(
        self, error: sqlite3.Error | OSError | json.JSONDecodeError
    ) -> StoreError:
        path = self._path()
        if "locked" in str(error):
            return StoreError(
                f"{path} is locked by another process.", hint="Try again."
            )
        kind = StoreUnavailableError if self._connection is None else StoreError
        if path.is_dir() or "not a database" in str(error):
            hint = "Move it away; a new database is created."
            return kind(f"{path} is not a database.", hint=hint)
        if isinstance(error, json.JSONDecodeError) or any(
            each in str(error) for each in _DAMAGED
        ):
            hint = (
                "Close all notebooks and move the file away; a new one is created. "
                "What can be read of the old one is saved by "
                f"`sqlite3 {path.name} .recover | sqlite3 new.db`."
            )
            return kind(f"{path} is damaged.", hint=hint)
        return kind(f"{path}: {error}.", hint="Is the disk full or read-only?")


async def written(future: Future[Any]) -> Any:  # noqa: ANN401 - as the future's
    """Return the result of a call. Cancelling the caller does not cancel the write."""
    return await asyncio.shield(asyncio.wrap_future(future))


async def purged(
    store: Store, name: str, done: str = "encrypted", hint: str = "Encrypt it again."
) -> None:
    """Purge the store after something in it, given by its name, was encrypted.

    Raises:
        StoreError: the old texts may still be in the files; `hint` says what to do.

    """
    failure = None
    try:
        await written(store.purge())
    except StoreError as error:
        failure = error.message
    if failure is not None:
        message = (
            f"{name!r} is {done}, but its old texts may still be in the database's "
            f"log: {failure}"
        )
        raise StoreError(message, hint=hint)


def on_network(path: Path) -> bool:
    """Whether a file is on a network file system; False if that is unknown."""
    try:
        import psutil  # noqa: PLC0415 - comes with ipykernel

        mounts = psutil.disk_partitions(all=True)
    except (ImportError, OSError):
        return False
    resolved = path.resolve()
    above = [mount for mount in mounts if resolved.is_relative_to(mount.mountpoint)]
    if not above:
        return False
    nearest = max(above, key=lambda mount: len(mount.mountpoint))
    return str(nearest.fstype).startswith(_NETWORK)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script. A trigger has semicolons of its own."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            if statement.strip() != ";":
                yield statement
            statement = ""


def _prepare(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str]
) -> None:
    # Read first, because a file of a newer version must not be changed.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        message = f"The database was written by a newer parllama_nb (schema {version})."
        hint = "Upgrade: %pip install -U parllama_nb"
        raise StoreUnavailableError(message, hint=hint)
    connection.execute("PRAGMA secure_delete = ON")
    # WAL makes small commits four times faster, but needs memory that all processes
    # share, which a network file system does not provide.
    mode = "DELETE" if on_network(path) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {mode}")
    # NORMAL loses no commit if the process is killed, only if the power fails.
    connection.execute("PRAGMA synchronous = NORMAL")
    for number in range(version, len(migrations)):
        # The version is read again within the transaction, because another kernel may
        # have migrated the file meanwhile.
        connection.execute("BEGIN IMMEDIATE")
        try:
            (now,) = connection.execute("PRAGMA user_version").fetchone()
            if now == number:
                for statement in _statements(migrations[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    # A kernel that was killed before it could purge may have left old texts of what it
    # encrypted in the log. Nobody waits for other kernels here.
    connection.execute("PRAGMA busy_timeout = 0")
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT * 1000:.0f}")
    # Not before: a table that is made anew would take with it what refers to its rows.
    connection.execute("PRAGMA foreign_keys = ON")
