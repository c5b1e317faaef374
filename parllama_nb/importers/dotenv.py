r"""Reads a `.env` file: lines of `NAME=value`, as python-dotenv understands them.

A value is in single quotes, in double quotes (with `\n` and the like), both of which
may hold several lines, or bare: up to the end of the line or a ` #`. `export` before a
name, comments and blank lines are ignored.

Not by python-dotenv itself: its parser takes minutes on a long run of spaces, with the
whole interpreter waiting. And for secrets three things are read otherwise:

- In single quotes a backslash stays, but for one before a quote: `'C:\\new'` has two.
- `${NAME}` stands for a value that the file itself has set before, outside of single
  quotes. Any other stays as written, because what the environment of a kernel holds is
  not what the file's author meant.
- A line that is not understood costs that line only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..vaults.errors import ImportFileError, VaultError
from ..vaults.policy import check_name, value_bytes
from .imported_secrets import ImportedSecrets

__all__ = ["read_dotenv"]

_LARGEST = 1 << 20

# Every repetition is possessive, so that no line takes more than one look at each of
# its characters.
_LINE = re.compile(
    r"""
    [^\S\n]*+
    (?:
        (?:export[^\S\n]++)?
        (?:'(?P<quoted>[^'\n]++)'|(?P<name>[^=\#\s]++))
        [^\S\n]*+
        (?P<assigned>
            =
            (?:
                [^\S\n]++(?=\#)             # nothing but a comment
              | [^\S\n]*+
                (?:
                    '(?P<single>(?:[^'\\]|\\.)*+)'
                  | '(?P<path>[^'\n]*+)'    # ends with a backslash
                  | "(?P<double>(?:[^"\\]|\\.)*+)"
                  | (?P<bare>[^'"\n][^\n]*+)
                )?
            )
            [^\S\n]*+
        )?
    )?
    (?:\#[^\n]*+)?
    (?:\n|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[^\W\d][\w.-]*")
# What a piece of a secret may look like if a line break has cut it off.
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z\d]).{20,}")
_ESCAPE = re.compile(r"""\\([\\'"abfnrtv])""")
_ESCAPED = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_COMMENT = re.compile(r"\s#")
_REFERENCE = re.compile(r"\$\{([^}:]*)(?::-[^}]*)?\}")

_ODD = "it is not NAME=value"


@dataclass(slots=True)
class _File:
    """What was read of a file so far."""

    values: dict[str, bytearray] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    unresolved: set[str] = field(default_factory=set)
    odd: list[int] = field(default_factory=list)

    def add(self, match: re.Match[str], line: int) -> None:
        """Add the variable of a line, if it has one."""
        name = match["quoted"] or match["name"]
        if name is None:
            return
        if match["assigned"] is None or not _NAME.fullmatch(name):
            self.odd.append(line)
            return
        try:
            checked = check_name(name)
            text, resolved = self._value(match)
            self.values[checked] = value_bytes(text)
        except VaultError as error:
            label = f"line {line}" if _MIXED.fullmatch(name) else name
            self.skipped.append((label, error.message))
            return
        self.unresolved.discard(checked)
        if not resolved:
            self.unresolved.add(checked)

    def _value(self, match: re.Match[str]) -> tuple[str, bool]:
        """Returns a value, and whether all its references are resolved."""
        single = match["single"] if match["path"] is None else match["path"]
        if single is not None:
            text = single if match["single"] is None else single.replace("\\'", "'")
            return text, _REFERENCE.search(text) is None
        if match["double"] is not None:
            text = _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), match["double"])
        else:
            text = _COMMENT.split(match["bare"] or "", maxsplit=1)[0].rstrip()
        return _resolved(text, self.values)


def read_dotenv(path: Path) -> ImportedSecrets:
    """Read the variables of a file. None of them is exported.

    Lines that are no variables are skipped and named by their numbers, never by their
    text.

    Raises:
        ImportFileError: it cannot be read, or has no variable at all.

    """
    text = _text(path)
    file = _File()
    place, line = 0, 1
    while place < len(text):
        match = _LINE.match(text, place)
        if match is None:
            file.odd.append(line)
            end = text.find("\n", place) + 1 or len(text)
        else:
            file.add(match, line)
            end = match.end()
        line += text.count("\n", place, end)
        place = end
    if file.odd and not (file.values or file.skipped):
        message = f"No line of {path.name} is NAME=value."
        raise ImportFileError(message, hint="A .env file has a variable on each line.")
    odd = [(label, _ODD) for label in _ranges(file.odd)]
    return ImportedSecrets(
        file.values, frozenset(), (*file.skipped, *odd), frozenset(file.unresolved)
    )


def _resolved(text: str, values: Mapping[str, bytearray]) -> tuple[str, bool]:
    """Returns a text with the references to `values`, and whether it has no others."""
    whole = True

    def value(match: re.Match[str]) -> str:
        nonlocal whole
        if match[1] in values:
            return values[match[1]].decode()
        whole = False
        return match[0]

    return _REFERENCE.sub(value, text), whole


def _ranges(lines: list[int]) -> list[str]:
    """Returns "line 3", "lines 5 to 7" for the numbers of lines, in order."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and ranges[-1][-1] == line - 1:
            ranges[-1].append(line)
        else:
            ranges.append([line])
    return [
        f"line {each[0]}" if len(each) == 1 else f"lines {each[0]} to {each[-1]}"
        for each in ranges
    ]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            reason = "too large to be a file of variables"
        elif not (path.is_file() or path.is_dir()):
            reason = "not a file"  # and reading may never end
        else:
            text = path.read_bytes().decode("utf-8-sig")
            return text.replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        reason = "not UTF-8"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"{path}: {reason}."
    raise ImportFileError(message)
