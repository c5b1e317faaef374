"""The SQLite file: connection, journal mode, and who works with it when.

All statements run on one thread of the store's own, in the order they were given, so
that neither the service loop nor a cell ever waits for the disk, and what was shown
was handed over to be written before it was shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from ..errors import StoreError
from .migrations import MIGRATIONS

__all__ = ["Store", "on_network", "written"]

T = TypeVar("T")

_BUSY_SECONDS = 5.0

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


class Store:
    """One SQLite file. Opened with the first use."""

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
        """Run `work(connection)` in one transaction, after all that came before.

        Asked when its turn has come, `unless` may say that there is nothing to do.
        The future fails with StoreError where SQLite fails; a locked file is waited
        for five seconds.
        """
        return self._later(lambda: None if unless() else self._transact(work))

    def _later(self, work: Callable[[], T | None]) -> Future[T | None]:
        future: Future[T | None] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is the future's
                future.set_exception(error)

        with self._lock:
            if self._thread is None or self._pid != os.getpid():
                self._start()
            self._work.put(run)
        return future

    def purge(self) -> Future[None]:
        """Leave no trace in any file of what was deleted or replaced before.

        SQLite overwrites it in the database; what is left is in the write-ahead log,
        which is emptied. The future fails with StoreError where another kernel is just
        reading what is in there: try again.
        """
        return self._later(self._purge)

    def close(self) -> None:
        """Finish what was handed over and close the file."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None or self._pid != os.getpid():
                return
            self._work.put(None)
        thread.join()

    def _start(self) -> None:
        # A daemon thread, and not an executor's, which the interpreter joins before
        # its exit functions run: the last answers are settled in one of those. A
        # forked child must not touch the parent's connection and opens its own.
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
        except (sqlite3.Error, OSError) as error:
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
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                with contextlib.suppress(OSError):  # a file somebody shares with us
                    path.chmod(0o600)
                _prepare(connection, path, MIGRATIONS)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _explain(self, error: sqlite3.Error | OSError) -> StoreError:
        path = self._path()
        if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
            return StoreError(
                f"{path} is not a database.", hint="Move it away; a new one is made."
            )
        if "locked" in str(error):
            return StoreError(
                f"{path} is locked by another process.", hint="Try again."
            )
        return StoreError(f"{path}: {error}.", hint="Is the disk full or read-only?")


async def written(future: Future[Any]) -> Any:  # noqa: ANN401 - as the future's
    """The result of a call. A caller that is cancelled does not cancel a write."""
    return await asyncio.shield(asyncio.wrap_future(future))


def on_network(path: Path) -> bool:
    """Whether a file lies on a network file system, as far as can be told."""
    try:
        import psutil  # noqa: PLC0415 - comes with ipykernel

        mounts = psutil.disk_partitions(all=True)
    except (ImportError, OSError):
        return False
    where = path.resolve()
    holding = [mount for mount in mounts if where.is_relative_to(mount.mountpoint)]
    kind = (
        max(holding, key=lambda mount: len(mount.mountpoint)).fstype if holding else ""
    )
    return kind.startswith(_NETWORK)


def _prepare(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str]
) -> None:
    # Read first: a file of a newer version must stay as it is.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        message = f"The database was written by a newer parllama_nb (schema {version})."
        raise StoreError(message, hint="Upgrade: %pip install -U parllama_nb")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    # WAL makes small commits four times faster, but needs memory that all its users
    # share, which a network file system does not have.
    mode = "DELETE" if on_network(path) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {mode}")
    # NORMAL loses nothing to a killed process; only to a loss of power.
    connection.execute("PRAGMA synchronous = NORMAL")
    for number in range(version, len(migrations)):
        # The version is read again inside the transaction: another kernel may have
        # been first.
        connection.execute("BEGIN IMMEDIATE")
        try:
            (now,) = connection.execute("PRAGMA user_version").fetchone()
            if now == number:
                for statement in migrations[number].split(";"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
