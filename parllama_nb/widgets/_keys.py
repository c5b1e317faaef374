"""Unlocks the vault for a view, and stores a key that the user types into it.

The key and the password come sealed (`_sealed`); nothing that is sent back holds them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, UnknownProviderError, UsageError
from ._protocol import Failure, VaultData
from ._sealed import required
from ._threads import to_the_end

if TYPE_CHECKING:
    from ..application import Parllama
    from ..vaults.access import State

__all__ = ["add_key", "unlock", "vault_data", "vault_state", "with_missing_key"]


def with_missing_key(app: Parllama, error: Failure, model: str) -> Failure:
    """Return an error with the name of the key that its model's provider still misses.

    An error that was read from the database does not have the name.
    """
    if error.code != AuthenticationError.code or error.missing_key:
        return error
    try:
        provider, _ = app.providers.parse(model)
    except (UnknownProviderError, UsageError):
        return error
    spec, key = app.providers.spec(provider), app.providers.key(provider)
    name = next(iter(spec.key_env), None) if key.missing else None
    return error.model_copy(update={"missing_key": name})


def vault_state(app: Parllama) -> State:
    """Return the state of the vault. One with an unattended password is unlocked by it.

    Raises:
        VaultError: the vault cannot be read.

    """
    state = app.vault.state
    return "unlocked" if state == "locked" and app.vault.ready() else state


async def vault_data(app: Parllama, name: str = "") -> VaultData:
    """Return the state of the vault, and whether the key of this name is there.

    Raises:
        VaultError: the vault cannot be read.

    """

    def look() -> VaultData:
        state = vault_state(app)
        found = bool(name) and app.keychain.peek(name) is not None
        return VaultData(state=state, found=found)

    return await asyncio.to_thread(look)


async def unlock(
    app: Parllama, texts: Mapping[str, bytearray], *, older: bool = False
) -> None:
    """Unlock the vault with the `password` of these texts.

    Raises:
        VaultError: see `Vault.unlock`.

    """
    password = required(texts, "password")
    # The key derivation and the disk take their time.
    await to_the_end(lambda: app.vault.unlock(password, accept_older=older))


async def add_key(app: Parllama, name: str, texts: Mapping[str, bytearray]) -> None:
    """Store the `value` of these texts; creates or unlocks the vault by `password`.

    Raises:
        UsageError: the key is empty.
        SecretRefusedError: no secret can have this name.
        WeakPasswordError: the password is too weak for a new vault.
        WrongPasswordError: the password is not the vault's.
        VaultError: the vault cannot be read or written.

    """
    from ..vaults.policy import check_name  # noqa: PLC0415 - imports cryptography

    # Before a vault is made for it.
    name = check_name(name)
    value, password = required(texts, "value"), texts.get("password", bytearray())

    def store() -> None:
        vault = app.vault
        if not value.strip():
            message = "The key is empty."
            raise UsageError(message)
        if vault.state == "absent":
            vault.create(password)
        elif not vault.ready():
            vault.unlock(password)
        trimmed = value.strip()
        try:
            vault.set(name, trimmed)
        finally:
            trimmed[:] = bytes(len(trimmed))

    await to_the_end(store)
