"""What a chat view and the kernel send each other of slash commands."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..._protocol import Wire

__all__ = [
    "CommandAct",
    "CommandDone",
    "CommandOption",
    "CommandOptions",
    "CommandParams",
    "SlashData",
    "SlashTable",
]

_LONGEST_ARGUMENT = 200_000

CommandAct = Literal[
    "help", "copy", "options", "pick", "find", "propose", "deleted", ""
]
"""What the page does after a command: show the help, copy a text, open the options,
let a file be picked, find a text, show a change of the memory that is proposed, offer
to undo the deletion of a conversation."""

# view -> kernel


class CommandParams(Wire):
    """A command by its name or an alias, and its argument as it was typed.

    `confirmed`: the user was asked, where the command says that they have to be.
    """

    name: str = Field(max_length=60)
    argument: str = Field(default="", max_length=_LONGEST_ARGUMENT)
    confirmed: bool = False


# kernel -> view


class SlashData(Wire):
    """A command. `arguments` is how help shows them; optional ones are in brackets.

    A `question` is asked before, and `decision` says yes to it. With `offers` the
    request `complete` knows what its argument may be.
    """

    name: str
    arguments: str = ""
    help: str
    aliases: list[str] = Field(default_factory=list)
    group: str
    question: str = ""
    decision: str = ""
    offers: bool = False


class SlashTable(Wire):
    """All commands, in the order in which help shows them."""

    commands: list[SlashData]


class CommandOption(Wire):
    """What an argument may be. `open`: there is more to complete after it."""

    value: str
    about: str = ""
    open: bool = False


class CommandOptions(Wire):
    """What the argument of a command may be, the likeliest first."""

    options: list[CommandOption]


class CommandDone(Wire):
    """What came of a command, in one line, and what the page does now."""

    text: str = ""
    act: CommandAct = ""
    data: str = ""
