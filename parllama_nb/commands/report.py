"""What a command says: Markdown for a notebook, the same as plain text elsewhere."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..markdown.sanitize import escape, sanitize
from ..markdown.writing import table

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["Report", "printable", "prose", "table"]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CODE = re.compile(r"`([^`|]+)`")

# Between two columns of a table; and the least width of the last one, in characters.
_GAP = "  "
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Report:
    """The result of most commands: some Markdown.

    Text of others in it (a prompt, a server's message) has been through `escape`. A
    terminal shows `plain` if there is any, as for an answer, which reads best as it was
    written; else the Markdown without its marks.
    """

    text: str
    plain: str = ""

    @property
    def markdown(self) -> str:
        """The text as Markdown that is safe to show."""
        return sanitize(self.text)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401, FBT001 - IPython's
        del cycle
        printer.text(str(self))

    def __str__(self) -> str:
        if self.plain:
            return printable(self.plain)
        return printable(_plain(self.text, shutil.get_terminal_size().columns))


def printable(text: str) -> str:
    """Return a text without the characters that a terminal obeys."""
    return _CONTROL.sub("", text)


def prose(text: str) -> str:
    """Return a message or a hint as Markdown: what is in backticks is code."""
    pieces = _CODE.split(text)
    return "".join(
        f"`{piece}`" if number % 2 else _escaped(piece)
        for number, piece in enumerate(pieces)
    )


def _escaped(text: str) -> str:
    """Return text, with the spaces at its ends, as Markdown that shows it literally."""
    words = escape(text)
    before = " " if text[:1].isspace() else ""
    after = " " if words and text[-1:].isspace() else ""
    return f"{before}{words}{after}"


def _plain(markdown: str, width: int) -> str:
    """Return paragraphs, tables and code as text for a terminal of this width."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not needed in a notebook

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    blocks: list[str] = []
    rows: list[list[str]] = []
    for token in tokens:
        match token.type:
            case "tr_open":
                rows.append([])
            case "inline" if rows:
                rows[-1].append(_words(token))
            case "table_close":
                blocks.append("\n".join(_aligned(rows, width)))
                rows = []
            case "inline":
                lines = _words(token).split("\n")
                blocks.append("\n".join(_wrapped(each, width) for each in lines))
            case "fence":
                blocks.append(token.content.rstrip("\n"))
    return "\n\n".join(blocks)


def _words(token: Token) -> str:
    """Return the text of a paragraph or of a cell, without any mark."""
    pieces = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                pieces.append(child.content)
            case "softbreak" | "hardbreak":
                pieces.append("\n")
    return "".join(pieces)


def _longest_word(cells: Iterable[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _wrapped(line: str, width: int) -> str:
    # A path or an address in two pieces could not be copied.
    return "\n".join(
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    )


def _aligned(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Return the lines of a table whose columns are as wide as they have to be."""
    shown = [row for row in rows if any(row)]
    if not shown:
        return
    columns = list(zip(*shown, strict=True))
    widths = [max(map(len, column)) for column in columns]
    # Where a long word would push the next column aside, it sets the width.
    least = [_longest_word(column) for column in columns[:-1]] + [_NARROWEST]
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room:
        spare = [size - low for size, low in zip(widths, least, strict=True)]
        if max(spare) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    for row in shown:
        cells = [
            _wrapped(text, size).split("\n")
            for text, size in zip(row, widths, strict=True)
        ]
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            padded = zip(parts, widths, strict=True)
            yield _GAP.join(f"{part:<{size}}" for part, size in padded).rstrip()
