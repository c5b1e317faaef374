"""Finds the end of Markdown in a fence that holds fences of the same length.

Models write so: a line with a language begins an inner fence, and a line without one
ends the innermost. By CommonMark the first inner end would be the end of all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

__all__ = ["install"]

_OPENING = re.compile(r"(`{3,}|~{3,})[ \t]*((?:markdown|md|mdx|rmd|qmd|myst)\b[^`]*)\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`]*?)[ \t]*\Z")


def install(md: MarkdownIt) -> None:
    """Let a parser read fences around Markdown with fences of its own."""
    options = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "markdown_fence", _rule, options)  # type: ignore[arg-type]


def _rule(
    state: StateBlock,
    start: int,
    stop: int,
    silent: bool,  # noqa: FBT001 - its API
) -> bool:
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    match = _OPENING.match(state.src[first : state.eMarks[start]].lower())
    end = _end(state, start, stop, match[1]) if match else -1
    if end < 0:
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.info = state.src[first : state.eMarks[start]].lstrip("`~")
        token.content = state.getLines(start + 1, end, state.sCount[start], True)  # noqa: FBT003 - its API
        token.map = [start, end + 1]
        state.line = end + 1
    return True


def _end(state: StateBlock, start: int, stop: int, outer: str) -> int:
    """Return the line that ends the fence, or -1 if none does for certain."""
    inner, filled = "", False
    for line in range(start + 1, stop):
        if not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            return -1
        match = _FENCE.match(state.getLines(line, line + 1, state.blkIndent, False))  # noqa: FBT003 - its API
        mark, info = match.groups() if match else ("", "")
        same = mark[:1] == outer[0] and len(mark) >= len(outer)
        if inner:
            ends = same and not info and len(mark) >= len(inner)
            if ends and not filled:
                # One without a line of code in it only shows how a fence begins.
                return line
            inner, filled = ("", False) if ends else (inner, True)
        elif same and info:
            inner, filled = mark, False
        elif same:
            return line
    return -1
