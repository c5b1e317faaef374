"""Stores a key that the user types into a view in the vault.

The key and the password come as parameters of a request, over the shell channel, which
only this kernel reads; nothing that is sent back holds them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, UnknownProviderError, UsageError
from ._protocol import AddKeyParams, Failure, VaultData

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["add_key", "vault_data", "with_missing_key"]


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


async def vault_data(app: Parllama) -> VaultData:
    """Return which password `add_key` needs now.

    Raises:
        VaultError: the vault cannot be read.

    """

    def password() -> VaultData:
        if app.vault.state == "absent":
            return VaultData(password="new")  # noqa: S106 - which one, not a password
        ready = app.vault.ready()
        return VaultData(password="none" if ready else "current")

    return await asyncio.to_thread(password)


async def add_key(app: Parllama, params: AddKeyParams) -> None:
    """Store a key; creates or unlocks the vault with the password first.

    Raises:
        UsageError: the key is empty, and the vault does not have it.
        WeakPasswordError: the password is too weak for a new vault.
        WrongPasswordError: the password is not the vault's.
        VaultError: the vault cannot be read or written.

    """

    def store() -> None:
        vault, value = app.vault, params.value.get_secret_value().strip()
        password = params.password.get_secret_value() if params.password else ""
        if vault.state == "absent":
            if not value:
                message = "The key is empty."
                raise UsageError(message)
            vault.create(password)
        elif not vault.ready():
            vault.unlock(password)
        if value:
            vault.set(params.name, value)
        elif params.name not in vault.names():
            message = f"The vault has no {params.name}."
            raise UsageError(message, hint="Type the key.")

    # The key derivation and the disk take their time.
    await asyncio.to_thread(store)
