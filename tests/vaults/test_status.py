"""What is known of a vault by looking at it, and that looking changes nothing."""

from __future__ import annotations

import pytest

from parllama_nb.vaults.errors import WrongPasswordError
from parllama_nb.vaults.timer import Limits, LockTimer
from parllama_nb.vaults.vault import Vault

from ..own_app import own_app
from .weak import OTHER, PASSWORD, MakeVault, weak_policy


def test_a_vault_that_is_not_there_is_absent(open_vault: MakeVault) -> None:
    status = open_vault().status()
    assert (status.state, status.left, status.why_locked) == ("absent", 0.0, "")


def test_an_unlocked_vault_says_how_long_and_how_often_it_was_changed(
    vault: Vault,
) -> None:
    before = vault.status()
    assert before.state == "unlocked"
    assert before.left is not None
    assert 0 < before.left <= 900
    vault.set("A", "value")
    assert vault.status().generation == before.generation + 1
    vault.set_limits(Limits(idle=None, absolute=None))
    assert vault.status().left is None


def test_looking_does_not_put_the_lock_off(vault: Vault) -> None:
    now = [1000.0]
    vault._access.timer = LockTimer(Limits(idle=900), (lambda: now[0],))
    vault.set("A", "value")
    now[0] += 899
    assert vault.status().left == 1
    assert vault.entries(use=False)
    assert vault.find("A", use=False)
    assert vault.status().left == 1
    assert vault.find("A")
    assert vault.status().left == 900


def test_a_provider_that_is_looked_at_does_not_put_the_lock_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.vault.create(PASSWORD)
        app.vault.set("GROQ_API_KEY", "gsk-something-long")
        now = [1000.0]
        app.vault._access.timer = LockTimer(Limits(idle=900), (lambda: now[0],))
        now[0] += 899
        assert app.providers.key("groq").source == "vault"
        assert app.vault.status().left == 1
        # A request that takes the key is a use.
        assert app.keychain.find("GROQ_API_KEY")
        assert app.vault.status().left == 900


def test_a_locked_vault_says_why_and_when_a_password_may_be_tried(
    vault: Vault,
) -> None:
    vault.lock("auto-lock")
    assert vault.status().why_locked == "The vault has locked itself."
    for _ in range(2):
        with pytest.raises(WrongPasswordError):
            vault.unlock(OTHER)
    assert 0 < vault.status().wait <= 1


def test_a_password_changed_elsewhere_is_found_by_looking(
    vault: Vault, open_vault: MakeVault
) -> None:
    other = open_vault()
    other.unlock(PASSWORD)
    other.change_password(PASSWORD, OTHER)
    status = vault.status()
    assert status.state == "locked"
    assert "changed elsewhere" in status.why_locked
    assert vault.state == "locked"
