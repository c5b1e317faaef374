"""Reads a `.env` file: lines of `NAME=value`, as most tools understand them.

`export` before a name, comments and blank lines are ignored. A value may be in single
quotes (unchanged), double quotes (with the usual escapes, several lines long) or bare
(up to the end of the line or a ` #`). Nothing is substituted: `$NAME` stays as it is.

Not by `python-dotenv`: its parser takes minutes on a long run of spaces, with the whole
interpreter waiting, changes backslashes in single quotes, and before 1.2.4 it takes the
comment of an empty value for the value.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..vaults.errors import ImportFileError, VaultError
from ..vaults.policy import check_name, value_bytes
from .imported_secrets import ImportedSecrets

__all__ = ["read_dotenv"]

_LARGEST = 1 << 20

_LINE = re.compile(
    r"""
    [^\S\n]*                                # space before it
    (?:
        (?:export[^\S\n]+)?
        (?P<name>[A-Za-z_][\w.-]*)
        [^\S\n]*=[^\S\n]*
        (?:
            '(?P<single>[^']*)'[^\S\n]*(?:\#[^\n]*)?
          | "(?P<double>(?:[^"\\]|\\.)*)"[^\S\n]*(?:\#[^\n]*)?
          | (?P<bare>[^'"\n][^\n]*|)
        )
      | \#[^\n]*
    )?
    (?:\n|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(path: Path) -> ImportedSecrets:
    """Read the variables of a file. None of them is exported.

    Raises:
        ImportFileError: it cannot be read; the message has the line's number, never its
            text.

    """
    text = _text(path)
    values: dict[str, bytearray] = {}
    skipped: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        match = _LINE.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            message = f"Line {line} of {path.name} is not NAME=value."
            raise ImportFileError(message)
        place = match.end()
        name = match["name"]
        if name is None:
            continue
        try:
            values[check_name(name)] = value_bytes(_value(match))
        except VaultError as error:
            skipped.append((name, error.message))
    return ImportedSecrets(values, frozenset(), tuple(skipped))


def _value(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), match["double"])
    return re.split(r"(?:^|\s)#", match["bare"], maxsplit=1)[0].strip()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            reason = "too large to be a file of variables"
        else:
            return path.read_text("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        reason = "not UTF-8"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"{path}: {reason}."
    raise ImportFileError(message)
