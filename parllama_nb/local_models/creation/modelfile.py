"""A Modelfile: read as Ollama reads it, and written without loss.

The reading follows `parser/parser.go` of Ollama 0.33; its documentation,
https://docs.ollama.com/modelfile, says less than that program does: a comment only
begins where a command could, and one space stands between a command and what follows.
How a value is quoted is in `modelfile_values`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from ...errors import UsageError
from ...fuzzy import near
from .modelfile_values import NEWLINE, quoted, read_value, skip_edge

__all__ = ["COMMANDS", "ROLES", "Command", "Modelfile", "Piece", "decode", "parse"]

COMMANDS: Final = (
    "from",
    "parameter",
    "template",
    "system",
    "adapter",
    "license",
    "message",
    "renderer",
    "parser",
    "requires",
    "draft",
)

ROLES: Final = ("system", "user", "assistant")

_ADDED = frozenset({("license", ""), ("parameter", "stop")})
"""Commands whose values add up, as those of MESSAGE do; of others the last counts."""

_BETWEEN = re.compile(r"(?:[ \t\r\n\ufeff]+|#[^\r\n]*)+")
_WORD = re.compile(r"[^ \t\r\n]*")
_LETTERS = re.compile(r"[A-Za-z]+")
_KEY = re.compile(r"[A-Za-z0-9_]+")
_SHOWN = 30
"""Characters of a file that an error quotes."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name in lower case, and its value without quotes.

    `key` is the name of a parameter or the role of a message, "" for others.
    """

    name: str
    value: str
    key: str = ""

    def written(self) -> str:
        """Return the command as a line of a Modelfile; its value may span several.

        Raises:
            UsageError: a Modelfile cannot hold it.

        """
        name, key = self.name, self.key
        if name not in COMMANDS:
            _refuse_command(name, None)
        if name == "parameter" and not _KEY.fullmatch(key):
            message = f"A Modelfile cannot hold a parameter of the name {key!r}."
            raise UsageError(message, hint="A name has letters, digits and `_`.")
        if name == "message" and key not in ROLES:
            message = f"A Modelfile cannot hold a message of the role {key!r}."
            raise UsageError(message, hint=f"A role is one of {', '.join(ROLES)}.")
        head = f"{name.upper()} {key} " if key else f"{name.upper()} "
        value = quoted(self.value)
        if value is None:
            message = f"A Modelfile cannot hold this value of {name.upper()}."
            hint = 'A line of it ends in `"` and another in `"""`; change one of them.'
            raise UsageError(message, hint=hint)
        return head + value


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text, and the command in it; None for what lies between them."""

    text: str
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Modelfile:
    """A Modelfile. What is not changed keeps its text: comments, order and quotes."""

    pieces: tuple[Piece, ...] = ()

    @classmethod
    def of(cls, commands: Iterable[Command]) -> Modelfile:
        """Make a Modelfile of commands, one after the other.

        Raises:
            UsageError: a Modelfile cannot hold one of them.

        """
        pieces: list[Piece] = []
        for command in commands:
            pieces += [Piece(command.written(), command), Piece("\n")]
        return cls(tuple(pieces))

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands, in order."""
        return tuple(piece.command for piece in self.pieces if piece.command)

    def values(self, name: str, key: str = "") -> tuple[str, ...]:
        """Return all values of a command, or of one parameter or role, in order."""
        return tuple(
            command.value
            for command in self.commands
            if command.name == name and (not key or command.key == key)
        )

    def value(self, name: str, key: str = "") -> str | None:
        """Return the value that counts, the last one; None if there is none."""
        return next(reversed(self.values(name, key)), None)

    def render(self, *, anew: bool = False) -> str:
        """Return the text. `anew` writes all commands again, without what was between.

        Raises:
            UsageError: `anew`, and a Modelfile cannot hold a changed value.

        """
        pieces = (Modelfile.of(self.commands) if anew else self).pieces
        return "".join(piece.text for piece in pieces)

    def without(self, name: str, key: str = "") -> Modelfile:
        """Return a Modelfile that lacks a command, or one parameter, and its lines."""
        kept: list[Piece] = []
        gone = False
        for piece in self.pieces:
            command = piece.command
            if command and command.name == name and (not key or command.key == key):
                gone = True
                continue
            if gone and not command:
                piece = Piece(NEWLINE.sub("", piece.text, count=1))  # noqa: PLW2901
            gone = False
            kept.append(piece)
        return Modelfile(tuple(kept))

    def having(self, command: Command) -> Modelfile:
        """Return a Modelfile that has a command, in the place of what it replaces.

        Licenses, messages and values of `stop` are added to those that are there.

        Raises:
            UsageError: a Modelfile cannot hold it.

        """
        new = Piece(command.written(), command)
        pieces = list(self.pieces)
        kind = _kind(command)
        adds = command.name == "message" or kind in _ADDED
        places = [
            place
            for place, piece in enumerate(pieces)
            if piece.command and _kind(piece.command) == kind
        ]
        newline = NEWLINE.search(self.render())
        end = Piece(newline[0] if newline else "\n")
        if places and adds:
            pieces[places[-1] + 1 : places[-1] + 1] = [end, new]
        elif places:
            pieces[places[-1]] = new
        else:
            open_line = pieces and not pieces[-1].text.endswith(("\r", "\n"))
            pieces += [end, new, end] if open_line else [new, end]
        return Modelfile(tuple(pieces))


def _kind(command: Command) -> tuple[str, str]:
    """Return what a command is about: a parameter has its own name."""
    name = command.name
    return (name, command.key) if name == "parameter" else (name, "")


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 if it begins with its mark."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def parse(text: str) -> Modelfile:
    """Read a Modelfile.

    Raises:
        UsageError: it is not one; the message names the line, and what was expected.

    """
    pieces = tuple(_pieces(text))
    if not any(piece.command and piece.command.name == "from" for piece in pieces):
        message = "The Modelfile has no FROM line."
        hint = "FROM names the model it builds on, a GGUF file or a folder."
        raise UsageError(message, hint=hint)
    return Modelfile(pieces)


def _pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text; joined, they are the text."""
    place = 0
    while place < len(text):
        between = _BETWEEN.match(text, place)
        if between:
            yield Piece(between[0])
            place = between.end()
        if place < len(text):
            command, end = _command(text, place)
            yield Piece(text[place:end], command)
            place = end


def _command(text: str, place: int) -> tuple[Command, int]:
    """Read the command at a place; returns it and where it ends."""
    start = place
    name, place = _head(text, place, _LETTERS, "")
    lower = name.lower()
    if lower not in COMMANDS:
        _refuse_command(name, _line(text, start))
    if place == len(text) or text[place] not in " \t":
        _refuse(text, start, f"{name.upper()} has no value on its line")
    place, key = place + 1, ""
    if lower in ("parameter", "message"):
        key, place = _key(text, place, lower)
    found = read_value(text, place)
    if found is None:
        begin = skip_edge(text, place, len(text))
        quotes = '"""' if text.startswith('"""', begin) else '"'
        what = f"no line's end closes the {quotes} that the value begins with"
        _refuse(text, start, what)
    return Command(lower, found[0], key), found[1]


def _head(
    text: str, place: int, allowed: re.Pattern[str], what: str
) -> tuple[str, int]:
    """Read a word of `allowed` characters; refuses one that has others."""
    word = _WORD.match(text, place)
    written = word[0] if word else ""
    if not what and not allowed.fullmatch(written):
        _refuse_command(written, _line(text, place))
    if not written:
        _refuse(text, place, f"{what} was expected after one space")
    if not allowed.fullmatch(written):
        _refuse(text, place, f"{what} was expected, not {_shown(written)!r}")
    return written, place + len(written)


def _key(text: str, place: int, name: str) -> tuple[str, int]:
    """Read the name of a parameter or the role of a message, and the space after it."""
    if name == "parameter":
        key, end = _head(text, place, _KEY, "a parameter's name")
    else:
        key, end = _head(text, place, _LETTERS, "a role")
        if key not in ROLES:
            roles = ", ".join(ROLES)
            _refuse(text, place, f"a role is one of {roles}, not {_shown(key)!r}")
    if end == len(text) or text[end] not in " \t":
        _refuse(text, place, f"{name.upper()} {_shown(key)} has no value on its line")
    return key, end + 1


def _line(text: str, place: int) -> int:
    return 1 + len(NEWLINE.findall(text, 0, place))


def _shown(word: str) -> str:
    return word if len(word) <= _SHOWN else f"{word[:_SHOWN]}…"


def _refuse(text: str, place: int, what: str) -> NoReturn:
    message = f"The Modelfile's line {_line(text, place)}: {what}."
    raise UsageError(message, hint="https://docs.ollama.com/modelfile has examples.")


def _refuse_command(word: str, line: int | None) -> NoReturn:
    place = f"The Modelfile's line {line}" if line else "A Modelfile"
    message = f"{place}: {_shown(word)!r} is not a command."
    found = [name.upper() for name in near(word, COMMANDS)]
    known = ", ".join(name.upper() for name in COMMANDS)
    hint = f"Did you mean {found[0]}?" if found else f"The commands are {known}."
    raise UsageError(message, hint=hint)
