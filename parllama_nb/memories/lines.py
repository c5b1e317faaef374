"""The memory line by line: what is changed without a model, and what a change is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ..errors import UsageError

__all__ = ["DiffLine", "difference", "is_all", "with_lines", "without_lines", "words"]

_BULLET = re.compile(r"\s*[-*+]\s+")
_WORD = re.compile(r"\w+")
_ALL = re.compile(r"(all|everything|all of it)\W*", re.IGNORECASE)

# What people say around the thing that is to be forgotten.
_FILLERS = frozenset(
    {"a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "did"}
    | {"do", "does", "for", "from", "had", "has", "have", "her", "him", "his", "i"}
    | {"in", "is", "it", "its", "me", "mine", "my", "not", "of", "on", "or", "our"}
    | {"she", "that", "the", "their", "them", "they", "this", "to", "us", "user"}
    | {"users", "was", "we", "were", "what", "when", "where", "which", "who", "will"}
    | {"with", "you", "your"}
)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a change: removed (`-`), added (`+`) or as before (a space)."""

    mark: Literal["-", "+", " "]
    text: str


def difference(before: str, after: str) -> list[DiffLine]:
    """Return all lines of two texts, those that were removed before those added."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[DiffLine] = []
    for tag, first, last, begin, end in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            lines += [DiffLine(" ", line) for line in old[first:last]]
            continue
        lines += [DiffLine("-", line) for line in old[first:last]]
        lines += [DiffLine("+", line) for line in new[begin:end]]
    return lines


def words(text: str) -> list[str]:
    """Return the words of a text that say something, in lower case."""
    return [word for word in _WORD.findall(text.lower()) if word not in _FILLERS]


def is_all(wanted: str) -> bool:
    """Whether all of the memory is to be forgotten."""
    return _ALL.fullmatch(wanted.strip()) is not None


def with_lines(text: str, wanted: str) -> str:
    """Return the memory with more lines, as a list if it is one.

    Raises:
        UsageError: it has all of them already.

    """
    lines = text.splitlines()
    filled = [line for line in lines if line.strip()]
    as_list = all(_BULLET.match(line) for line in filled[-2:])
    there = {_bare(line) for line in lines}
    new = [" ".join(line.split()) for line in wanted.splitlines() if line.strip()]
    added = [line for line in dict.fromkeys(new) if _bare(line) not in there]
    if not added:
        message = "The memory has that line already."
        raise UsageError(message, hint="%parllama memory shows it.")
    if as_list:
        added = [line if _BULLET.match(line) else f"- {line}" for line in added]
    return "\n".join([*lines, *added])


def without_lines(text: str, wanted: str) -> str:
    """Return the memory without the lines that have what is to be forgotten.

    These are the lines that hold it as it was typed; without any, those that have all
    of its words.

    Raises:
        UsageError: no line has it.

    """
    if is_all(wanted):
        return ""
    lines = text.splitlines()
    typed = " ".join(wanted.lower().split()).rstrip(".!")
    dropped = {
        at for at, line in enumerate(lines) if typed in " ".join(line.split()).lower()
    }
    asked = words(wanted)
    if asked and not dropped:
        dropped = {at for at, line in enumerate(lines) if _has(line, asked)}
    if not dropped:
        message = f"No line of the memory has {wanted!r:.80}."
        hint = "%parllama memory shows it, %parllama memory edit puts it into a cell."
        raise UsageError(message, hint=hint)
    return "\n".join(line for at, line in enumerate(lines) if at not in dropped)


def _has(line: str, asked: Sequence[str]) -> bool:
    there = set(words(line))
    return all(word in there for word in asked)


def _bare(line: str) -> str:
    return " ".join(_BULLET.sub("", line, count=1).lower().split()).rstrip(".")
