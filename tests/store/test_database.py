"""The SQLite file: transactions, migrations, damage, several kernels."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parllama_nb.errors import StoreError, StoreUnavailableError
from parllama_nb.store.database import Store
from parllama_nb.store.migrations import MIGRATIONS

MakeStore = Callable[[Path], Store]


@pytest.fixture
def open_store() -> Iterator[MakeStore]:
    stores: list[Store] = []

    def make(path: Path) -> Store:
        stores.append(Store(lambda: path))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    }


def test_a_new_database_has_the_schema_and_is_private(
    open_store: MakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    tables = open_store(path).call(_tables).result()
    assert tables >= {"session", "turn", "chunk"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_transaction_changes_nothing(
    open_store: MakeStore, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "x.db")

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO session (id, created) VALUES ('a', 0)")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreError, match="nowhere"):
        store.call(half).result()
    count = store.call(
        lambda connection: connection.execute("SELECT count(*) FROM session").fetchone()
    )
    assert count.result() == (0,)


def test_a_database_of_a_newer_version_is_refused_and_unchanged(
    open_store: MakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer") as caught:
        open_store(path).call(_tables).result()
    assert caught.value.hint
    assert path.read_bytes() == before


def test_a_file_that_is_not_a_database_is_an_error_and_unchanged(
    open_store: MakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"These are notes, and no database at all.\n" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a database"):
        open_store(path).call(_tables).result()
    assert path.read_bytes() == before


def test_a_database_path_that_is_a_directory_is_an_error(
    open_store: MakeStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreUnavailableError, match="not a database") as caught:
        open_store(tmp_path).call(_tables).result()
    assert "Move it away" in str(caught.value.hint)


def test_close_finishes_all_calls(open_store: MakeStore, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    store = open_store(path)
    for number in range(100):
        store.call(
            lambda connection, number=number: connection.execute(
                "INSERT INTO session (id, created) VALUES (?, 0)", (str(number),)
            )
        )
    store.close()
    with sqlite3.connect(path) as connection:
        count = connection.execute("SELECT count(*) FROM session").fetchone()
    assert count == (100,)


def test_several_kernels_can_create_a_database_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from parllama_nb.store.database import Store;"
        "s = Store(lambda: Path(sys.argv[1]));"
        "[s.call(lambda c: c.execute('INSERT INTO session (id, created) "
        "VALUES (lower(hex(randomblob(8))), 0)')).result() for _ in range(100)];"
        "s.close()"
    )
    path = tmp_path / "x.db"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    with sqlite3.connect(path) as connection:
        count = connection.execute("SELECT count(*) FROM session").fetchone()
    assert count == (400,)


def test_a_call_does_not_block_while_the_file_is_locked(
    open_store: MakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    store = open_store(path)
    store.call(_tables).result()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = store.call(
        lambda connection: connection.execute(
            "INSERT INTO session (id, created) VALUES ('a', 0)"
        )
    )
    assert not waiting.done()
    threading.Timer(0.2, other.execute, ["ROLLBACK"]).run()
    waiting.result(10)
    other.close()
