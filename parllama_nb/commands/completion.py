"""Completion of commands, options, models and jobs, from the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING

from ._table import Argument, Command

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["complete"]

# Seconds a completion may take: after that what is known is offered, and what a slow
# server says is there for the next time.
_PATIENCE = 0.4


def complete(
    commands: Mapping[str, Command], app: Parllama, line: str, *, cell: bool
) -> list[str]:
    """What may stand at the end of `line`, the text after the magic's name.

    `cell` says that it is the first line of a cell magic.
    """
    words = line.split()
    word = "" if line == "" or line[-1:].isspace() else words.pop()
    if cell:
        command = commands["ask"]
    elif not words:
        return [name for name in commands if name.startswith(word)]
    elif words[0] not in commands:
        return []
    else:
        command = commands[words.pop(0)]
    options = {
        flag: option for option in command.options().values() for flag in option.flags
    }
    if words and words[-1] in options and options[words[-1]].metavar:
        return _values(options[words[-1]].values, word, commands, app)
    if word.startswith("-"):
        return [flag for flag in options if flag.startswith(word)]
    if cell:
        return _values("model", word, commands, app)
    arguments = list(command.arguments().values())
    before = [known for known in words if not known.startswith("-")]
    place = len(before)
    return [
        value
        for argument in arguments[place : place + 1]
        for value in _argument(argument, before, word, commands, app)
    ]


def _argument(
    argument: Argument,
    before: Sequence[str],
    word: str,
    commands: Mapping[str, Command],
    app: Parllama,
) -> list[str]:
    if callable(argument.values):
        offered = argument.values(app, before)
        return [value for value in offered if value.startswith(word)]
    if argument.values == "action":
        return [argument.metavar] if argument.metavar.startswith(word) else []
    return _values(argument.values, word, commands, app)


def _values(
    kind: str, word: str, commands: Mapping[str, Command], app: Parllama
) -> list[str]:
    match kind:
        case "model":
            known = _models(app)
        case "command":
            known = list(commands)
        case "job":
            known = [job.id for job in app.jobs.list() if job.state == "running"]
        case _:
            known = []
    return [name for name in known if name.startswith(word)]


def _models(app: Parllama) -> list[str]:
    """Models of the local providers, and the names of the others with their slash."""
    specs = [app.providers.spec(name) for name in app.providers.names()]
    local = [spec.name for spec in specs if spec.local]
    asked = [app.runtime.submit(app.providers.list_models(name)) for name in local]
    wait(asked, _PATIENCE)
    known = [app.providers.listed.get(name, ()) for name in local]
    names = [f"{spec.name}/" for spec in specs if not spec.local]
    chosen = [app.model] if app.model is not None else []
    return sorted({*chosen, *names, *(model.id for each in known for model in each)})
