"""Reads rows of tables whose code or formulas have pipes in them: `| $|x|$ | a |`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .tex import formula_end

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

__all__ = ["install"]

_RULER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_PART = re.compile(r"\\.|`+|\$")
_PIPE = re.compile(r"\\\||\|")
# One that does not occur stands for the pipes that divide no cells.
_STAND_INS = "\x1f\x1e\x1d\x1c"


def install(md: MarkdownIt) -> None:
    """Let a parser read tables; pipes in code or formulas may be as they are."""
    md.enable("table")
    rules = {rule.name: rule.fn for rule in md.block.ruler.__rules__}
    table = rules["table"]

    def rule(
        state: StateBlock,
        start: int,
        stop: int,
        silent: bool,  # noqa: FBT001 - its API
    ) -> bool:
        stand_in = next((c for c in _STAND_INS if c not in state.src), "")
        src = _with_stand_ins(state, start, stop, stand_in) if stand_in else state.src
        if src == state.src:
            return table(state, start, stop, silent)
        before, first = state.src, len(state.tokens)
        state.src = src
        try:
            return table(state, start, stop, silent)
        finally:
            state.src = before
            for token in state.tokens[first:]:
                token.content = token.content.replace(stand_in, "|")

    md.block.ruler.at("table", rule, {"alt": ["paragraph", "reference"]})


def _with_stand_ins(state: StateBlock, start: int, stop: int, stand_in: str) -> str:
    """Return the source in which pipes inside of code and formulas are stood in for.

    Only in rows that have too many cells, and as many as the table's without them.
    """
    src = state.src
    if start + 2 > stop:
        return src

    def row(line: int) -> tuple[int, str]:
        first = state.bMarks[line] + state.tShift[line]
        return first, src[first : state.eMarks[line]]

    ruler = row(start + 1)[1]
    if not _RULER.match(ruler):
        return src
    columns = _cells(ruler)
    line, changed = start, []
    while line < stop and not state.isEmpty(line):
        first, text = row(line)
        if _cells(text) > columns:
            other = _stood_in(text, stand_in)
            if _cells(other) == columns:
                changed.append((first, other))
        line += 1
    parts, at = [], 0
    for first, text in changed:
        parts += [src[at:first], text]
        at = first + len(text)
    return "".join([*parts, src[at:]])


def _cells(row: str) -> int:
    row = row.strip().removeprefix("|")
    row = re.sub(r"(?<!\\)\|\Z", "", row)
    return 1 + len([pipe for pipe in _PIPE.findall(row) if pipe == "|"])


def _stood_in(row: str, stand_in: str) -> str:
    parts, at = [], 0
    while match := _PART.search(row, at):
        start, end = match.span()
        if match[0][0] == "`":
            close = row.find(match[0], end)
            end = close + len(match[0]) if close >= 0 else end
        else:
            end = max(end, formula_end(row, start, len(row)))
        part = re.sub(r"(?<!\\)\|", stand_in, row[start:end])
        parts += [row[at:start], part]
        at = end
    return "".join([*parts, row[at:]])
