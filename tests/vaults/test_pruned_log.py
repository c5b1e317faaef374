"""A log that was pruned: what is kept, and what `verify` finds in it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from parllama_nb.vaults.errors import WrongPasswordError
from parllama_nb.vaults.format.crypto import Key
from parllama_nb.vaults.format.layout import LABEL, Header, audit_key, read_header
from parllama_nb.vaults.format.log import append
from parllama_nb.vaults.storage.memory import MemoryStorage
from parllama_nb.vaults.storage.protocol import Writer
from parllama_nb.vaults.vault import Vault

from .reader import read
from .test_log import (
    Change,
    cut,
    cut_all,
    delete,
    delete_and_close_ranks,
    edit,
    events,
    replay,
    stored,
    swap,
    unseal,
)
from .weak import OTHER, PASSWORD, MakeVault, weak_policy

Items = list[tuple[bytes, bytes]]


@pytest.fixture
def pruned(open_vault: MakeVault) -> Vault:
    """An unlocked vault that keeps ten entries, and was pruned twice."""
    vault = open_vault(log_entries=lambda: 10)
    vault.create(PASSWORD)
    write(vault, 12)
    unlock_again(vault)
    write(vault, 4)
    unlock_again(vault)
    write(vault, 3)
    assert events(vault).count("pruned") == 2
    return vault


def write(vault: Vault, count: int) -> None:
    for number in range(count):
        vault.set(f"N{number}", "x")


def unlock_again(vault: Vault) -> None:
    vault.lock()
    vault.unlock(PASSWORD)


def numbers(vault: Vault) -> list[int]:
    return [entry.seq for entry in vault.log()]


def test_an_unlock_prunes_a_log_that_is_a_tenth_too_long(open_vault: MakeVault) -> None:
    vault = open_vault(log_entries=lambda: 10)
    vault.create(PASSWORD)
    write(vault, 9)
    unlock_again(vault)  # finds eleven
    assert numbers(vault) == [*range(1, 13)]
    unlock_again(vault)
    assert numbers(vault) == [*range(6, 16)]
    pruning = ("lock", "unlock", "lock", "unlock", "pruned")
    assert events(vault) == [*("write",) * 5, *pruning]
    assert vault.log()[-1].detail == "up to entry 5"
    assert vault.log()[-1].sealed
    assert vault.verify() == ""


def test_a_log_may_be_pruned_again_and_again(
    pruned: Vault, open_vault: MakeVault, path: Path
) -> None:
    assert pruned.verify() == ""
    for _ in range(12):
        write(pruned, 3)
        unlock_again(pruned)
    assert pruned.verify() == ""
    assert len(pruned.log()) <= 13
    assert read(str(path), PASSWORD).events == events(pruned)
    other = open_vault()
    assert other.log() == pruned.log()  # which needs no key
    other.unlock(PASSWORD)
    assert other.verify() == ""


@pytest.mark.parametrize("kept", [1, 2, 3, 5, 21])
def test_a_log_keeps_as_many_entries_as_are_set(
    open_vault: MakeVault, kept: int
) -> None:
    vault = open_vault(log_entries=lambda: kept)
    vault.create(PASSWORD)
    write(vault, 30)
    unlock_again(vault)
    assert len(vault.log()) == kept
    assert vault.verify() == ""
    write(vault, 1)
    assert vault.verify() == ""


def test_no_log_is_pruned_if_all_entries_are_kept(open_vault: MakeVault) -> None:
    kept = 0
    vault = open_vault(log_entries=lambda: kept)
    vault.create(PASSWORD)
    write(vault, 30)
    unlock_again(vault)
    assert len(vault.log()) == 33
    kept = 10  # read at each unlock
    unlock_again(vault)
    assert len(vault.log()) == 10
    assert vault.verify() == ""


def test_a_pruned_log_is_verified_under_other_keys(pruned: Vault) -> None:
    pruned.rotate(PASSWORD)
    assert pruned.verify() == ""
    pruned.change_password(PASSWORD, OTHER)
    pruned.lock()
    with pytest.raises(WrongPasswordError):
        pruned.unlock(PASSWORD)
    pruned.unlock(OTHER)
    assert pruned.verify() == ""
    write(pruned, 12)
    pruned.lock()
    pruned.unlock(OTHER)
    assert events(pruned)[-1] == "pruned"
    assert pruned.verify() == ""


def test_a_backup_of_a_pruned_log_is_put_back(
    pruned: Vault, open_vault: MakeVault, path: Path
) -> None:
    backup = pruned.backup(path.with_name("backup.db"))
    assert backup is not None
    write(pruned, 20)
    unlock_again(pruned)
    for vault in (pruned, open_vault(path.with_name("new.db"))):
        assert vault.restore(backup, PASSWORD).log == ""
        assert vault.restore(backup, PASSWORD, apply=True).log == ""
        assert events(vault)[-1] == "restore"
        assert vault.verify() == ""


def test_entries_of_wrong_passwords_are_pruned_too(open_vault: MakeVault) -> None:
    vault = open_vault(log_entries=lambda: 10)
    vault.create(PASSWORD)
    header = header_of(vault)
    vault.lock()

    def try_passwords(writer: Writer) -> None:
        for _ in range(5_000):
            append(writer, header, "wrong password")

    vault.storage.write(try_passwords)
    vault.unlock(PASSWORD)
    assert numbers(vault) == [*range(4_995, 5_005)]
    assert vault.verify() == ""


def header_of(vault: Vault) -> Header:
    return vault.storage.read(lambda reader: read_header(reader)[0])


def edit_first(writer: Writer, items: Items) -> None:
    key, value = items[0]
    writer.put([(key, value.replace(b'"event":"', b'"event":"x'))])


def cut_front(writer: Writer, items: Items) -> None:
    writer.delete([items[0][0]])


def cut_front_to_the_pruned_entry(writer: Writer, items: Items) -> None:
    writer.delete([key for key, _ in items[: at_pruned(items)]])


def cut_front_and_the_pruned_entry(writer: Writer, items: Items) -> None:
    writer.delete([key for key, _ in items[: at_pruned(items) + 1]])


def number_anew(writer: Writer, items: Items) -> None:
    writer.delete([key for key, _ in items])
    writer.put((audit_key(n), value) for n, (_, value) in enumerate(items, 1))


def add_front(writer: Writer, items: Items) -> None:
    writer.put([(audit_key(number_of(items[0]) - 1), items[0][1])])


def repeat_pruned(writer: Writer, items: Items) -> None:
    writer.put([(audit_key(number_of(items[-1]) + 1), items[at_pruned(items)][1])])


def forge_at_the_end_by_a_hash(writer: Writer, items: Items) -> None:
    header = read_header(writer)[0]
    cut_front(writer, items)
    append(writer, header, "pruned", base=second_as_first(items))


def forge_at_the_end_by_another_key(writer: Writer, items: Items) -> None:
    header = read_header(writer)[0]
    cut_front(writer, items)
    with_key = {"key": Key.random(), "base": second_as_first(items)}
    append(writer, header, "pruned", **with_key)  # type: ignore[arg-type]


def forge_in_place_by_a_hash(writer: Writer, items: Items) -> None:
    header, place = read_header(writer)[0], items[at_pruned(items)][0]
    before = items[at_pruned(items) - 1][1][17:49]
    body = moved_base(items)
    bound = LABEL + b"audit" + header.vault_id + place[1:] + before + bytes(17)
    link = hashlib.sha256(bound + body).digest()
    writer.put([(place, bytes(17) + link + body)])
    cut_front(writer, items)


def forge_in_place_under_its_mac(writer: Writer, items: Items) -> None:
    place, value = items[at_pruned(items)]
    writer.put([(place, value[:49] + moved_base(items))])
    cut_front(writer, items)


def moved_base(items: Items) -> bytes:
    """The body of the entry that names the base, with the second entry as the first."""
    fields = json.loads(items[at_pruned(items)][1][49:])
    number, link = second_as_first(items)
    fields |= {"first": number + 1, "before": link.hex()}
    return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


def second_as_first(items: Items) -> tuple[int, bytes]:
    return number_of(items[0]), items[0][1][17:49]


def number_of(item: tuple[bytes, bytes]) -> int:
    return int.from_bytes(item[0][1:])


def at_pruned(items: Items) -> int:
    """The place of the newest entry that names the base."""
    return max(n for n, (_, value) in enumerate(items) if b'"event":"pruned"' in value)


@pytest.mark.parametrize(
    "change",
    [
        *(edit, delete, delete_and_close_ranks, swap, cut, cut_all, replay, unseal),
        *(edit_first, cut_front, cut_front_to_the_pruned_entry, add_front),
        *(cut_front_and_the_pruned_entry, number_anew, repeat_pruned),
        *(forge_at_the_end_by_a_hash, forge_at_the_end_by_another_key),
        *(forge_in_place_by_a_hash, forge_in_place_under_its_mac),
    ],
)
def test_verify_finds_every_change_of_a_pruned_log(
    pruned: Vault, open_vault: MakeVault, change: Change
) -> None:
    items = stored(pruned)
    pruned.storage.write(lambda writer: change(writer, list(items)))
    assert pruned.verify() != ""
    left = stored(pruned)
    other = open_vault(log_entries=lambda: 1)
    other.unlock(PASSWORD)  # a log that is damaged keeps nobody out
    assert other.get("N1").reveal() == "x"
    assert other.verify() != ""
    # And what was done to it is not pruned away.
    assert {key for key, _ in left} <= {key for key, _ in stored(other)}
    assert len(left) < 3 or "not pruned" in other.warning


def test_a_log_as_it_was_before_it_was_pruned_is_found(pruned: Vault) -> None:
    before = stored(pruned)
    unlock_again(pruned)
    after = {key for key, _ in stored(pruned)}
    gone = [(key, value) for key, value in before if key not in after]
    assert gone
    pruned.storage.write(lambda writer: writer.put(gone))
    assert "was pruned, and is back" in pruned.verify()
    pruned.storage.write(lambda writer: writer.delete(after))
    assert "cut off" in pruned.verify()


def test_verify_finds_a_change_of_any_byte_of_a_pruned_log() -> None:
    vault = Vault(MemoryStorage(), policy=weak_policy(), log_entries=lambda: 4)
    vault.create(PASSWORD)
    write(vault, 6)
    unlock_again(vault)
    assert events(vault)[-1] == "pruned"
    for key, value in stored(vault):
        for place in range(len(value)):
            for bit in (1, 0x80):
                bent = bytearray(value)
                bent[place] ^= bit
                put(vault, key, bytes(bent))
                assert vault.verify() != "", (key, place)
        put(vault, key, value)
    assert vault.verify() == ""


def put(vault: Vault, key: bytes, value: bytes) -> None:
    vault.storage.write(lambda writer: writer.put([(key, value)]))


@pytest.mark.parametrize(
    "place",
    [b"a", b"a\1", b"a" + b"\xff" * 8, b"a" + b"\xff" * 9, b"a" + bytes(40)],
    ids=bytes.hex,
)
def test_an_entry_without_a_number_is_damage_that_keeps_nobody_out(
    pruned: Vault, place: bytes
) -> None:
    put(pruned, place, b"{}")
    assert pruned.verify() != ""
    pruned.lock()
    with pytest.raises(WrongPasswordError):
        pruned.unlock(OTHER)
    pruned.unlock(PASSWORD)
    write(pruned, 3)
    assert pruned.verify() != ""


def test_a_log_that_cannot_be_pruned_keeps_nobody_out(
    pruned: Vault, open_vault: MakeVault, path: Path
) -> None:
    before = numbers(pruned)
    other = open_vault(log_entries=lambda: 5)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        other.unlock(PASSWORD)
    finally:
        holder.close()
    assert "could not be logged" in other.warning
    assert numbers(other) == before
    unlock_again(other)
    assert len(numbers(other)) == 5
    assert other.verify() == ""


def test_kernels_that_prune_at_once_leave_a_whole_log(vault: Vault, path: Path) -> None:
    command = [sys.executable, "-m", "tests.vaults.worker", "prune", str(path)]
    workers = [
        subprocess.Popen([*command, str(n), "25"], cwd=Path(__file__).parents[2])
        for n in range(8)
    ]
    assert [worker.wait() for worker in workers] == [0] * 8
    assert len(vault.names()) == 8 * 25
    assert vault.verify() == ""
    assert "pruned" in events(vault)
    assert numbers(vault)[0] > 300
