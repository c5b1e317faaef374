"""A vault locks by itself, whatever the clocks do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.vaults import attempts, keychain
from parllama_nb.vaults.errors import VaultLockedError, WaitError, WrongPasswordError
from parllama_nb.vaults.timer import Limits, LockTimer
from parllama_nb.vaults.vault import Vault

from ..own_app import own_app
from .weak import OTHER, PASSWORD, MakeVault, weak_policy


class Clocks:
    """A boot clock and a wall clock that a test sets."""

    def __init__(self) -> None:
        self.boot = 1000.0
        self.wall = 1_700_000_000.0

    def on(self, vault: Vault, limits: Limits) -> None:
        vault._access.timer = LockTimer(limits, (lambda: self.boot, lambda: self.wall))

    def pass_(self, seconds: float) -> None:
        self.boot += seconds
        self.wall += seconds


@pytest.fixture
def clocks(vault: Vault) -> Clocks:
    clocks = Clocks()
    clocks.on(vault, Limits(idle=900, absolute=3600))
    vault._access.timer.start()
    return clocks


def is_locked(vault: Vault) -> bool:
    return vault.state == "locked"


def test_an_unused_vault_locks_after_the_idle_limit(
    vault: Vault, clocks: Clocks
) -> None:
    clocks.pass_(899)
    assert not is_locked(vault)
    clocks.pass_(1)
    assert is_locked(vault)
    with pytest.raises(VaultLockedError, match="locked itself"):
        vault.names()
    assert vault.log()[-1].event == "auto-lock"


def test_a_used_vault_locks_after_the_absolute_limit(
    vault: Vault, clocks: Clocks
) -> None:
    for _ in range(4):
        clocks.pass_(800)
        vault.names()
    clocks.pass_(399)
    vault.names()
    clocks.pass_(1)
    assert is_locked(vault)


def test_reading_the_state_does_not_count_as_use(vault: Vault, clocks: Clocks) -> None:
    clocks.pass_(800)
    assert vault.state == "unlocked"
    assert vault.lock_if_due() == 100
    clocks.pass_(100)
    assert is_locked(vault)


def test_time_asleep_counts_toward_the_limits(vault: Vault, clocks: Clocks) -> None:
    clocks.wall += 900  # a boot clock that stood still
    assert is_locked(vault)


def test_a_wall_clock_set_back_gives_no_more_time(vault: Vault, clocks: Clocks) -> None:
    clocks.wall -= 10_000_000
    clocks.boot += 899
    assert not is_locked(vault)
    clocks.boot += 1
    assert is_locked(vault)


def test_a_vault_without_limits_never_locks(vault: Vault, clocks: Clocks) -> None:
    clocks.on(vault, Limits(idle=None, absolute=None))
    clocks.pass_(1e9)
    assert not is_locked(vault)
    assert vault.lock_if_due() is None


def test_new_limits_apply_at_once(vault: Vault, clocks: Clocks) -> None:
    clocks.pass_(100)
    vault.set_limits(Limits(idle=120))
    assert vault.lock_if_due() == 20
    vault.set_limits(Limits(idle=60))
    assert vault._access.unlocked is None


@pytest.mark.parametrize("limit", [29.9, 0, -1, float("nan")])
def test_a_limit_below_30_seconds_is_refused(limit: float) -> None:
    with pytest.raises(UsageError):
        Limits(idle=limit)
    with pytest.raises(UsageError):
        Limits(absolute=limit)


def test_create_and_lock_call_changed_once_each(open_vault: MakeVault) -> None:
    heard: list[str] = []
    vault = open_vault(changed=lambda: heard.append("changed"))
    vault.create(PASSWORD)
    vault.lock()
    vault.lock()
    assert len(heard) == 2


def test_a_vault_locks_while_a_cell_keeps_the_main_thread_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keychain, "_CHECK", 0.02)
    with own_app() as app:
        vault = app.vault
        vault.policy = weak_policy()
        clocks = Clocks()
        clocks.on(vault, Limits())
        vault.create(PASSWORD)
        vault.set("A", "a")
        assert vault.state == "unlocked"
        clocks.pass_(1e6)
        while vault._access.unlocked is not None:  # a cell that never yields
            pass
        with pytest.raises(VaultLockedError, match="locked itself"):
            vault.get("A")


def test_wrong_passwords_delay_the_next_try(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(attempts, "since_boot", lambda: now)
    vault.lock()
    waits = []
    for _ in range(8):
        with pytest.raises(WrongPasswordError):
            vault.unlock(OTHER)
        try:
            vault.unlock(PASSWORD)
        except WaitError as error:
            waits.append(error.seconds)
            now += error.seconds
        else:
            waits.append(0.0)
            vault.lock()
    assert waits == [0.0] * 8
    waits.clear()
    for _ in range(8):
        with pytest.raises(WrongPasswordError):
            vault.unlock(OTHER)
        tries = vault._access.attempts
        tries._until = max(tries._until, now)
        waits.append(tries._until - now)
        now += waits[-1]
    assert waits == [0, 1, 2, 4, 8, 16, 30, 30]
    vault.unlock(PASSWORD)


def test_a_machine_without_a_boot_clock_uses_the_monotonic_one() -> None:
    code = (
        "import time; del time.CLOCK_BOOTTIME\n"
        "from parllama_nb.vaults.timer import since_boot\n"
        "assert abs(since_boot() - time.monotonic()) < 5"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_limits_of_a_kernel_stay_until_the_settings_change() -> None:
    with own_app() as app:
        app.vault.set_limits(Limits(idle=60))
        app.settings.update({"chat.temperature": 1})
        app.keychain.renew_limits()
        assert app.vault._access.timer.limits == Limits(idle=60)
        app.settings.update({"vault.idle_minutes": 5})
        app.keychain.renew_limits()
        assert app.vault._access.timer.limits == Limits(idle=300)
