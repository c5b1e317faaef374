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
    quantize,
    show,
    transfers,
    update,
)
from .local_models import memory as models_in_memory
from .memory import FORGET, MEMORY, REMEMBER
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
        MEMORY,
        REMEMBER,
        FORGET,
        use.COMMAND,
        models.COMMAND,
        providers.COMMAND,
        transfers.PULL,
        transfers.PUSH,
        update.COMMAND,
        library.COMMAND,
        show.COMMAND,
        models_in_memory.PS,
        models_in_memory.LOAD,
        models_in_memory.UNLOAD,
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
