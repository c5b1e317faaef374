"""Slash commands for the memory, and for what becomes of a conversation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import UsageError
from ..transfer_protocol import SavePrompt
from .command import SlashCall, SlashCommand, first_word, meant
from .protocol import CommandDone, CommandOption
from .questions import paths

if TYPE_CHECKING:
    from ....memories.rewriting import Verb

__all__ = ["MEMORY", "TRANSFER"]

# memory


async def _remember(call: SlashCall, text: str) -> CommandDone:
    return await _rewrite(call, "remember", text)


async def _forget(call: SlashCall, text: str) -> CommandDone:
    return await _rewrite(call, "forget", text)


async def _rewrite(call: SlashCall, verb: Verb, text: str) -> CommandDone:
    """Propose a change of the memory, which the page shows."""
    job = call.app.memory_proposals.begin(verb, text)
    proposal = await asyncio.wrap_future(job.future)
    if proposal.before == proposal.after:
        return CommandDone(text="The memory has it already, or has nothing of it.")
    lines = (f"{line.mark} {line.text}" for line in proposal.lines)
    redact = call.app.redact
    return CommandDone(
        act="propose", data=redact("\n".join(lines)), text=redact(proposal.note)
    )


async def _memory(call: SlashCall, what: str) -> CommandDone:
    app = call.app
    action = what.casefold() or "status"
    if action not in _MEMORY:
        message = f"/memory has no {what!r:.40}."
        other = f"There are {', '.join(_MEMORY)}."
        raise UsageError(message, hint=meant(action, _MEMORY, other=other))
    if action in ("on", "off"):
        update = app.settings.update
        await asyncio.to_thread(lambda: update({"memory.enabled": action == "on"}))
    elif action == "accept":
        await app.memory_proposals.accept()
        return CommandDone(text="The memory is changed. /memory undo takes that back.")
    elif action == "reject":
        app.memory_proposals.reject()
        return CommandDone(text="The memory stays as it is.")
    elif action == "clear":
        await app.memory.save("")
        return CommandDone(text="The memory is empty. /memory undo takes that back.")
    elif action in ("undo", "redo"):
        step = app.memory.undo if action == "undo" else app.memory.redo
        await step(revision=(await app.memory.read()).revision)
    return CommandDone(text=await _status(call))


async def _status(call: SlashCall) -> str:
    memory = call.app.memory
    size = len((await memory.read()).text)
    state = "on" if memory.is_on else "off"
    what = f"has {size:,} characters" if size else "is empty"
    taken = call.session.options.get("memory")
    here = "This conversation has taken it." if taken else "It is not in this one."
    return f"The memory is {state} and {what}. {here}"


_MEMORY = {
    "status": "say whether it is on, and how long",
    "on": "new conversations get it",
    "off": "new conversations do not get it",
    "clear": "remove all of it",
    "undo": "take the last change back",
    "redo": "make it once more",
    "accept": "take what is proposed",
    "reject": "throw it away",
}


async def _memory_words(_: SlashCall, text: str) -> list[CommandOption]:
    return [
        CommandOption(value=value, about=about)
        for value, about in _MEMORY.items()
        if value.startswith(text.strip().casefold())
    ]


# what becomes of a conversation


async def _summarise(call: SlashCall, _: str) -> CommandDone:
    await call.transfers.on_summarise()
    text = "The conversation goes on from the summary; all of it is one branch away."
    return CommandDone(text=text)


async def _to_prompt(call: SlashCall, argument: str) -> CommandDone:
    # As in PAR LLAMA: 1 is for a prompt that is sent as soon as it is chosen.
    first, rest = first_word(argument) if argument else ("", "")
    name = rest if first in ("0", "1") else argument.strip()
    params = SavePrompt(name=name.strip("\"'"), submit=first == "1")
    saved = await call.transfers.on_save_prompt(params)
    return CommandDone(text=f"The prompt {saved.name} is in the library.")


async def _name(call: SlashCall, _: str) -> CommandDone:
    named = await call.transfers.on_name_by_model()
    return CommandDone(text=f"It is called {named.name} now.")


async def _export(call: SlashCall, argument: str) -> CommandDone:
    from ....chats.transfer.formats import FORMATS  # noqa: PLC0415 - when it is wanted

    place, rest = first_word(argument) if argument else ("", "")
    if rest:
        message = f"/export takes one path, not {argument!r:.60}."
        raise UsageError(message, hint="Put a path with spaces in quotes.")
    kind = FORMATS.get(place.lower())
    exported = await call.app.conversation_exports.export(
        [call.session.name], None if kind is not None else place or None, kind=kind
    )
    text = f"The conversation is exported to {exported.path}."
    if exported.encrypted:
        text += " It is encrypted here, and not in the file."
    if exported.redacted:
        text += " Known secrets are replaced by their names."
    return CommandDone(text=call.app.redact(text))


async def _export_words(call: SlashCall, text: str) -> list[CommandOption]:
    from ....chats.transfer.formats import FORMATS  # noqa: PLC0415 - when it is wanted

    kinds = [
        CommandOption(value=each.name, about=f"a {each.suffix} file here")
        for each in FORMATS.values()
        if each.name.startswith(text.casefold())
    ]
    return [*kinds, *await paths(call, text)]


async def _import(call: SlashCall, argument: str) -> CommandDone:
    path, _ = first_word(argument)
    imported = await call.app.conversation_imports.take([path])
    if not imported.added:
        name = Path(path).name
        present = f"The conversations of {name} are here already."
        return CommandDone(text=present if imported.present else "Nothing is new.")
    names = ", ".join(imported.added[:3])
    more = f" and {len(imported.added) - 3:,} more" if imported.added[3:] else ""
    text = f"Imported: {names}{more}. /open shows it."
    return CommandDone(text=call.app.redact(text))


MEMORY = (
    SlashCommand(
        "remember",
        "Let a model add to the memory; you see it before.",
        _remember,
        "TEXT",
    ),
    SlashCommand(
        "forget", "Let a model take it out of the memory likewise.", _forget, "TEXT"
    ),
    SlashCommand(
        "memory",
        "Say what the memory is, or turn it on or off.",
        _memory,
        "[on|off|status|clear|undo]",
        offers=_memory_words,
    ),
    SlashCommand(
        "memory.clear",
        "Empty the memory.",
        lambda call, _: _memory(call, "clear"),
        hidden=True,
    ),
    SlashCommand(
        "memory.status",
        "Say what the memory is.",
        lambda call, _: _memory(call, "status"),
        hidden=True,
    ),
)

TRANSFER = (
    SlashCommand("name", "Let a model name this conversation.", _name),
    SlashCommand(
        "summarise",
        "Go on from a summary; the turns before stay in their branch.",
        _summarise,
        "",
        # Not `summarize`, which is the best known prompt of Fabric.
        ("session.summarize",),
    ),
    SlashCommand(
        "to-prompt",
        "Make a prompt of the library from the questions here.",
        _to_prompt,
        "[0|1] [NAME]",
        ("session.to_prompt",),
    ),
    SlashCommand(
        "export",
        "Write this conversation to a file.",
        _export,
        "[FORMAT|PATH]",
        ("session.export",),
        _export_words,
    ),
    SlashCommand(
        "import",
        "Make conversations of a file.",
        _import,
        "PATH",
        ("session.import",),
        paths,
    ),
)
