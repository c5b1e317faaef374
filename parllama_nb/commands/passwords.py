"""Passwords that a command asks for, and the vault that it may have to unlock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ..vaults.errors import VaultError, WaitError, WrongPasswordError
from .table import Call

__all__ = ["choose_password", "unlock_vault", "with_password"]

T = TypeVar("T")

_TRIES = 3


async def unlock_vault(call: Call) -> None:
    """Ask for the vault's password if the vault is locked, and unlock it.

    Raises:
        VaultMissingError: there is no vault.
        InputError: it is locked, and nobody can type the password.
        WrongPasswordError: three passwords were wrong.

    """
    vault = call.app.vault
    if not await asyncio.to_thread(vault.ready):
        await with_password(call, "Password of the vault", vault.unlock)


async def with_password(call: Call, prompt: str, use: Callable[[str], T]) -> T:
    """Run `use`, on a thread, with a password that the user types in three tries.

    Raises:
        InputError: nobody can type it.
        WrongPasswordError: three passwords were wrong.

    """
    shown = prompt
    for is_last in (False,) * (_TRIES - 1) + (True,):
        password = await call.notebook.ask(shown)
        while True:
            try:
                # Not as an argument: its frames would show the password.
                return await asyncio.to_thread(lambda typed=password: use(typed))  # type: ignore[misc]
            except WaitError as error:
                await asyncio.sleep(error.seconds)
            except WrongPasswordError:
                if is_last:
                    raise
                break
        shown = f"That was wrong. {prompt}"
    raise AssertionError


async def choose_password(call: Call, prompt: str) -> str:
    """Ask for a new password twice.

    Raises:
        WeakPasswordError: it is too easy to guess.
        VaultError: the two differ.

    """
    from ..vaults.strength import check  # noqa: PLC0415 - imports cryptography

    password = await call.notebook.ask(prompt)
    await asyncio.to_thread(lambda: check(password))
    if await call.notebook.ask(f"{prompt}, once more") != password:
        message = "The two passwords differ."
        raise VaultError(message, hint="Nothing was changed.")
    return password
