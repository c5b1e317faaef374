"""What a vault does: create, unlock, keep, change, lock; two kernels; a fork."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.secret import Secret
from parllama_nb.vaults.errors import (
    SecretMissingError,
    SecretRefusedError,
    VaultConflictError,
    VaultDamagedError,
    VaultExistsError,
    VaultLockedError,
    VaultMissingError,
    WeakPasswordError,
    WrongPasswordError,
)
from parllama_nb.vaults.format.crypto import KDF
from parllama_nb.vaults.policy import Policy
from parllama_nb.vaults.transaction import Changes
from parllama_nb.vaults.vault import Vault

from .weak import OTHER, PASSWORD, WEAK, MakeVault, weak_policy


def test_a_vault_is_absent_until_it_is_created(
    open_vault: MakeVault, path: Path
) -> None:
    vault = open_vault()
    assert vault.state == "absent"
    with pytest.raises(VaultMissingError):
        vault.unlock(PASSWORD)
    with pytest.raises(VaultMissingError):
        vault.get("A")
    assert not path.exists()


def test_a_new_vault_is_unlocked_and_has_mode_0600(vault: Vault, path: Path) -> None:
    assert vault.state == "unlocked"
    assert vault.names() == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_vault_in_the_same_file_is_refused(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.set("A", "a")
    with pytest.raises(VaultExistsError):
        open_vault().create(OTHER)
    assert vault.get("A").reveal() == "a"


def test_every_secret_that_leaves_the_vault_is_handed_out(
    open_vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("A_KEY", "B_KEY", "C_KEY"):
        monkeypatch.delenv(name, raising=False)
    seen: list[str] = []

    def handed_out(secret: Secret) -> Secret:
        seen.append(secret.name)
        return Secret(secret.name, f"{secret.reveal()}, handed out")

    vault = open_vault(handed_out=handed_out)
    vault.create(PASSWORD)
    vault.set("A_KEY", "a")
    vault.set("B_KEY", "b")
    assert vault.names() == ["A_KEY", "B_KEY"]
    assert [entry.name for entry in vault.entries()] == ["A_KEY", "B_KEY"]
    assert vault.find("NONE") is None
    assert seen == []
    assert vault.get("A_KEY").reveal() == "a, handed out"
    found = vault.find("B_KEY")
    assert found is not None
    assert found.reveal() == "b, handed out"
    with vault.env("A_KEY"):
        assert os.environ["A_KEY"] == "a, handed out"
    vault.set("C_KEY", "c", export=True)
    assert os.environ["C_KEY"] == "c, handed out"
    assert seen == ["A_KEY", "B_KEY", "A_KEY", "C_KEY"]


def test_secrets_are_there_for_the_next_kernel(
    vault: Vault, open_vault: MakeVault
) -> None:
    values = {
        "A_KEY": "sk-1",
        "Ключ": "π ≈ 3",
        "empty lines": "a\n\nb\n",
        "x": "0" * 65536,
    }
    for name, value in values.items():
        vault.set(name, value)
    vault.lock()
    other = open_vault()
    assert other.state == "locked"
    with pytest.raises(VaultLockedError):
        other.get("A_KEY")
    other.unlock(PASSWORD)
    assert {name: other.get(name).reveal() for name in other.names()} == values


def test_a_wrong_password_leaves_the_vault_locked(vault: Vault) -> None:
    vault.lock()
    with pytest.raises(WrongPasswordError):
        vault.unlock(OTHER)
    assert vault.state == "locked"
    with pytest.raises(VaultLockedError):
        vault.names()


@pytest.mark.parametrize(
    "password",
    ["", "   ", "\n", "\u3000", "x" * 1025, "Password1!", "aaaaaaaaaaaaaaaa"],
)
def test_a_password_that_is_easy_to_guess_is_refused(
    open_vault: MakeVault, password: str
) -> None:
    vault = open_vault()
    with pytest.raises(WeakPasswordError):
        vault.create(password)
    assert vault.state == "absent"


def test_the_cost_of_guessing_cannot_be_lowered() -> None:
    with pytest.raises(UsageError):
        Policy(kdf=WEAK)
    with pytest.raises(UsageError):
        Policy(kdf=KDF(memory=65_536, passes=1, lanes=4))


def test_a_secret_does_not_show_itself(vault: Vault) -> None:
    vault.set("A_KEY", "sk-sentinel")
    secret = vault.get("A_KEY")
    assert f"{secret} {secret!r}" == "<Secret A_KEY> <Secret A_KEY>"
    assert "sk-sentinel" not in repr(vault.entries())


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "a\nb", "a\0b", "x" * 201, "a\u202eb"]
)
def test_a_name_that_cannot_be_shown_is_refused(vault: Vault, name: str) -> None:
    with pytest.raises(SecretRefusedError):
        vault.set(name, "value")
    assert vault.names() == []


@pytest.mark.parametrize("value", ["", "x" * 65_537, "\ud800", b"\xff"])
def test_an_empty_long_or_broken_value_is_refused(
    vault: Vault, value: str | bytes
) -> None:
    with pytest.raises(SecretRefusedError):
        vault.set("A", value)
    assert vault.names() == []


def test_composed_and_decomposed_names_are_one_secret(vault: Vault) -> None:
    vault.set("cafe\u0301", "1")
    vault.set("caf\u00e9", "2")
    assert vault.names() == ["caf\u00e9"]


def test_a_removed_secret_is_missing(
    vault: Vault, open_vault: MakeVault, path: Path
) -> None:
    vault.set("A", "a")
    vault.remove("A")
    with pytest.raises(SecretMissingError):
        vault.get("A")
    with pytest.raises(SecretMissingError):
        vault.remove("A")
    assert vault.find("A") is None
    other = open_vault()
    other.unlock(PASSWORD)
    assert other.names() == []


def test_a_batch_is_stored_completely_or_not_at_all(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.set("A", "a")

    def change(then: Callable[[Changes], object]) -> None:
        with vault.batch() as batch:
            batch.set("B", "b")
            batch.remove("A")
            then(batch)

    with pytest.raises(SecretMissingError):
        change(lambda batch: batch.remove("C"))
    assert vault.names() == ["A"]
    with pytest.raises(ZeroDivisionError):
        change(lambda _: 1 / 0)
    assert vault.names() == ["A"]
    with vault.batch() as batch:
        batch.set("B", "b")
        batch.remove("A")
        batch.set("B", "bb")
    assert vault.get("B").reveal() == "bb"
    other = open_vault()
    other.unlock(PASSWORD)
    assert other.names() == ["B"]


def test_two_kernels_see_each_others_secrets(
    vault: Vault, open_vault: MakeVault
) -> None:
    other = open_vault()
    other.unlock(PASSWORD)
    vault.set("A", "a")
    assert other.get("A").reveal() == "a"
    other.set("B", "b")
    other.set("A", "aa")
    assert vault.names() == ["A", "B"]
    assert vault.get("A").reveal() == "aa"
    vault.remove("A")
    assert other.find("A") is None


def test_an_expected_version_keeps_two_kernels_from_overwriting_each_other(
    vault: Vault, open_vault: MakeVault
) -> None:
    other = open_vault()
    other.unlock(PASSWORD)
    first = vault.set("A", "1", expect=0)
    other.set("A", "2", expect=first)
    with pytest.raises(VaultConflictError):
        vault.set("A", "3", expect=first)
    with pytest.raises(VaultConflictError):
        vault.set("A", "3", expect=0)
    with pytest.raises(VaultConflictError):
        vault.remove("A", expect=first)
    assert vault.get("A").reveal() == "2"


def test_a_version_is_never_used_twice(vault: Vault) -> None:
    first = vault.set("A", "1")
    vault.remove("A")
    assert vault.set("A", "1") != first


def test_a_changed_password_locks_other_kernels(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.set("A", "a")
    other = open_vault()
    other.unlock(PASSWORD)
    vault.change_password(PASSWORD, OTHER)
    assert vault.get("A").reveal() == "a"
    with pytest.raises(VaultLockedError, match="elsewhere"):
        other.get("A")
    assert other.state == "locked"
    with pytest.raises(WrongPasswordError):
        other.unlock(PASSWORD)
    other.unlock(OTHER)
    assert other.get("A").reveal() == "a"


def test_change_password_checks_the_old_and_judges_the_new_one(vault: Vault) -> None:
    with pytest.raises(WrongPasswordError):
        vault.change_password(OTHER, "eleven quiet lighthouses humming")
    with pytest.raises(WeakPasswordError):
        vault.change_password(PASSWORD, "password")
    vault.lock()
    vault.unlock(PASSWORD)


def test_an_old_slot_put_back_raises_damaged(
    vault: Vault, open_vault: MakeVault
) -> None:
    slot = vault.storage.read(lambda reader: reader.get(b"s"))
    assert slot
    vault.change_password(PASSWORD, OTHER)
    vault.storage.write(lambda writer: writer.put([(b"s", slot)]))
    with pytest.raises(VaultDamagedError):
        open_vault().unlock(PASSWORD)


def test_rotate_encrypts_everything_again(vault: Vault, open_vault: MakeVault) -> None:
    for number in range(20):
        vault.set(f"N{number}", f"value {number}", export=number == 3)
    versions = {entry.name: entry.version for entry in vault.entries()}
    sealed = vault.seal(b"a conversation", "session 1")
    before = dict(vault.storage.read(lambda reader: reader.scan(b"r")))
    other = open_vault()
    other.unlock(PASSWORD)
    vault.rotate(PASSWORD)
    after = dict(vault.storage.read(lambda reader: reader.scan(b"r")))
    assert before.keys() < after.keys()
    assert not {*before.values()} & {*after.values()}
    assert {entry.name: entry.version for entry in vault.entries()} == versions
    assert vault.open(sealed, "session 1") == b"a conversation"
    assert vault.verify() == ""
    with pytest.raises(VaultLockedError, match="elsewhere"):
        other.names()
    other.unlock(PASSWORD)
    assert other.get("N7").reveal() == "value 7"
    other.rotate(PASSWORD)
    vault.unlock(PASSWORD)
    assert vault.open(sealed, "session 1") == b"a conversation"
    assert vault.verify() == ""


def test_a_locked_vault_refuses_every_use(vault: Vault) -> None:
    vault.set("A", "a")
    vault.lock()
    vault.lock()
    for use in (
        vault.names,
        vault.entries,
        lambda: vault.get("A"),
        lambda: vault.find("A"),
        lambda: vault.set("A", "b"),
        lambda: vault.remove("A"),
        lambda: vault.seal(b"", ""),
        vault.verify,
    ):
        with pytest.raises(VaultLockedError):
            use()


def test_unlocking_twice_checks_the_password(vault: Vault) -> None:
    vault.unlock(PASSWORD)
    with pytest.raises(WrongPasswordError):
        vault.unlock(OTHER)
    assert vault.state == "unlocked"


def test_unlock_raises_the_cost_of_guessing_to_the_policy(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.set("A", "a")
    dearer = KDF(memory=64, passes=2, lanes=1)
    open_vault(policy=weak_policy(kdf=dearer)).unlock(PASSWORD)
    slot = vault.storage.read(lambda reader: reader.get(b"s"))
    assert slot
    assert slot[2:6] == (64).to_bytes(4)
    again = open_vault()
    again.unlock(PASSWORD)
    assert again.get("A").reveal() == "a"


def test_threads_share_a_vault(vault: Vault) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            vault.set(f"T{number}", f"{turn}")
            assert vault.get(f"T{number}").reveal() == f"{turn}"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(vault.names()) == 8


def test_clear_removes_secrets_and_envelopes_still_decrypt(vault: Vault) -> None:
    with vault.batch() as batch:
        for number in range(50):
            batch.set(f"N{number}", "x")
    sealed = vault.seal(b"kept", "session 1")
    with pytest.raises(WrongPasswordError):
        vault.clear(OTHER)
    assert len(vault.names()) == 50
    vault.clear(PASSWORD)
    assert vault.names() == []
    assert vault.open(sealed, "session 1") == b"kept"
    assert vault.verify() == ""


def test_an_envelope_is_bound_to_its_context(vault: Vault) -> None:
    sealed = vault.seal(b"text", "session 1")
    with pytest.raises(VaultDamagedError):
        vault.open(sealed, "session 2")
    with pytest.raises(VaultDamagedError):
        vault.open(sealed[:-1], "session 1")
    with pytest.raises(VaultDamagedError):
        vault.open(b"plain text", "session 1")
