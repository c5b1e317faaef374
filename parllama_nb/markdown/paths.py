r"""Keeps the backslashes of Windows paths: Markdown would drop that of `C:\.ssh`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

__all__ = ["install"]

# A drive or a computer's name, and the folders so far.
_PATH = re.compile(
    r"(?:\A|[^\w\\])(?:[A-Za-z]:|\\\\[\w.-]+)(?:\\[^\s\\/:*?\"<>|`]+)*\Z"
)
_COMPUTER = re.compile(r"\\\\(?=[\w.-]+\\\w)")
# What a part of a path may begin with that Markdown would take for escaped.
_PART = re.compile(r"\\[._\-({\[#~$!&+@%'^](?=[\w.({\[#~$-])")
# Characters. Windows allows 260.
_LONGEST = 260


def install(md: MarkdownIt) -> None:
    """Let a parser keep the backslashes of Windows paths."""
    md.inline.ruler.before("escape", "path", _rule)


def _rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    if state.src[state.pos] != "\\":
        return False
    before = state.src[max(0, state.pos - _LONGEST) : state.pos]
    computer = _COMPUTER.match(state.src, state.pos, state.posMax)
    part = _PART.match(state.src, state.pos, state.posMax)
    if computer and not re.search(r"[\w\\]\Z", before):
        found = computer[0]
    elif part and _PATH.search(before):
        found = part[0]
    else:
        return False
    if not silent:
        state.pending += found
    state.pos += len(found)
    return True
