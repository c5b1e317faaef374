"""What a user can ask for, said once."""

from __future__ import annotations

from . import ask, doctor, help, jobs, last, use, vault  # noqa: A004 - the command's name
from ._table import (
    Argument,
    Call,
    Check,
    Command,
    Notebook,
    Option,
    Params,
    Report,
    find,
)

__all__ = [
    "COMMANDS",
    "Argument",
    "Call",
    "Check",
    "Command",
    "Notebook",
    "Option",
    "Params",
    "Report",
    "find",
]

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        ask.COMMAND,
        use.COMMAND,
        last.COMMAND,
        jobs.COMMAND,
        vault.COMMAND,
        doctor.COMMAND,
    )
}
"""The table of all commands, in the order of help."""

COMMANDS["help"] = help.command(COMMANDS)
