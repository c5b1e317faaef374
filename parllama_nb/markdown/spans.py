"""Writes the inside of a paragraph as Markdown that all renderers read alike.

The only tags ever written are `<br>`, the `<code>` and `<span>` that keep formulas
apart from text (`escapes.py` says why), those of emphasis that not every parser would
find, and `<span>` for words that run another way than those around them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .addresses import BARE, DATA_IMAGE, link_target
from .emphasis import Mark, joined
from .escapes import (
    DOLLAR,
    code_span,
    dollar,
    entities,
    line_start,
    prose,
    without_controls,
)
from .tex_source import pipes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token

__all__ = ["Spans"]

_AUTOLINK = re.compile(r"(?:https?://)?[\w\-.~/?#@!&*+,;=%:()']+\Z")
# Many renderers make a link of an address without marks, which ends before these.
_AFTER_ADDRESS = re.compile(r"[.,:;!?]*(?:\s|\Z)")
# What may begin a formula in the finished page.
_MATH_START = re.compile(r"\$|\\[(\[]|\\begin\{", re.IGNORECASE)


class Spans:
    """Writes the tokens of one document's paragraphs, cells and headings.

    `budget` is how many characters all its links may have together, because a document
    may define one long target and refer to it a thousand times.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget

    def write(
        self,
        tokens: Sequence[Token],
        *,
        cell: bool = False,
        lines: bool = True,
        rtl: bool = False,
    ) -> str:
        """Return the Markdown of one token's children.

        `cell`: they are in a table's cell. `lines`: their lines could begin blocks.
        `rtl`: their text runs from right to left.
        """
        writer = _Writer(self.pay, tokens, cell=cell, lines=lines, rtl=rtl)
        return writer.write()

    def pay(self, text: str) -> bool:
        """Whether the budget still has room for the text of a link."""
        self._budget -= len(text)
        return self._budget >= 0


class _Writer:
    """Writes the tokens of one paragraph, cell or heading."""

    def __init__(
        self,
        pay: Callable[[str], bool],
        tokens: Sequence[Token],
        *,
        cell: bool,
        lines: bool,
        rtl: bool,
    ) -> None:
        self._pay, self._tokens = pay, tokens
        self._cell, self._lines, self._rtl = cell, lines, rtl
        self._out: list[str | Mark] = []
        # What ends each link that has begun.
        self._closings: list[str] = []
        self._marks: list[Mark] = []
        self._has_math = any(token.type == "math_inline" for token in tokens)
        text = "".join(t.content for t in tokens if t.type in {"text", "image"})
        self._near_math = self._has_math or _MATH_START.search(text) is not None
        # marked may end a link within code, so no link may begin before such code.
        self._escape_brackets = any(
            token.type == "code_inline" and "]" in token.content for token in tokens
        )

    def write(self) -> str:
        """Return all of it as Markdown."""
        for index, token in enumerate(self._tokens):
            piece = self._piece(index, token)
            if str(piece):
                self._out.append(piece)
        dollars = sum(str(piece).count(DOLLAR) for piece in self._out)
        shown = dollar(alone=dollars == 1 and not self._has_math)
        return joined(
            [
                piece.replace(DOLLAR, shown) if isinstance(piece, str) else piece
                for piece in self._out
            ]
        )

    def _ends_with(self, *endings: str) -> bool:
        return bool(self._out) and str(self._out[-1]).endswith(endings)

    def _piece(self, index: int, token: Token) -> str | Mark:  # noqa: PLR0911 - one a kind
        kind = token.type
        if kind == "text":
            return self._text(token.content, more=index + 1 < len(self._tokens))
        if kind == "softbreak":
            return "\n" if self._lines else " "
        if kind == "hardbreak":
            return "  \n" if self._lines else "<br>"
        if kind == "line_break":
            return "<br>" if self._out else ""
        if kind == "code_inline":
            return self._code(token.content)
        if kind == "math_inline":
            return self._formula(token)
        if kind == "image":
            return self._image(token)
        if kind == "link_open":
            return self._link(index, token)
        if kind == "link_close":
            return self._closings.pop()
        return self._mark(token)  # only emphasis is left

    def _text(self, content: str, *, more: bool) -> str:
        text = without_controls(content).replace("\n", " ")
        begins = self._lines and (not self._out or self._ends_with("\n"))
        head, text = line_start(text) if begins else ("", text)
        text = head + prose(
            text,
            inside=bool(self._closings),
            open_end=more,
            near_math=self._near_math,
        )
        text = text.replace("|", "&#124;") if self._cell else text
        return text.replace("[", "&#91;") if self._escape_brackets else text

    def _code(self, code: str) -> str:
        as_tag = ("$" in code and self._has_math) or (self._cell and "|" in code)
        as_tag = as_tag or (bool(self._closings) and "]" in code)
        # JupyterLab would read a dollar before backticks as part of the code.
        as_tag = as_tag or self._ends_with("$")
        return code_span(code, as_tag=as_tag, dir="ltr" if self._rtl else "")

    def _formula(self, token: Token) -> str:
        tex = pipes(token.content) if self._cell else token.content
        formula = f"{token.markup}{tex}{token.markup}"
        if self._rtl:
            return f'<span dir="ltr">{formula}</span>'
        return f" {formula}" if self._ends_with("$") else formula

    def _mark(self, token: Token) -> Mark:
        tag, _, end = token.type.rpartition("_")
        mark = Mark(token.markup, tag, begins=end == "open")
        if mark.begins:
            self._marks.append(mark)
        else:
            mark.partner = self._marks.pop()
            mark.partner.partner = mark
        return mark

    def _image(self, token: Token) -> str:
        words = "".join(child.content or " " for child in token.children or ())
        alt = entities(" ".join(without_controls(words).split()))
        url = str(token.attrGet("src") or "")
        if DATA_IMAGE.match(url) and self._pay(url):
            return f"![{alt}]({url})"
        if self._near_math or _MATH_START.search(words):
            alt = alt.replace("&#92;", "<span>&#92;</span>")
        label = f"image: {alt}" if alt else "image"
        # A link within a link would replace the outer one.
        if self._closings or not self._pay(url) or url.startswith("data:"):
            return f"&#91;{label}&#93;"
        return f"[{label}]({link_target(url)})"

    def _link(self, index: int, token: Token) -> str:
        """Return the beginning of a link, and note its end."""
        opening, closing = self._link_ends(index, token)
        self._closings.append(closing)
        return opening

    def _link_ends(self, index: int, token: Token) -> tuple[str, str]:
        url = str(token.attrGet("href") or "")
        if not url:
            return "", ""
        if url.startswith("data:") or not self._pay(url):
            return "&#91;", "&#93;"
        bare = token.markup == BARE
        if bare or token.info == "auto":
            text = self._tokens[index + 1]
            shown = text.content
            whole = ""
            if bare and self._stands_alone(index, shown):
                whole = shown.replace("&", "&amp;")
            elif not self._cell and _AUTOLINK.match(shown) and shown[:4] != "www.":
                whole = f"<{shown}>"
            if whole:
                # The opening is written together with the link's text.
                text.content = ""
                return whole, ""
        title = str(token.attrGet("title") or "")
        if title and self._pay(title):
            return "[", f']({link_target(url)} "{entities(" ".join(title.split()))}")'
        return "[", f"]({link_target(url)})"

    def _stands_alone(self, index: int, address: str) -> bool:
        """Whether all renderers find the same end of an address without marks."""
        if self._out and not self._ends_with(" ", "\n"):
            return False
        if re.search(r"[*~'()\[\]$@^{}]|__|[^!-~]", address):
            return False
        after = self._tokens[index + 3] if index + 3 < len(self._tokens) else None
        if after is None or after.type in {"softbreak", "hardbreak"}:
            return True
        match = _AFTER_ADDRESS.match(after.content)
        if after.type != "text" or not match:
            return False
        return match.end() < len(after.content) or index + 4 == len(self._tokens)
