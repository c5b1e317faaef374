"""Things that are kept elsewhere, encrypted: no trace of their plaintext is left."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.errors import StoreError
from parllama_nb.store.database import Store
from parllama_nb.vaults.errors import VaultDamagedError, VaultLockedError
from parllama_nb.vaults.format.envelope import from_text, is_envelope, to_text
from parllama_nb.vaults.vault import Vault

from .weak import PASSWORD

SENTINEL = "sentinel of a private conversation 93d1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "chats").mkdir()
    store = Store(lambda: tmp_path / "chats" / "parllama.db")
    yield store
    store.close()


def forms(text: str) -> list[bytes]:
    raw = text.encode()
    found = [raw, raw.hex().encode(), text.encode("utf-16-le")]
    # Base64 of it, wherever in a longer text it stands.
    return found + [base64.b64encode(b"." * n + raw)[4:-8] for n in range(3)]


def traces(directory: Path) -> list[str]:
    return [
        path.name
        for path in directory.rglob("*")
        if path.is_file() and any(f in path.read_bytes() for f in forms(SENTINEL))
    ]


def converse(store: Store, name: str, count: int) -> None:
    """What a conversation leaves in the tables: pieces as they came, then the whole."""

    def piece(connection: sqlite3.Connection, turn: int, number: int) -> None:
        text = f"{SENTINEL} {number} "
        connection.execute(
            "INSERT INTO chunk VALUES (?, ?, 'text', ?)", (turn, number, text)
        )

    def begin(connection: sqlite3.Connection) -> int:
        connection.execute(
            "INSERT OR IGNORE INTO session (id, name, created) VALUES (?, ?, 0)",
            (name, name),
        )
        (turn,) = connection.execute(
            "INSERT INTO turn (session_id, model, options, state, question, created) "
            "VALUES (?, 'fake/m', '{}', 'streaming', ?, 0) RETURNING id",
            (name, SENTINEL),
        ).fetchone()
        return int(turn)

    def settle(connection: sqlite3.Connection, turn: int) -> None:
        connection.execute(
            "UPDATE turn SET state = 'settled', answer = ? WHERE id = ?",
            (f"{SENTINEL} " * 50, turn),
        )
        connection.execute("DELETE FROM chunk WHERE turn_id = ?", (turn,))

    for _ in range(count):
        turn = store.call(begin).result() or 0
        for number in range(20):
            store.call(lambda c, t=turn, n=number: piece(c, t, n)).result()  # type: ignore[misc]
        store.call(lambda c, t=turn: settle(c, t)).result()  # type: ignore[misc]


def seal_all(connection: sqlite3.Connection, vault: Vault) -> None:
    rows = connection.execute("SELECT id, question, answer FROM turn").fetchall()
    for turn, *texts in rows:
        sealed = [to_text(vault.seal(text.encode(), f"turn {turn}")) for text in texts]
        connection.execute(
            "UPDATE turn SET question = ?, answer = ? WHERE id = ?", (*sealed, turn)
        )


def test_an_encrypted_conversation_leaves_no_plaintext_in_any_file(
    vault: Vault, store: Store, tmp_path: Path
) -> None:
    converse(store, "private", 12)
    before = store.call(
        lambda connection: connection.execute("SELECT answer FROM turn").fetchall()
    ).result()
    assert traces(tmp_path / "chats")
    store.call(lambda connection: seal_all(connection, vault)).result()
    # Overwritten where it stood; the log still has what it was.
    assert traces(tmp_path / "chats") == ["parllama.db-wal"]
    store.purge().result()
    assert traces(tmp_path) == []
    after = store.call(
        lambda connection: connection.execute("SELECT id, answer FROM turn").fetchall()
    ).result()
    assert before
    assert after
    assert all(text.startswith("pl-sealed:") for _, text in after)
    opened = [vault.open(from_text(text), f"turn {turn}") for turn, text in after]
    assert [(text.decode(),) for text in opened] == before
    store.close()
    assert traces(tmp_path) == []


def test_a_purge_names_the_kernel_whose_reader_blocks_it(
    store: Store, tmp_path: Path
) -> None:
    converse(store, "private", 1)
    other = sqlite3.connect(tmp_path / "chats" / "parllama.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM turn").fetchone()
    converse(store, "private", 1)
    with pytest.raises(StoreError, match="Another kernel"):
        store.purge().result()
    other.execute("ROLLBACK")
    other.close()
    store.purge().result()


def test_an_envelope_shows_its_kind_and_no_plaintext(vault: Vault) -> None:
    sealed = vault.seal(SENTINEL.encode(), "session 1")
    assert is_envelope(sealed)
    assert not any(form in sealed for form in forms(SENTINEL))
    assert vault.seal(SENTINEL.encode(), "session 1") != sealed
    text = to_text(sealed)
    assert text.startswith("pl-sealed:")
    assert from_text(text) == sealed
    assert not is_envelope(SENTINEL.encode())
    with pytest.raises(VaultDamagedError):
        from_text("pl-sealed:no base64!")


@pytest.mark.parametrize("size", [0, 1, 100_000, 5_000_000])
def test_an_envelope_of_any_size_decrypts(vault: Vault, size: int) -> None:
    assert vault.open(vault.seal(b"x" * size, "a"), "a") == b"x" * size


def test_a_sealer_outlasts_a_lock_until_it_is_wiped(vault: Vault) -> None:
    seal = vault.sealer()
    vault.lock()
    sealed = seal(SENTINEL, "session 1")
    assert sealed.startswith("pl-sealed:")
    assert seal(SENTINEL, "session 1") != sealed
    with pytest.raises(VaultLockedError):
        vault.sealer()
    with pytest.raises(VaultLockedError):
        vault.open_text(sealed, "session 1")
    seal.wipe()
    with pytest.raises(VaultLockedError):
        seal(SENTINEL, "session 1")
    vault.unlock(PASSWORD)
    assert vault.open_text(sealed, "session 1") == SENTINEL
    vault.rotate(PASSWORD)
    assert vault.open_text(sealed, "session 1") == SENTINEL
    with pytest.raises(VaultDamagedError):
        vault.open_text(sealed, "session 2")


@pytest.mark.parametrize("place", range(6, 140, 7))
def test_a_changed_byte_of_a_sealers_envelope_raises_damaged(
    vault: Vault, place: int
) -> None:
    blob = bytearray(from_text(vault.sealer()(SENTINEL, "session 1")))
    blob[place] ^= 1
    with pytest.raises(VaultDamagedError):
        vault.open(bytes(blob), "session 1")
    with pytest.raises(VaultDamagedError):
        vault.open(bytes(blob[:place]), "session 1")


def test_a_sealer_shows_no_key_and_no_plaintext(vault: Vault) -> None:
    seal = vault.sealer()
    assert repr(seal) == "<TextEncryptor>"
    sealed = seal(SENTINEL, "session 1").encode()
    assert not any(form in sealed for form in forms(SENTINEL))
