"""Storages pass their suite; what only a file can do wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.testing import StorageConformance
from parllama_nb.vaults.errors import (
    VaultDamagedError,
    VaultStorageError,
    VaultVersionError,
)
from parllama_nb.vaults.storage.memory import MemoryDisk, MemoryStorage, _Items
from parllama_nb.vaults.storage.protocol import Writer
from parllama_nb.vaults.storage.sqlite import SQLiteStorage
from parllama_nb.vaults.storage.sqlite_file import APPLICATION_ID, SCHEMA

ENDLESS = (
    "CREATE VIEW item AS WITH RECURSIVE n(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS key, i AS value FROM n"
)


class TestMemory(StorageConformance):
    @pytest.fixture
    def open_storage(self) -> Callable[[], MemoryStorage]:
        disk = MemoryDisk()
        return lambda: MemoryStorage(disk)


class TestSQLite(StorageConformance):
    @pytest.fixture
    def open_storage(self, path: Path) -> Iterator[Callable[[], SQLiteStorage]]:
        opened: list[SQLiteStorage] = []

        def make() -> SQLiteStorage:
            opened.append(SQLiteStorage(lambda: path))
            return opened[-1]

        yield make
        for storage in opened:
            storage.close()


class Forgetful(MemoryStorage):
    """Keeps what a failing transaction has written."""

    def write(self, work: Callable[[Writer], Any], *, patient: bool = True) -> Any:
        self.disk.writes += 1
        self._own += 1
        return work(_Items(self.disk.items))


class Deaf(MemoryStorage):
    """Does not notice what others write."""

    def stamp(self) -> object:
        return 0


class Muddled(MemoryStorage):
    """Takes its own writes for another's."""

    def stamp(self) -> object:
        return self.disk.writes


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Forgetful, "test_a_write_that_fails_changes_nothing"),
        (Deaf, "test_the_stamp_changes_when_another_storage_writes"),
        (Muddled, "test_the_stamp_changes_when_another_storage_writes"),
    ],
)
def test_the_conformance_suite_fails_a_wrong_storage(
    kind: type[MemoryStorage], check: str
) -> None:
    disk = MemoryDisk()
    with pytest.raises(AssertionError):
        getattr(StorageConformance(), check)(lambda: kind(disk))


@pytest.fixture
def storage(path: Path) -> Iterator[SQLiteStorage]:
    storage = SQLiteStorage(lambda: path)
    yield storage
    storage.close()


def put(storage: SQLiteStorage, *keys: bytes) -> None:
    storage.write(lambda writer: writer.put((key, b"v") for key in keys))


def get(storage: SQLiteStorage, key: bytes = b"a") -> bytes | None:
    return storage.read(lambda reader: reader.get(key))


def test_a_file_that_others_may_read_gets_mode_0600(
    storage: SQLiteStorage, path: Path
) -> None:
    old = os.umask(0)
    try:
        put(storage, b"a")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    storage.close()
    path.chmod(0o644)
    get(storage)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_threads_that_create_the_file_at_once_find_no_damage(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def first(path: Path) -> None:
        with closing(SQLiteStorage(lambda: path)) as storage:
            together.wait(10)
            put(storage, b"a")

    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            path = tmp_path / f"{number}.db"
            list(pool.map(first, [path] * 8))


def test_a_file_of_a_newer_version_stays_as_it_is(
    storage: SQLiteStorage, path: Path
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        connection.execute("CREATE TABLE something (new)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(VaultVersionError, match="newer"):
        get(storage)
    with pytest.raises(VaultVersionError):
        put(storage, b"a")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE notes (text)",
        ENDLESS,
        "CREATE TABLE item (key BLOB PRIMARY KEY, value BLOB)",
    ],
)
def test_a_database_of_something_else_is_refused_and_kept(
    storage: SQLiteStorage, path: Path, script: str
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(script)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(VaultDamagedError):
        get(storage)
    assert path.read_bytes() == before


def test_a_trigger_that_somebody_put_there_never_runs(
    storage: SQLiteStorage, path: Path
) -> None:
    put(storage, b"a", b"b")
    storage.close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM item; END"
        )
    connection.close()
    with pytest.raises(VaultDamagedError):
        put(storage, b"c")


@pytest.mark.parametrize("value", ["text", 7, 1.5])
def test_a_value_of_a_wrong_type_raises_damaged(
    storage: SQLiteStorage, path: Path, value: object
) -> None:
    put(storage, b"a")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE item SET value = ?", (value,))
    connection.close()
    with pytest.raises(VaultDamagedError):
        get(storage)
    with pytest.raises(VaultDamagedError):
        storage.read(lambda reader: reader.scan(b"a"))


def test_an_oversized_value_is_not_read(storage: SQLiteStorage, path: Path) -> None:
    put(storage, b"a")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE item SET value = zeroblob(50000000)")
    connection.close()
    with pytest.raises((VaultDamagedError, VaultStorageError)):
        get(storage)


def test_a_replaced_file_changes_the_stamp_and_is_read(
    storage: SQLiteStorage, path: Path
) -> None:
    put(storage, b"a")
    stamp = storage.stamp()
    other = path.with_name("other.db")
    second = SQLiteStorage(lambda: other)
    put(second, b"b")
    second.close()
    other.replace(path)
    assert storage.stamp() != stamp
    assert get(storage, b"a") is None
    assert get(storage, b"b") == b"v"
    path.unlink()
    assert storage.stamp() != stamp
    assert get(storage, b"b") is None
    assert not path.exists()


def test_deleted_bytes_are_overwritten(storage: SQLiteStorage, path: Path) -> None:
    sentinel = b"sentinel-of-a-sealed-value" * 40
    storage.write(lambda writer: writer.put([(b"a", sentinel), (b"b", b"v")]))
    assert sentinel[:26] in path.read_bytes()
    storage.write(lambda writer: writer.delete([b"a"]))
    assert sentinel[:26] not in path.read_bytes()
    assert not path.with_name("vault.db-journal").exists()


def test_a_locked_file_is_waited_for_and_then_named(
    storage: SQLiteStorage, path: Path
) -> None:
    put(storage, b"a")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(VaultStorageError, match="locked by another process"):
        storage.write(lambda writer: writer.put([(b"a", b"x")]), patient=False)
    assert storage.stamp() is None
    connection.execute("ROLLBACK")
    connection.close()
    put(storage, b"b")


def test_a_directory_in_place_of_the_file_raises_a_storage_error(
    path: Path, storage: SQLiteStorage
) -> None:
    path.mkdir()
    with pytest.raises(VaultStorageError):
        put(storage, b"a")
