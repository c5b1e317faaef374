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
    usage,
    use,
    vault,
)
from .local_models import (
    add,
    changes,
    creating,
    library,
    memory,
    quantize,
    show,
    transfers,
    update,
)
from .prompts.command import COMMAND as PROMPTS
from .report import Report
from .table import (
    Argument,
    Call,
    Check,
    Command,
    Notebook,
    Opening,
    Option,
    Params,
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
        ask.COMMAND,
        compare.COMMAND,
        last.COMMAND,
        PROMPTS,
        chat.COMMAND,
        sessions.COMMAND,
        use.COMMAND,
        models.COMMAND,
        providers.COMMAND,
        transfers.PULL,
        transfers.PUSH,
        update.COMMAND,
        library.COMMAND,
        show.COMMAND,
        memory.PS,
        memory.LOAD,
        memory.UNLOAD,
        creating.COMMAND,
        quantize.COMMAND,
        add.COMMAND,
        changes.COPY,
        changes.DELETE,
        vault.COMMAND,
        panel.COMMAND,
        jobs.COMMAND,
        usage.COMMAND,
        settings.COMMAND,
        doctor.COMMAND,
    )
}
"""The table of all commands, in the order of help: a group after the other."""

COMMANDS["help"] = help.command(COMMANDS)
