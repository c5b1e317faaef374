"""What each action of the command sessions does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ...chats.history.deletion import KEPT_DAYS
from ...errors import UsageError
from ...markdown.sanitize import escape
from ...markdown.writing import code
from ...quoting import quoted
from ..passwords import unlock_vault
from ..report import Report
from .opening import readable_session
from .reports import deleted, found_texts, listed
from .transfers import export, import_
from .with_models import name_by_model, summarise, to_prompt

if TYPE_CHECKING:
    from ..table import Call
    from .params import Action, SessionsParams

__all__ = ["ACTIONS"]

_HITS, _MOST_HITS = 20, 200


async def _list(params: SessionsParams, call: Call) -> Report:
    query = " ".join(params.words)
    infos = await call.app.session_library.sessions(query)
    if infos:
        redact = call.app.redact
        return Report(listed(infos, redact, everything=params.everything))
    if query:
        message = f"No conversation has {query!r:.80} in its name, folder or tags."
        hint = f"To look into their texts: %parllama sessions search {query:.80}"
        raise UsageError(message, hint=hint)
    return Report("No conversation is saved yet. `%parllama chat` begins one.")


async def _search(params: SessionsParams, call: Call) -> Report:
    query = " ".join(params.words)
    limit = _MOST_HITS if params.everything else _HITS
    found = await call.app.session_library.search(query, limit=limit)
    if not found.hits:
        message = f"No conversation has {query!r:.80}."
        hint = "Words are found by their beginnings."
        if await _is_any_locked(call):
            hint = "Encrypted ones are searched after %parllama vault unlock."
        raise UsageError(message, hint=hint)
    return Report(found_texts(found, call.app.redact))


async def _is_any_locked(call: Call) -> bool:
    return any(info.locked for info in await call.app.session_library.sessions())


async def _new(params: SessionsParams, call: Call) -> Report:
    session = await call.app.sessions.begin(params.words[0])
    name = quoted(session.name)
    ask, chat = f"%%parllama --session {name}", f"%parllama chat --session {name}"
    return Report(
        f"**{escape(session.name)}** is begun. Ask in it: {code(ask)}, or in a view: "
        f"{code(chat)}"
    )


async def _rename(params: SessionsParams, call: Call) -> Report:
    name, new = params.words
    session = await readable_session(name, call)
    await session.rename(new)
    return Report(f"{escape(name)} is now called {escape(session.name)}.")


async def _folder(params: SessionsParams, call: Call) -> Report:
    name, *folder = params.words
    await readable_session(name, call)
    stored = await call.app.session_library.file(name, folder[0] if folder else "")
    if not stored:
        return Report(f"{escape(name)} is in no folder.")
    return Report(f"{escape(name)} is in the folder {escape(stored)}.")


async def _tag(params: SessionsParams, call: Call) -> Report:
    name, *tags = params.words
    await readable_session(name, call)
    library = call.app.session_library
    if params.action == "tag":
        left = await library.tag(name, add=tags)
    else:
        left = await library.tag(name, remove=tags)
    are = f"The tags of {escape(name)} are {escape(', '.join(left))}."
    return Report(are if left else f"{escape(name)} has no tags.")


async def _pin(params: SessionsParams, call: Call) -> Report:
    library, pinned = call.app.session_library, params.action == "pin"
    # All are looked up first, so that a mistyped one changes nothing.
    for name in params.words:
        await library.known(name)
    for name in params.words:
        await library.pin(name, pinned=pinned)
    is_pinned = "pinned" if pinned else "no longer pinned"
    return Report(f"{_names(params.words)} {_is(params.words)} {is_pinned}.")


async def _duplicate(params: SessionsParams, call: Call) -> Report:
    name, *new = params.words
    await readable_session(name, call)
    copy = await call.app.session_library.duplicate(name, new[0] if new else None)
    return Report(f"**{escape(copy)}** is a copy of {escape(name)}.")


async def _delete(params: SessionsParams, call: Call) -> Report:
    names, library = params.words, call.app.session_library
    # One that was deleted may be deleted for good.
    gone = [name for name in names if params.now and await library.is_deleted(name)]
    # All are looked up first, so that a mistyped one changes nothing.
    others = [each for each in names if each not in gone]
    sessions = [await call.app.sessions.known(name) for name in others]
    for session in sessions:
        await session.delete(now=params.now)
    for name in gone:
        await library.delete(name, now=True)
    if params.now:
        return Report(f"{_names(names)} {_is(names)} deleted for good.")
    line = " ".join(["%parllama sessions restore", *map(quoted, names)])
    said = f"{_names(names)} {_is(names)} deleted."
    return Report(f"{said} For {KEPT_DAYS} days {code(line)} undoes that.")


async def _restore(params: SessionsParams, call: Call) -> Report:
    library = call.app.session_library
    if not params.words:
        found = await library.deleted()
        if not found:
            return Report(f"Nothing was deleted in the last {KEPT_DAYS} days.")
        return Report(deleted(found, call.app.redact))
    names = [await library.restore(name) for name in params.words]
    return Report(f"{_names(names)} {_is(names)} back.")


async def _encrypt(params: SessionsParams, call: Call) -> Report:
    session = await call.app.sessions.known(params.words[0])
    await unlock_vault(call)
    await session.encrypt()
    return Report(
        f"{escape(session.name)} is encrypted, and so are all turns to come; the old "
        "text is overwritten. It opens while the vault is unlocked; else it is listed "
        f"as {code(session.handle)}.  \n"
        "Its models and times stay readable, and so do the output of cells and "
        "IPython's history. Whoever has your files can test whether it has the name "
        "that they guess.  \n"
        "Without the vault and its password nobody can read it, not even you: "
        "`%parllama vault backup` copies the vault."
    )


async def _decrypt(params: SessionsParams, call: Call) -> Report:
    session = await readable_session(params.words[0], call)
    await session.decrypt()
    return Report(f"{escape(session.name)} is no longer encrypted.")


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"**{escape(name)}**" for name in names)


ACTIONS: dict[Action, Callable[[SessionsParams, Call], Awaitable[Report]]] = {
    "list": _list,
    "search": _search,
    "new": _new,
    "rename": _rename,
    "name": name_by_model,
    "folder": _folder,
    "tag": _tag,
    "untag": _tag,
    "pin": _pin,
    "unpin": _pin,
    "duplicate": _duplicate,
    "delete": _delete,
    "restore": _restore,
    "encrypt": _encrypt,
    "decrypt": _decrypt,
    "summarise": summarise,
    "to-prompt": to_prompt,
    "export": export,
    "import": import_,
}
