"""Parses a magic's line: words, options and the text that follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import PrivateLineError, UsageError
from ..fuzzy import near
from .table import Command, Option, Params, find

__all__ = ["parse_cell", "parse_line"]

# A word is a sequence of quoted parts and parts without space. A quote that is not
# closed belongs to the word: people write It's.
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"']|["'])+""")
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")

# What an option with this metavar needs, in words.
_KINDS = {"F": "a number", "N": "a whole number"}


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    quoted: bool


def parse_line(commands: Mapping[str, Command], line: str) -> tuple[Command, Params]:
    """Returns the command and parameters of `%parllama LINE`.

    Raises:
        UsageError: a command, an option or a value does not exist.
        PrivateLineError: the same, for a command whose line may hold a secret.

    """
    words = list(_words(line))
    command = find(commands, words[0].text if words else "panel")
    try:
        return command, command.validated(_values(command, line, words[1:]))
    except UsageError:
        if not command.private:
            raise
    message = f"This {command.name} line is invalid, and may hold a secret."
    raise PrivateLineError(
        message,
        hint=(
            "It is removed from the history, but not from the cell: if it holds a "
            f"password or a key, change that. %parllama help {command.name}"
        ),
    )


def parse_cell(
    commands: Mapping[str, Command], line: str, cell: str
) -> tuple[Command, Params]:
    """Returns the command and parameters of `%%parllama LINE` over a cell's body.

    Bare words of the line are models, like those after `-m`.

    Raises:
        UsageError: an option or a value does not exist.

    """
    command = find(commands, "ask")
    values: dict[str, Any] = {}
    models = _read(command, list(_words(line)), values, stop_at_text=False)
    if models:
        flagged = values.get("model", ())
        values["model"] = (*(word.text for word in models), *flagged)
    (body,) = [name for name, mark in command.arguments().items() if mark.cell]
    return command, command.validated({**values, body: cell.rstrip("\n")})


def _values(command: Command, line: str, words: list[_Word]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    positional = dict(command.arguments())
    takes_rest = any(argument.rest for argument in positional.values())
    left = _read(command, words, values, stop_at_text=takes_rest)
    for name, argument in positional.items():
        if not left:
            break
        if argument.rest:
            # As written, with its quotes and spaces.
            values[name] = line[left[0].start :].rstrip()
            left = []
        elif argument.many:
            values[name] = tuple(word.text for word in left)
            left = []
        else:
            values[name] = left.pop(0).text
    if left:
        message = f"Unexpected: {left[0].text!r}."
        raise UsageError(message, hint=f"%parllama help {command.name}")
    return values


def _read(
    command: Command,
    words: list[_Word],
    values: dict[str, Any],
    *,
    stop_at_text: bool,
) -> list[_Word]:
    """Read the options among `words` into `values`. Returns the other words."""
    by_flag = {
        flag: (name, option)
        for name, option in command.options().items()
        for flag in option.flags
    }
    left: list[_Word] = []
    queue = iter(words)
    for word in queue:
        flag, equals, attached = word.text.partition("=")
        is_flag = re.fullmatch(r"--?[A-Za-z][\w-]*", flag) and not word.quoted
        if word.text == "--":
            return left + list(queue)
        if not is_flag:
            if stop_at_text:
                return [word, *queue]
            left.append(word)
            continue
        if flag not in by_flag:
            raise _unknown(command, flag, by_flag)
        name, option = by_flag[flag]
        if not option.metavar:
            values[name] = True
            continue
        value = attached if equals else option.bare
        if value is None:
            after = next(queue, None)
            if after is None:
                kind = _KINDS.get(option.metavar, option.metavar)
                message = f"{flag} needs {kind}."
                raise UsageError(message, hint=f"%parllama help {command.name}")
            value = after.text
        before = values.get(name, ())
        values[name] = (*before, value) if option.repeat else value
    return left


def _unknown(
    command: Command, flag: str, by_flag: Mapping[str, tuple[str, Option]]
) -> UsageError:
    offered = near(flag, by_flag, 1)
    also = f"Did you mean {offered[0]}? " if offered else ""
    return UsageError(
        f"{command.name} has no option {flag}.",
        hint=f"{also}%parllama help {command.name} lists the options.",
    )


def _words(line: str) -> Iterator[_Word]:
    for match in _WORD.finditer(line):
        raw = match.group()
        text = _QUOTED.sub(lambda quoted: quoted[1] or quoted[2] or "", raw)
        yield _Word(text, match.start(), match.end(), quoted=raw[0] in "\"'")
