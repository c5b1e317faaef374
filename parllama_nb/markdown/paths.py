r"""Keeps the backslashes of Windows paths: Markdown would drop that of `C:\.ssh`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

__all__ = ["install"]

# A drive, a computer, a key of the registry, this folder, the user's or a variable's,
# and the folders so far.
_PATH = re.compile(
    r"(?:\A|[^\w\\])"
    r"(?:[A-Za-z]:|\\\\(?:[\w.-]+\$?|[?.])|HK\w+:?|\.{1,2}|~|%\w+%|\$env:\w+)"
    r"(?:\\[^\s\\/:?\"<>|`]+)*\Z"
)
# With the name of a hidden share, whose dollar begins no formula.
_COMPUTER = re.compile(r"\\\\(?:[\w.-]+\$?(?:\\[\w.-]+\$)?|[?.])(?=\\\w)")
# What a part of a path may begin with that Markdown would take for escaped.
_PART = re.compile(r"\\[._\-({\[#~$!&+@%'^](?=[\w.({\[#~$-])")
# Asterisks for any file or folder, unless they end what others have begun.
_ANY = re.compile(r"\\(\*\*?)(?=[.\\\w\s]|\Z)")
# What may follow a path that ends with a backslash.
_END = re.compile(r"\\(?=\*|[_.,;:!?)\]}\"'](?!\w))")
# Characters. Windows allows 260.
_LONGEST = 260


def install(md: MarkdownIt) -> None:
    """Let a parser keep the backslashes of Windows paths."""
    md.inline.ruler.before("escape", "path", _rule)


def _rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    if state.src[state.pos] != "\\":
        return False
    end = _part_end(state.src, state.pos, state.posMax)
    if end < 0:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _part_end(text: str, at: int, stop: int) -> int:
    """Return where the backslash at `at` ends, with what it would escape, or -1."""
    before = text[max(0, at - _LONGEST) : at]
    computer = _COMPUTER.match(text, at, stop)
    if computer and not re.search(r"[\w\\]\Z", before):
        return computer.end()
    files = _ANY.match(text, at, stop)
    if files and before.count(files[1]) % 2:
        files = None
    part = files or _PART.match(text, at, stop) or _END.match(text, at, stop)
    return part.end() if part and _PATH.search(before) else -1
