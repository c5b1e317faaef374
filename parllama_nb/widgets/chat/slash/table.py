"""All slash commands, and which of them a name means."""

from __future__ import annotations

import re

from ....errors import UsageError
from .command import SlashCall, SlashCommand, meant
from .conversations import CONVERSATION
from .memories import MEMORY, TRANSFER
from .models import MODEL
from .protocol import CommandDone, CommandOption
from .questions import QUESTION

__all__ = ["COMMANDS", "GROUPS", "find"]


async def _help(_: SlashCall, name: str) -> CommandDone:
    return CommandDone(act="help", data=find(name)[0].name if name else "")


async def _command_names(_: SlashCall, text: str) -> list[CommandOption]:
    return [
        CommandOption(value=each.name, about=each.help)
        for each in COMMANDS
        if each.name.startswith(text.removeprefix("/")) and not each.hidden
    ]


_HELP = (
    SlashCommand(
        "help", "Show all commands.", _help, "[COMMAND]", ("?",), _command_names
    ),
)

GROUPS = {
    "Question": QUESTION,
    "Conversation": (*CONVERSATION, *TRANSFER),
    "Model": MODEL,
    "Memory": MEMORY,
    "Help": _HELP,
}
"""The commands by their titles in the help."""

COMMANDS = tuple(each for group in GROUPS.values() for each in group)

_BY_NAME = {name: each for each in COMMANDS for name in (each.name, *each.aliases)}


def find(name: str) -> tuple[SlashCommand, str]:
    """Return the command of a name or an alias, and the argument that is part of it.

    Raises:
        UsageError: there is none.

    """
    wanted = name.removeprefix("/").casefold()
    command = _BY_NAME.get(wanted)
    if command is not None:
        return command, ""
    # As in PAR LLAMA: /tab.2.
    numbered = re.fullmatch(r"(?:tab|t)\.(\d+)", wanted)
    if numbered and "tab" in _BY_NAME:
        return _BY_NAME["tab"], numbered[1]
    message = f"There is no command /{wanted:.40}."
    hint = meant(wanted, _BY_NAME, slash="/", other="/help shows all.")
    raise UsageError(message, hint=hint)
