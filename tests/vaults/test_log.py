"""The log: what is in it, and what happens to it that `verify` finds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from parllama_nb.vaults.errors import VaultDamagedError, WrongPasswordError
from parllama_nb.vaults.storage.protocol import Writer
from parllama_nb.vaults.vault import Vault

from .weak import OTHER, PASSWORD, MakeVault


def events(vault: Vault) -> list[str]:
    return [entry.event for entry in vault.log()]


def stored(vault: Vault) -> list[tuple[bytes, bytes]]:
    return vault.storage.read(lambda reader: reader.scan(b"a"))


def test_the_log_names_every_event_and_no_secret(vault: Vault) -> None:
    vault.set("A_NAME", "a-value", export=True)
    vault.remove("A_NAME")
    vault.lock()
    with pytest.raises(WrongPasswordError):
        vault.unlock(OTHER)
    vault.unlock(PASSWORD)
    vault.change_password(PASSWORD, OTHER)
    vault.rotate(OTHER)
    vault.clear(OTHER)
    assert events(vault) == [
        *("create", "write", "write", "lock", "wrong password", "unlock"),
        *("password", "rotate", "clear"),
    ]
    assert vault.verify() == ""
    written = b"".join(value for _, value in stored(vault))
    for word in (b"A_NAME", b"a-value", PASSWORD.encode(), OTHER.encode()):
        assert word not in written


def test_an_entry_says_when_who_and_which_record(vault: Vault) -> None:
    vault.set("A", "a")
    (entry,) = [each for each in vault.log() if each.event == "write"]
    assert entry.ids == (vault.entries()[0].id,)
    assert entry.at.endswith("+00:00")
    assert entry.kernel.startswith("pid ")
    assert entry.sealed


def test_a_locked_vault_shows_its_log(vault: Vault) -> None:
    vault.lock()
    assert events(vault) == ["create", "lock"]


def test_a_large_batch_is_one_entry(vault: Vault) -> None:
    with vault.batch() as batch:
        for number in range(500):
            batch.set(f"N{number}", "x")
    entry = vault.log()[-1]
    assert entry.count == 500
    assert len(entry.ids) == 64


Change = Callable[[Writer, list[tuple[bytes, bytes]]], None]


def edit(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    key, value = log[2]
    body = json.loads(value[49:])
    body["event"] = "lock"
    writer.put([(key, value[:49] + json.dumps(body).encode())])


def delete(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    writer.delete([log[2][0]])


def delete_and_close_ranks(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    del log[2]
    writer.delete([key for key, _ in log])
    writer.put((b"a" + (n + 1).to_bytes(8), value) for n, (_, value) in enumerate(log))
    writer.delete([b"a" + (len(log) + 1).to_bytes(8)])


def swap(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    (one, first), (other, second) = log[2:4]
    writer.put([(one, second), (other, first)])


def cut(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    writer.delete([key for key, _ in log[-2:]])


def cut_all(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    writer.delete([key for key, _ in log])


def replay(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    writer.put([(b"a" + (len(log) + 1).to_bytes(8), log[-1][1])])


def unseal(writer: Writer, log: list[tuple[bytes, bytes]]) -> None:
    key, value = log[2]
    writer.put([(key, b"\0" + bytes(16) + value[17:])])


@pytest.mark.parametrize(
    "change",
    [edit, delete, delete_and_close_ranks, swap, cut, cut_all, replay, unseal],
)
def test_verify_finds_every_change_of_the_log(
    vault: Vault, open_vault: MakeVault, change: Change
) -> None:
    for number in range(4):
        vault.set(f"N{number}", "x")
    log = stored(vault)
    vault.storage.write(lambda writer: change(writer, list(log)))
    assert vault.verify() != ""
    other = open_vault()
    other.unlock(PASSWORD)  # a log that is damaged keeps nobody out
    assert other.get("N1").reveal() == "x"
    assert other.verify() != ""


def test_verify_finds_a_change_of_any_byte_of_an_entry(in_memory: Vault) -> None:
    vault = in_memory
    vault.lock()
    with pytest.raises(WrongPasswordError):
        vault.unlock(OTHER)
    vault.unlock(PASSWORD)
    for key, value in stored(vault):
        for place in range(len(value)):
            bent = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
            vault.storage.write(lambda writer, k=key, b=bent: writer.put([(k, b)]))  # type: ignore[misc]
            assert vault.verify() != "", (key, place)
        vault.storage.write(lambda writer, k=key, v=value: writer.put([(k, v)]))  # type: ignore[misc]
    assert vault.verify() == ""


def test_the_next_unlock_protects_entries_of_wrong_passwords(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.lock()
    with pytest.raises(WrongPasswordError):
        vault.unlock(OTHER)
    tail = stored(vault)[-1]
    assert not vault.log()[-1].sealed
    vault.unlock(PASSWORD)
    vault.storage.write(lambda writer: writer.delete([tail[0]]))
    assert "missing" in vault.verify()


def test_an_unreadable_log_entry_raises_damaged(vault: Vault) -> None:
    vault.storage.write(lambda writer: writer.put([(b"a" + (9).to_bytes(8), b"x")]))
    with pytest.raises(VaultDamagedError):
        vault.log()
