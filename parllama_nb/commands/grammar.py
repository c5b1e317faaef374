"""Parses a magic's line: words, options and the text that follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..errors import PrivateLineError, UsageError
from ..fuzzy import near
from .question import EMPTY
from .table import Command, Option, Params, find

__all__ = ["cell_command", "parse_cell", "parse_line"]

# A word is a sequence of quoted parts and parts without space. A quote that is not
# closed belongs to the word: people write It's. Within quotes, a doubled quote is one.
# Backslashes stay, since paths of Windows have them, but for one that is before a
# double quote within double quotes.
_DOUBLE = r'"(?:[^"\\]|\\.|"")*"|"[^"]*"'
_SINGLE = r"'(?:[^']|'')*'"
_WORD = re.compile(rf"""(?:{_DOUBLE}|{_SINGLE}|[^\s"']|["'])+""", re.DOTALL)
_QUOTED = re.compile(rf"""(?P<double>{_DOUBLE})|{_SINGLE}""", re.DOTALL)
_UNCLOSED = re.compile(rf"""(?:--?[\w-]+=)?(?!{_DOUBLE}|{_SINGLE})["']""", re.DOTALL)

# What an option with this metavar needs, in words.
_KINDS = {"F": "a number", "N": "a whole number"}


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a line, without its quotes.

    It is `unclosed` if it, or the value after `=`, begins with a quote without an end.
    """

    text: str
    start: int
    end: int
    quoted: bool
    unclosed: bool


def parse_line(commands: Mapping[str, Command], line: str) -> tuple[Command, Params]:
    """Returns the command and parameters of `%parllama LINE`.

    Raises:
        UsageError: a command, an option or a value does not exist.
        PrivateLineError: the same, for a command whose line may hold a secret.

    """
    words = _words(line)
    first = next(words, None)
    if first is not None and first.text == "%%parllama":
        message = "%%parllama must be the first line of its cell."
        raise UsageError(message, hint="Move the code above it to another cell.")
    command = find(commands, "panel" if first is None else first.text)
    try:
        return command, command.validated(_values(command, line, words))
    except UsageError:
        if not command.private:
            raise
    message = f"This {command.name} line is invalid, and may hold a secret."
    raise PrivateLineError(
        message,
        hint=(
            "It is removed from the history, but not from the cell: if it holds a "
            f"password or a key, change that. See %parllama help {command.name}."
        ),
    )


def parse_cell(
    commands: Mapping[str, Command], line: str, cell: str
) -> tuple[Command, Params]:
    """Returns the command and parameters of `%%parllama LINE` over a cell's body.

    It is `ask`, unless the line begins with another command that takes a cell. Bare
    words of a line of `ask` are models, like those after `-m`.

    Raises:
        UsageError: an option or a value does not exist, or the body is empty.

    """
    words = _words(line)
    named = cell_command(commands, line)
    if named is not None:
        next(words)
        values = _values(named, line, words, cell=True)
        body = _body_of(named)
        return named, named.validated({**values, body: _plain_lines(cell)})
    command = find(commands, "ask")
    values = {}
    models = _read(command, words, values, stop_after=None)
    if models:
        flagged = values.get("model", ())
        values["model"] = (*(word.text for word in models), *flagged)
    if not cell.strip() and "library_prompt" not in values:
        hint = "Write it below the %%parllama line. On one line: %parllama ask TEXT."
        raise UsageError(EMPTY, hint=hint)
    return command, command.validated({**values, _body_of(command): _plain_lines(cell)})


def cell_command(commands: Mapping[str, Command], line: str) -> Command | None:
    """Returns the command that the line of a cell names; None if it is a question.

    No provider has the name of a command, and a model is written provider/model.
    """
    first = next(_words(line), None)
    command = commands.get(first.text) if first and not first.quoted else None
    if command is None or command.name == "ask" or not _body_of(command):
        return None
    return command


def _body_of(command: Command) -> str:
    """Returns the field that is the cell's body, "" if there is none."""
    marked = (name for name, mark in command.arguments().items() if mark.cell)
    return next(marked, "")


def _values(
    command: Command, line: str, words: Iterator[_Word], *, cell: bool = False
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    positional = {
        name: argument
        for name, argument in command.arguments().items()
        if not (cell and argument.cell)
    }
    # The words before the text that takes the rest of the line, and its first one.
    rest = [number for number, each in enumerate(positional.values(), 1) if each.rest]
    left = _read(command, words, values, stop_after=rest[0] if rest else None)
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
        message = f"{command.name} takes no further word: {left[0].text!r}."
        raise UsageError(message, hint=f"See %parllama help {command.name}.")
    return values


def _read(
    command: Command,
    words: Iterator[_Word],
    values: dict[str, Any],
    *,
    stop_after: int | None,
) -> list[_Word]:
    """Read the options among `words` into `values`. Returns the other words.

    With `stop_after` these are only so many, because the text that begins with the last
    of them is long and not made of words.
    """
    by_flag = {
        flag: (name, option)
        for name, option in command.options().items()
        for flag in option.flags
    }
    left: list[_Word] = []
    for word in words:
        flag, equals, attached = word.text.partition("=")
        is_flag = re.fullmatch(r"--?[A-Za-z][\w-]*", flag) and not word.quoted
        if word.text == "--":
            most = None if stop_after is None else stop_after - len(left)
            return left + list(islice(words, most))
        if not is_flag:
            left.append(word)
            if len(left) == stop_after:
                return left
            continue
        if flag not in by_flag:
            raise _unknown(command, flag, by_flag)
        name, option = by_flag[flag]
        if not option.metavar:
            values[name] = True
            continue
        value, holder = attached if equals else option.bare, word
        if value is None:
            after = next(words, None)
            if after is None:
                kind = _KINDS.get(option.metavar, option.metavar)
                message = f"{flag} needs {kind}."
                raise UsageError(message, hint=f"See %parllama help {command.name}.")
            value, holder = after.text, after
        if holder.unclosed:
            raise _unclosed(flag, value[0])
        before = values.get(name, ())
        values[name] = (*before, value) if option.repeat else value
    return left


def _unclosed(flag: str, quote: str) -> UsageError:
    message = f"The value of {flag} begins with a {quote} that is not closed."
    return UsageError(message, hint=f"Close it: {flag} {quote}...{quote}.")


def _unknown(
    command: Command, flag: str, by_flag: Mapping[str, tuple[str, Option]]
) -> UsageError:
    offered = near(flag, by_flag, 1)
    also = f"Did you mean {offered[0]}? " if offered else ""
    return UsageError(
        f"{command.name} has no option {flag}.",
        hint=f"{also}%parllama help {command.name} lists the options.",
    )


def _plain_lines(text: str) -> str:
    """Returns a text with one kind of line break, and none at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _words(line: str) -> Iterator[_Word]:
    for match in _WORD.finditer(line):
        raw = match.group()
        text = _QUOTED.sub(_unquoted, raw)
        unclosed = _UNCLOSED.match(raw) is not None
        yield _Word(text, match.start(), match.end(), raw[0] in "\"'", unclosed)


def _unquoted(match: re.Match[str]) -> str:
    inner = match.group()[1:-1]
    if match["double"] is None:
        return inner.replace("''", "'")
    return inner.replace('\\"', '"').replace('""', '"')
