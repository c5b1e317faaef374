"""Saves what the form of a prompt says, unless it was changed elsewhere meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import ChangedElsewhereError, UsageError
from ...prompting.library.prompt import checked
from .protocol import EditData, SavedData, SaveParams
from .wire import prompt_of

if TYPE_CHECKING:
    from ...application import Parllama
    from ...prompting.library.prompt import Prompt
    from ...prompting.library.rows import PromptRow

__all__ = ["saved"]


async def saved(app: Parllama, params: SaveParams) -> SavedData:
    """Save a prompt as a new version, or add it.

    Raises:
        FieldError: a field is invalid; nothing is written.
        ChangedElsewhereError: it was changed or deleted since the form was opened, and
            the user does not know yet.
        UsageError: the form has the name of a secret where the prompt has its value.
        VaultLockedError: it is encrypted, or is to be, and the vault is locked.
        StoreError: the database fails.

    """
    edit, library = params.edit, app.prompts
    prompt = checked(prompt_of(edit))
    row = await _row(app, edit.of)
    if row is None:
        if edit.of and not params.over:
            message = f"{edit.of} was deleted or renamed meanwhile."
            raise ChangedElsewhereError(message, hint="Save it as a new prompt.")
        return await _added(app, edit, prompt)
    if row.version != edit.base and not params.over:
        message = f"{row.name} was changed meanwhile: it has version {row.version} now."
        hint = f"Save yours as version {row.version + 1}, or take the other."
        raise ChangedElsewhereError(message, hint=hint)
    _refuse_replaced(app, prompt, await library.get(row.name))
    if edit.encrypted and not row.encrypted:
        # First, so that the new text is never stored in clear.
        await library.encrypt(row.name)
    stored = await library.save(row.name, prompt)
    if row.encrypted and not edit.encrypted:
        await library.decrypt(stored.name)
    return SavedData(name=stored.name, version=stored.version)


def _refuse_replaced(app: Parllama, edited: Prompt, stored: Prompt) -> None:
    """Refuse a text in which a secret was replaced on its way to the page."""
    before, now = "\n".join(_texts(stored)), "\n".join(_texts(edited))
    for shown in {repr(secret) for secret in app.redact.known} if "<" in now else ():
        if shown in now and shown not in before:
            message = f"{shown} would be saved in the place of the secret itself."
            hint = "Write a variable such as {{key}} there."
            raise UsageError(message, hint=hint)


def _texts(prompt: Prompt) -> Iterator[str]:
    yield prompt.description
    for message in prompt.messages:
        yield message.text
    for variable in prompt.variables:
        yield f"{variable.default} {variable.description}"


async def _row(app: Parllama, name: str) -> PromptRow | None:
    """Return the prompt of a name, None if there is none."""
    if not name:
        return None
    try:
        return await app.prompts.row(name)
    except UsageError:
        return None


async def _added(app: Parllama, edit: EditData, prompt: Prompt) -> SavedData:
    if edit.encrypted:
        # Refused while nothing is written yet.
        await asyncio.to_thread(lambda: app.vault.sealer().wipe())
    stored = await app.prompts.add(prompt)
    if edit.encrypted:
        await app.prompts.encrypt(stored.name)
    return SavedData(name=stored.name, version=stored.version)
