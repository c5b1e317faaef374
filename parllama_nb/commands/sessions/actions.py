"""What each action of the command sessions does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ..passwords import unlock_vault
from ..report import Report
from .reports import listed
from .transfers import export, import_

if TYPE_CHECKING:
    from ..table import Call
    from .params import Action, SessionsParams

__all__ = ["ACTIONS"]


async def _list(params: SessionsParams, call: Call) -> Report:
    del params
    saved = await call.app.chats.sessions()
    if not saved:
        return Report("No conversation is saved yet. `%parllama chat` begins one.")
    return Report(listed(saved, call.app.redact))


async def _encrypt(params: SessionsParams, call: Call) -> Report:
    session = await call.app.sessions.known(params.words[0])
    await unlock_vault(call)
    await session.encrypt()
    return Report(
        f"{escape(session.name)} is encrypted, and so are all turns to come; the old "
        "text is overwritten. It opens while the vault is unlocked.  \n"
        "Its name, models, times and costs stay readable, and so do the output of "
        "cells and IPython's history.  \n"
        "Without the vault and its password nobody can read it, not even you: "
        "`%parllama vault backup` copies the vault."
    )


async def _decrypt(params: SessionsParams, call: Call) -> Report:
    session = await call.app.sessions.known(params.words[0])
    await unlock_vault(call)
    await session.decrypt()
    return Report(f"{escape(session.name)} is no longer encrypted.")


async def _rename(params: SessionsParams, call: Call) -> Report:
    name, new = params.words
    session = await call.app.sessions.known(name)
    await session.rename(new)
    return Report(f"{escape(name)} is now called {escape(session.name)}.")


async def _delete(params: SessionsParams, call: Call) -> Report:
    name = params.words[0]
    session = await call.app.sessions.known(name)
    await session.delete()
    return Report(f"{escape(name)} is deleted, with all its turns.")


ACTIONS: dict[Action, Callable[[SessionsParams, Call], Awaitable[Report]]] = {
    "list": _list,
    "encrypt": _encrypt,
    "decrypt": _decrypt,
    "rename": _rename,
    "delete": _delete,
    "export": export,
    "import": import_,
}
