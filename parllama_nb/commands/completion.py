"""Completes commands, options, models and jobs, from the table of commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import wait
from types import MappingProxyType
from typing import TYPE_CHECKING

from .attachable import files_and_variables
from .grammar import cell_command
from .table import Argument, Command, Option

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["complete"]

_NOTHING: Mapping[str, object] = MappingProxyType({})

# Seconds a completion may take. Then it offers what is known; the list of a slow
# server is there for the next completion.
_TIMEOUT = 0.4


def complete(
    commands: Mapping[str, Command],
    app: Parllama,
    line: str,
    *,
    cell: bool,
    namespace: Mapping[str, object] = _NOTHING,
) -> list[str]:
    """Returns the possible last words of `line`, the text after the magic's name.

    `cell`: it is the first line of a cell magic. `namespace` has the user's variables.
    """
    words = line.split()
    word = "" if line == "" or line[-1:].isspace() else words.pop()
    named = cell_command(commands, line) if cell and words else None
    if named is not None:
        command, cell = named, False
        words.pop(0)
    elif cell:
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
    last = options.get(words[-1]) if words else None
    if last is not None and _takes_word(last):
        if last.values == "file":
            offered = files_and_variables(word, namespace)
        else:
            offered = _argument(last, (), word, commands, app)
        return offered
    if word.startswith("-"):
        return [flag for flag in options if flag.startswith(word)]
    if cell:
        others = [name for name in commands if cell_command(commands, name)]
        begun = _beginning(word, others) if word and not words else []
        return [*begun, *_values("model", word, commands, app)]
    arguments = list(command.arguments().values())
    before = [
        known
        for previous, known in zip(["", *words], words, strict=False)
        if not known.startswith("-")
        and not (previous in options and _takes_word(options[previous]))
    ]
    place = len(before)
    if arguments and arguments[-1].many:
        place = min(place, len(arguments) - 1)
    return [
        value
        for argument in arguments[place : place + 1]
        for value in _argument(argument, before, word, commands, app)
    ]


def _takes_word(option: Option) -> bool:
    """Returns whether an option's value is the next word."""
    return bool(option.metavar) and option.bare is None


def _argument(
    argument: Argument | Option,
    before: Sequence[str],
    word: str,
    commands: Mapping[str, Command],
    app: Parllama,
) -> list[str]:
    if callable(argument.values):
        return _beginning(word, argument.values(app, before))
    if argument.values == "action":
        return _beginning(word, [argument.metavar])
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
    return _beginning(word, known)


def _beginning(word: str, known: Iterable[str]) -> list[str]:
    # By prefix only: IPython drops all other matches.
    return [name for name in known if name.lower().startswith(word.lower())]


def _models(app: Parllama) -> list[str]:
    """Returns the known models, and "provider/" for a provider whose list is unknown.

    Only local providers are asked.
    """
    specs = [app.providers.spec(name) for name in app.providers.enabled()]
    local = [spec.name for spec in specs if spec.local]
    refreshed = app.runtime.submit(app.model_lists.get(local))
    known = app.runtime.submit(app.model_lists.known())
    wait([refreshed, known], _TIMEOUT)
    listed = {each.provider: each.models for each in app.model_lists.at_hand()}
    unlisted = [spec for spec in specs if not spec.local and not listed.get(spec.name)]
    names = [f"{spec.name}/" for spec in unlisted]
    chosen = [app.default_model] if app.default_model is not None else []
    models = (model.id for spec in specs for model in listed.get(spec.name, ()))
    return sorted({*chosen, *names, *models})
