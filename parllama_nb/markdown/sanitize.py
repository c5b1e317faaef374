r"""Rewrites a model's answer as Markdown that can only show text.

An answer is hostile text: whoever wrote a page that the model read may have written
part of it. It is saved in a notebook and rendered there by JupyterLab, nbconvert,
GitHub or an editor, and these do not agree on what Markdown is. So the answer is not
filtered but parsed and written anew, with the few constructs that all of them read
alike.
"""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING

from . import addresses, emphasis, fences, paths, tables, tex
from .escapes import entities, without_controls
from .scripts import direction
from .spans import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

__all__ = ["escape", "sanitize"]

# Levels of nesting. No real answer has more, and the parser drops deeper ones.
_DEEPEST = 40
# How long an answer may take to parse, in units of some 10 microseconds: one second.
_DEAREST = 100_000
# A paragraph with more open brackets than this was made to be slow.
_BRACKETS = 1_000
_LAST_NUMBER = 999_999_999

# Characters that may have a meaning in the middle of a line, and at its beginning.
_SPECIAL = re.compile(
    r"[\\`*_\[\]<>&$|~#!^@{}]|:(?=//)|(?<=www)\.|\A[-+=:]|(?<=\A\d)[.)]", re.IGNORECASE
)
_COSTLY = re.compile(r"[\\`*_\[\]<>&$~|#!+\n{}:=%@^\"-]")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}", re.ASCII)
_MATH_START = re.compile(r"\$|\\\\[(\[]|\\begin\{")
_MATH_END = re.compile(r"\$|\\\\[)\]]|\\end\{")
_BLANK = re.compile(r"\n\s*\n")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# Languages that some renderers draw and all others show as code. nbconvert puts a
# diagram's text into the page as HTML, and a diagram may load images.
_DRAWN = re.compile(r"mermaid|(?:math|geojson|topojson|stl)\Z", re.IGNORECASE)
# JupyterLab sets the lines of each paragraph to the left, whatever their direction.
_BLOCK_STYLE = {
    "rtl": ' style="display:block;text-align:right"',
    "ltr": ' style="display:block;text-align:left"',
}
_ALIGNED = {"left": ":--", "right": "--:", "center": ":-:"}


def sanitize(markdown: str) -> str:
    r"""Return the answer as Markdown that cannot run, load or disguise anything.

    Ordinary Markdown renders as before. HTML shows as text (except `<br>`), an image
    becomes a link unless its data is in the text itself, and a link to anything but
    http, https, mailto or a relative target becomes text. `\(..\)` and `\[..\]` become
    the dollars that notebooks typeset. Code is unchanged.

    Everything that was open at the end is closed, so that what is appended after a
    blank line is independent of it. Diagrams (`mermaid`) stay code. An answer that is
    nested too deep or too slow to parse (100,000 nested quotes) is returned as one
    block of code.
    """
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if not text.strip():
        return ""
    # Each character that may begin a construct costs one unit, and these cost more.
    extra = 3 * text.count("[") + 2 * text.count("\n")
    if len(_COSTLY.findall(text)) + extra > _DEAREST:
        return _fenced(text, "")
    tokens = _parser().parse(text)
    if any(token.level >= _DEEPEST - 2 for token in tokens):
        return _fenced(text, "")
    return _Blocks(tokens, budget=2 * len(text) + 10_000).write()


def escape(text: str) -> str:
    """Return foreign text, put on one line, as Markdown that shows it literally."""
    line = " ".join(without_controls(text).split())
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", line)


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not paid by %load_ext

    # With HTML off, this parser reads it as text, and so it is written as text.
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    for part in (tables, emphasis, tex, paths, fences, addresses):
        part.install(md)
    md.inline.ruler.before("html_inline", "line_break", _line_break)
    md.core.ruler.at("inline", _spans_rule)
    return md


def _line_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    """Parse `<br>`, the only tag that tables cannot do without."""
    match = _BREAK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("line_break", "br", 0)
    state.pos = match.end()
    return True


def _spans_rule(state: StateCore) -> None:
    """Parse the inside of paragraphs; one that was made to be slow becomes text."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if token.content.count("[") > _BRACKETS:
            plain = copy(token)
            plain.type, plain.children = "text", None
            token.children.append(plain)
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


class _Blocks:
    """Writes the blocks of one document."""

    def __init__(self, tokens: Sequence[Token], *, budget: int) -> None:
        self._tokens = tokens
        self._spans = Spans(budget)
        self._at = 0
        # The direction of the block that is being written.
        self._around = "ltr"
        # How many quotes and items of lists it is in.
        self._quotes = 0
        self._items = 0

    def write(self) -> str:
        """Return the whole document, without a line break at its end."""
        return self._until("", tight=False)[0]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _until(self, closing: str, *, tight: bool) -> tuple[str, bool]:
        """Return all blocks up to a closing token, and whether one must stand apart.

        A block that must stand apart needs blank lines around it.
        """
        blocks: list[str] = []
        apart = False
        while self._at < len(self._tokens):
            token = self._next()
            if token.type == closing:
                break
            block, alone = self._directed(token)
            apart = apart or alone
            if block:
                blocks.append(block)
        return ("\n" if tight and not apart else "\n\n").join(blocks), apart

    def _directed(self, token: Token) -> tuple[str, bool]:
        """Return a block that runs in its own direction.

        One that runs as what is around it needs nothing for that.
        """
        around = self._around
        is_code = token.type in {"fence", "code_block"}
        own = "ltr" if is_code else direction(self._within(token)) or around
        if self._items and token.type.endswith("_list_open"):
            # A list within a list runs as that does; its items have their own texts.
            own = around
        self._around = own
        text, alone = self._block(token)
        self._around = around
        if not text or own == around == "ltr":
            return text, alone
        if token.type == "paragraph_open":
            block = "" if token.hidden else _BLOCK_STYLE[own]
            needed = block or own != around
            return f'<span dir="auto"{block}>{text}</span>' if needed else text, alone
        if own == around:
            return text, alone
        # Neither code nor texts with a direction of their own tell that of their block.
        dir_ = "auto" if token.type == "heading_open" else own
        return f'<div dir="{dir_}">\n\n{text}\n\n</div>', True

    def _within(self, opening: Token) -> Iterator[Token]:
        """Yield the tokens of a block that has just begun."""
        for index in range(self._at, len(self._tokens)):
            token = self._tokens[index]
            if opening.nesting < 1 or token.level <= opening.level:
                break
            yield token

    def _block(self, token: Token) -> tuple[str, bool]:  # noqa: PLR0911 - one a kind
        if token.type == "paragraph_open":
            return self._inline("paragraph_close", lines=True), False
        if token.type == "heading_open":
            text = self._inline("heading_close", lines=False)
            # A hash at the end would be taken for the heading's closing one.
            text = re.sub(r"(?<![^ #])#\Z", r"\\#", text)
            return f"{'#' * int(token.tag[1])} {text}".rstrip(), False
        if token.type in {"fence", "code_block"}:
            if (self._items or self._quotes) and _spans_lines(token.content):
                # JupyterLab puts back what it takes for a formula as it stands here,
                # with the marks of the quote or the spaces of the list.
                code = entities(without_controls(token.content))
                return f"<pre><code>{code}</code></pre>", False
            # Only a blank line ends JupyterLab's search for a formula in the code.
            alone = _MATH_START.search(token.content) is not None
            return _fenced(token.content, token.info), alone
        if token.type == "blockquote_open":
            self._quotes += 1
            text, alone = self._until("blockquote_close", tight=False)
            self._quotes -= 1
            return _indented(text, "> ", "> "), alone
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            return self._list(token)
        if token.type == "table_open":
            return self._table(), False
        if token.type == "math_block":
            fence, tex = token.markup, token.content
            if self._quotes:
                # JupyterLab takes the mark of a quoted line for a part of the formula.
                line = tex.replace("\n", " ").strip()
                return f"{fence}{line}{fence}", False
            return f"{fence}{tex}\n{fence}".strip(), False
        # Only a horizontal rule is left. Dashes could also mean a heading or a list.
        return "___", False

    def _inline(self, closing: str, *, lines: bool, cell: bool = False) -> str:
        text = ""
        while (token := self._next()).type != closing:
            own = direction([token]) or self._around
            part = self._spans.write(
                token.children or (), lines=lines, cell=cell, rtl=own == "rtl"
            )
            turned = part and cell and own != self._around
            text += f'<span dir="auto">{part}</span>' if turned else part
        return text

    def _list(self, opening: Token) -> tuple[str, bool]:
        closing = opening.type.replace("_open", "_close")
        tight = self._is_tight(opening.level + 2)
        start = opening.attrGet("start")
        number = 1 if start is None else int(start)
        items: list[str] = []
        apart = False
        self._items += 1
        while self._next().type != closing:
            text, alone = self._until("list_item_close", tight=tight)
            apart = apart or alone
            marker = opening.markup
            if closing.startswith("ordered"):
                marker = f"{min(number + len(items), _LAST_NUMBER)}{marker}"
            items.append(_indented(text, f"{marker} ", " " * (len(marker) + 1)))
        self._items -= 1
        return ("\n" if tight and not apart else "\n\n").join(items), apart

    def _is_tight(self, level: int) -> bool:
        """Whether the items of the list just begun have no blank lines in them."""
        for index in range(self._at, len(self._tokens)):
            token = self._tokens[index]
            if token.level < level - 1:
                break
            if token.type == "paragraph_open" and token.level == level:
                return token.hidden
        return True

    def _table(self) -> str:
        rows: list[list[str]] = []
        ruler: list[str] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                closing = token.type.replace("_open", "_close")
                rows[-1].append(self._inline(closing, lines=False, cell=True))
                if token.type == "th_open":
                    align = str(token.attrGet("style") or "").rpartition(":")[2]
                    ruler.append(_ALIGNED.get(align, "---"))
        rows.insert(1, ruler)
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _spans_lines(code: str) -> bool:
    """Whether JupyterLab may find a formula of several lines in code."""
    for part in _BLANK.split(code):
        begin = _MATH_START.search(part)
        line = part.find("\n", begin.end()) if begin else -1
        if line >= 0 and _MATH_END.search(part, line):
            return True
    return False


def _fenced(code: str, info: str) -> str:
    """Return code in a fence that is longer than any within it."""
    code = without_controls(code)
    code = code if code.endswith("\n") or not code else code + "\n"
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    match = _LANGUAGE.match(info.strip())
    language = match[0] if match and not _DRAWN.match(match[0]) else ""
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}{fence}"


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    indented = [f"{rest}{line}".rstrip() if not line else rest + line for line in lines]
    indented[0] = (first + lines[0]).rstrip() if not lines[0] else first + lines[0]
    return "\n".join(indented)
