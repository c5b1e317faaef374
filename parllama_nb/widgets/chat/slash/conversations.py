"""Slash commands for the conversation itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import UsageError
from ....fuzzy import score
from ..session_protocol import OpenSession, ShowTab
from ..turn_protocol import ContinueParams, RetryParams
from .command import SlashCall, SlashCommand, last_turn, meant
from .models import model_named, model_names
from .protocol import CommandDone, CommandOption

if TYPE_CHECKING:
    from ....chats.history.reading import Turn

__all__ = ["CONVERSATION", "session_names"]

_OFFERED = 50


async def _new(call: SlashCall, name: str) -> CommandDone:
    if name:
        # Before the new one is shown: the name may be taken.
        name = await _free(call, name)
    session = await call.sessions.begin()
    if name:
        await session.rename(name)
    return CommandDone()


async def _free(call: SlashCall, name: str) -> str:
    name = " ".join(name.split())
    if any(each.name == name for each in await call.app.chats.sessions()):
        message = f"There is a conversation {name!r} already."
        raise UsageError(message, hint=f"/open {name} shows it.")
    return name


async def _open(call: SlashCall, name: str) -> CommandDone:
    names = [each.name for each in await call.app.chats.sessions()]
    if name not in names:
        found = [each for each in names if each.casefold() == name.casefold()]
        if len(found) != 1:
            message = f"There is no conversation {name!r}."
            hint = meant(name, names, other=f"/new {name} begins one.")
            raise UsageError(message, hint=hint)
        name = found[0]
    await call.sessions.on_open(OpenSession(name=name, turn=None))
    return CommandDone()


async def _tab(call: SlashCall, number: str) -> CommandDone:
    tabs = call.chat.tabs
    if not number.isdecimal() or not 0 < int(number) <= len(tabs):
        message = f"There is no tab {number!r:.20}."
        raise UsageError(message, hint=f"They are numbered from 1 to {len(tabs)}.")
    await call.sessions.on_show_tab(ShowTab(id=tabs[int(number) - 1].id))
    return CommandDone()


async def _tab_numbers(call: SlashCall, text: str) -> list[CommandOption]:
    return [
        CommandOption(value=str(number), about=call.app.redact(tab.shown_name))
        for number, tab in enumerate(call.chat.tabs, 1)
        if str(number).startswith(text.strip())
    ]


async def _close(call: SlashCall, _: str) -> CommandDone:
    await call.sessions.on_close_tab(ShowTab(id=call.session.id))
    return CommandDone()


async def session_names(call: SlashCall, text: str) -> list[CommandOption]:
    """Return the conversations whose names fit a text."""
    listed = await call.app.chats.sessions()
    ranked = [(score(text, each.name), each) for each in listed]
    found = [pair for pair in ranked if pair[0]]
    if text.strip():
        found.sort(key=lambda pair: -pair[0])
    return [
        CommandOption(
            value=each.name,
            about=f"{each.turns} turn{'' if each.turns == 1 else 's'}",
        )
        for _, each in found[:_OFFERED]
    ]


async def _rename(call: SlashCall, name: str) -> CommandDone:
    session = call.session
    await session.rename(name)
    return CommandDone(text=f"It is called {session.name} now.")


async def _clear(call: SlashCall, _: str) -> CommandDone:
    session, chats = call.session, call.app.chats
    if session.answering:
        message = "This conversation is answering."
        raise UsageError(message, hint="Wait for the answer, or /stop it.")
    gone = len(session.transcript.unsaved)
    for turn in session.transcript.unsaved:
        await session.turns.delete(turn.id)
    # Where a turn is deleted, an alternative of it is shown with what followed that.
    while turns := await chats.turns(session.key):
        for turn in turns:
            await chats.take_out(session.name, turn.id)
        gone += len(turns)
    await session.load()
    call.chat.tell_all()
    return CommandDone(text=f"{gone} turn{'' if gone == 1 else 's'} deleted.")


async def _delete(call: SlashCall, _: str) -> CommandDone:
    name = call.session.name
    await call.sessions.on_remove()
    return CommandDone(act="deleted", data=name)


async def _retry(call: SlashCall, name: str) -> CommandDone:
    model = model_named(call, name) if name else ""
    tab, turn = call.session.id, last_turn(call.session)
    params = RetryParams(tab=tab, turn=turn, model=model, temperature=None)
    await call.turns.on_retry(params)
    return CommandDone()


async def _find(_: SlashCall, words: str) -> CommandDone:
    return CommandDone(act="find", data=words)


async def _continue(call: SlashCall, _: str) -> CommandDone:
    tab, turn = call.session.id, last_turn(call.session)
    await call.turns.on_continue(ContinueParams(tab=tab, turn=turn))
    return CommandDone()


async def _stop(call: SlashCall, _: str) -> CommandDone:
    if not call.session.answering:
        return CommandDone(text="Nothing is being answered.")
    call.session.stop()
    return CommandDone()


async def _copy(call: SlashCall, what: str) -> CommandDone:
    turn: Turn = await call.session.turns.read(last_turn(call.session))
    text, copied = turn.answer.text, "The answer"
    if what == "code":
        text, copied = _last_code(text), "The last block of code"
    elif what:
        message = f"/copy copies the answer, or its code, not {what!r:.40}."
        raise UsageError(message, hint="/copy code copies its last block of code.")
    if not text.strip():
        message = f"{copied} is empty: there is nothing to copy."
        raise UsageError(message)
    return CommandDone(text=f"{copied} is copied.", act="copy", data=text)


def _last_code(text: str) -> str:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - when it is wanted

    from ....markdown.fences import install  # noqa: PLC0415 - likewise

    reader = MarkdownIt("commonmark")
    install(reader)
    blocks = [each for each in reader.parse(text) if each.type == "fence"]
    if blocks:
        return blocks[-1].content
    message = "The answer has no block of code."
    raise UsageError(message, hint="/copy copies all of it.")


async def _code(_: SlashCall, text: str) -> list[CommandOption]:
    about = "the last block of code alone"
    return [CommandOption(value="code", about=about)] if "code".startswith(text) else []


async def _history(_: SlashCall, __: str) -> CommandDone:
    text = (
        "The arrow keys go through the questions of all conversations: delete those "
        "that should not be there."
    )
    return CommandDone(text=text)


CONVERSATION = (
    SlashCommand(
        "new",
        "Begin a new conversation.",
        _new,
        "[NAME]",
        ("session.new", "tab.new"),
    ),
    SlashCommand(
        "open", "Show another conversation.", _open, "NAME", offers=session_names
    ),
    SlashCommand(
        "rename", "Rename this conversation.", _rename, "NAME", ("session.name",)
    ),
    SlashCommand(
        "tab", "Show another tab by its number.", _tab, "N", offers=_tab_numbers
    ),
    SlashCommand(
        "close",
        "Close this tab; its conversation stays.",
        _close,
        "",
        ("tab.remove",),
    ),
    SlashCommand("find", "Find a text in this conversation.", _find, "[TEXT]"),
    SlashCommand(
        "retry",
        "Ask the last question again, perhaps another model.",
        _retry,
        "[MODEL]",
        offers=model_names,
    ),
    SlashCommand("continue", "Let the last answer go on.", _continue),
    SlashCommand("stop", "Stop the answer under way.", _stop),
    SlashCommand(
        "copy", "Copy the last answer, or its code.", _copy, "[code]", offers=_code
    ),
    SlashCommand(
        "clear",
        "Delete all turns of this conversation.",
        _clear,
        question="Delete all turns of this conversation? This cannot be undone.",
        decision="Delete them",
    ),
    SlashCommand(
        "delete",
        "Delete this conversation, which can be undone.",
        _delete,
        "",
        ("session.delete",),
    ),
    SlashCommand(
        "history.clear", "Say where earlier questions are.", _history, hidden=True
    ),
)
