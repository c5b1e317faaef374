"""sessions: lists saved conversations; renames, deletes, encrypts or decrypts one."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import model_validator

from ..markdown.sanitize import escape
from .passwords import unlock_vault
from .report import Report, table
from .table import Argument, Call, Command, Params

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["COMMAND", "SessionsParams"]

Action = Literal["list", "encrypt", "decrypt", "rename", "delete"]

_ACTIONS = get_args(Action)

# Seconds a completion may take.
_TIMEOUT = 0.4


def _offered(app: Parllama, words: Sequence[str]) -> list[str]:
    """Returns the names of the conversations, if a name comes next."""
    if not words or words[0] not in _ACTIONS[1:]:
        return []
    future = app.runtime.submit(app.chats.sessions())
    wait([future], _TIMEOUT)
    if not future.done() or future.exception() is not None:
        return []
    names = [info.name for info in future.result()]
    return [name if name.isidentifier() else f'"{name}"' for name in names]


class SessionsParams(Params):
    """An action, and the saved conversation it is for."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. An encrypted conversation "
            "opens while the vault is unlocked. Its name, models, times and costs stay "
            "readable, and so does the output of cells.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "list"
    name: Annotated[
        str | None,
        Argument(
            "NAME",
            "The conversation, in quotes if its name has spaces.",
            values=_offered,
        ),
    ] = None
    new: Annotated[str | None, Argument("NEW", "For rename: the new name.")] = None

    @model_validator(mode="after")
    def _fits(self) -> SessionsParams:
        if self.action == "list" and self.name is not None:
            message = "list does not take a NAME"
            raise ValueError(message)
        if self.action != "list" and not (self.name or "").strip():
            message = f"{self.action} needs the NAME of a conversation"
            raise ValueError(message)
        if (self.action == "rename") != (self.new is not None):
            needs = "needs a NEW name" if self.new is None else "takes one NAME"
            message = f"{self.action} {needs}; put it in quotes if it has spaces"
            raise ValueError(message)
        return self


async def sessions(params: SessionsParams, call: Call) -> Report:
    """Run the action. Only encrypt and decrypt need the vault unlocked."""
    return await _DO[params.action](params.name or "", params.new or "", call)


async def _list(name: str, new: str, call: Call) -> Report:
    del name, new
    saved = await call.app.chats.sessions()
    if not saved:
        return Report("No conversation is saved yet. `%parllama chat` begins one.")
    rows = []
    for info in saved:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.used))
        title, model = escape(call.app.redact(info.name)), escape(info.model or "")
        encrypted = "yes" if info.encrypted else ""
        rows.append((title, str(info.turns), model, when, encrypted))
    header = ("name", ">turns", "model", "last used", "encrypted")
    return Report(table(header, rows))


async def _encrypt(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
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


async def _decrypt(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
    await unlock_vault(call)
    await session.decrypt()
    return Report(f"{escape(session.name)} is no longer encrypted.")


async def _rename(name: str, new: str, call: Call) -> Report:
    session = await call.app.sessions.known(name)
    await session.rename(new)
    return Report(f"{escape(name)} is now called {escape(session.name)}.")


async def _delete(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
    await session.delete()
    return Report(f"{escape(name)} is deleted, with all its turns.")


_DO: dict[Action, Callable[[str, str, Call], Awaitable[Report]]] = {
    "list": _list,
    "encrypt": _encrypt,
    "decrypt": _decrypt,
    "rename": _rename,
    "delete": _delete,
}

COMMAND = Command(
    name="sessions",
    group="Conversations",
    summary="List, rename, delete or encrypt conversations.",
    params=SessionsParams,
    run=sessions,
    examples=(
        "%parllama sessions",
        '%parllama sessions rename "New chat" diary',
        "%parllama sessions encrypt diary",
    ),
)
