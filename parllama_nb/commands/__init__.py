"""All commands, each declared once."""

from __future__ import annotations

from . import (
    ask,
    chat,
    compare,
    doctor,
    help,  # noqa: A004 - the command's name
    jobs,
    last,
    models,
    panel,
    providers,
    sessions,
    settings,
    use,
    vault,
)
from .table import (
    Argument,
    Call,
    Check,
    Command,
    Notebook,
    Opening,
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
    "Opening",
    "Option",
    "Params",
    "Report",
    "find",
]

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        panel.COMMAND,
        ask.COMMAND,
        chat.COMMAND,
        sessions.COMMAND,
        compare.COMMAND,
        use.COMMAND,
        models.COMMAND,
        providers.COMMAND,
        settings.COMMAND,
        last.COMMAND,
        jobs.COMMAND,
        vault.COMMAND,
        doctor.COMMAND,
    )
}
"""The table of all commands, in the order of help."""

COMMANDS["help"] = help.command(COMMANDS)
