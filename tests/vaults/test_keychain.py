"""The keychain watches an unlocked vault until it is locked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from parllama_nb.secret import Redactor
from parllama_nb.vaults import keychain as module
from parllama_nb.vaults.keychain import Keychain
from parllama_nb.vaults.timer import Limits

from .weak import PASSWORD, weak_policy

if TYPE_CHECKING:
    import pytest


def test_a_vault_that_is_unlocked_as_its_watch_ends_is_watched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watches: list[Coroutine[Any, Any, None]] = []
    keychain = Keychain(Redactor(), watches.append, Limits, int)
    vault = keychain.vault
    vault.policy = weak_policy()
    vault.create(PASSWORD)
    vault.lock()
    monkeypatch.setattr(module, "_CHECK", 0.0)
    real, calls = vault.lock_if_due, 0

    def check() -> float | None:
        nonlocal calls
        calls += 1
        left = real()
        if calls == 1:
            vault.unlock(PASSWORD)
        elif calls == 4:
            vault.lock()
        return left

    monkeypatch.setattr(vault, "lock_if_due", check)
    (watch,) = watches
    asyncio.run(watch)
    assert vault.state == "locked"
    vault.unlock(PASSWORD)
    assert len(watches) == 2
    watches[1].close()
