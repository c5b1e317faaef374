"""sessions: the conversations that are kept, and which of them are encrypted."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import model_validator

from ..markdown.sanitize import escape
from ._table import Argument, Call, Command, Params, Report
from .passwords import unlock_vault

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["COMMAND", "SessionsParams"]

Action = Literal["list", "encrypt", "decrypt", "rename", "delete"]

_ACTIONS = get_args(Action)

# Seconds a completion may take.
_PATIENCE = 0.4


def _offered(app: Parllama, words: Sequence[str]) -> list[str]:
    """The names of the conversations, where a name comes next."""
    if not words or words[0] not in _ACTIONS[1:]:
        return []
    asked = app.runtime.submit(app.chats.sessions())
    wait([asked], _PATIENCE)
    if not asked.done() or asked.exception() is not None:
        return []
    names = [info.name for info in asked.result()]
    return [name if name.isidentifier() else f'"{name}"' for name in names]


class SessionsParams(Params):
    """What to do with the conversations that are kept, or with one of them."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. An encrypted conversation "
            "opens while the vault is unlocked. Its name stays readable, and so do "
            "models, times and costs; cells keep what they show.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "list"
    name: Annotated[
        str | None,
        Argument("NAME", "Which conversation; in quotes with spaces.", values=_offered),
    ] = None
    new: Annotated[str | None, Argument("NEW", "rename: its name from now on.")] = None

    @model_validator(mode="after")
    def _fits(self) -> SessionsParams:
        if self.action == "list" and self.name is not None:
            message = "list takes no NAME"
            raise ValueError(message)
        if self.action != "list" and not (self.name or "").strip():
            message = f"{self.action} wants the NAME of a conversation"
            raise ValueError(message)
        if (self.action == "rename") != (self.new is not None):
            wants = "wants a NEW name" if self.new is None else "takes one NAME"
            message = f"{self.action} {wants}; put it in quotes if it has spaces"
            raise ValueError(message)
        return self


async def sessions(params: SessionsParams, call: Call) -> Report:
    """Do it. None but encrypt and decrypt need the vault unlocked."""
    return await _DO[params.action](params.name or "", params.new or "", call)


async def _list(name: str, new: str, call: Call) -> Report:
    del name, new
    found = await call.app.chats.sessions()
    if not found:
        return Report("No conversation has a name yet. `%parllama chat` begins one.")
    lines = [
        "| name | turns | model | last used | encrypted |",
        "|:---|---:|:---|:---|:---|",
    ]
    for info in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.used))
        title, model = escape(call.app.redact(info.name)), escape(info.model or "")
        encrypted = "yes" if info.encrypted else ""
        lines.append(f"| {title} | {info.turns} | {model} | {when} | {encrypted} |")
    return Report("\n".join(lines))


async def _encrypt(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
    await unlock_vault(call)
    await session.encrypt()
    return Report(
        f"{escape(session.name)} is encrypted, and so is what is said in it from now "
        "on; what it was is overwritten. It opens while the vault is unlocked.  \n"
        "Its name stays readable, and so do models, times and costs. Cells keep what "
        "they show, and IPython its history.  \n"
        "Nobody can read it without the vault and its password: "
        "`%parllama vault backup` copies the vault."
    )


async def _decrypt(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
    await unlock_vault(call)
    await session.decrypt()
    return Report(f"{escape(session.name)} is kept in the clear again.")


async def _rename(name: str, new: str, call: Call) -> Report:
    session = await call.app.sessions.known(name)
    await session.rename(new)
    return Report(f"{escape(name)} is called {escape(session.name)} now.")


async def _delete(name: str, new: str, call: Call) -> Report:
    del new
    session = await call.app.sessions.known(name)
    await session.delete()
    return Report(f"{escape(name)} is deleted, with all that was said in it.")


_DO: dict[Action, Callable[[str, str, Call], Awaitable[Report]]] = {
    "list": _list,
    "encrypt": _encrypt,
    "decrypt": _decrypt,
    "rename": _rename,
    "delete": _delete,
}

COMMAND = Command(
    name="sessions",
    summary="List conversations; rename, delete or encrypt one.",
    params=SessionsParams,
    run=sessions,
    examples=(
        "%parllama sessions",
        '%parllama sessions rename "New chat" diary',
        "%parllama sessions encrypt diary",
    ),
)
