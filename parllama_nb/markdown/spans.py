r"""Writes the inside of a paragraph as Markdown that all renderers read alike.

JupyterLab and nbconvert look for formulas in the raw text before they look for code:
`\begin{a}` within backticks may swallow the backtick and free what follows. So no raw
dollar, backslash, backtick or angle bracket is written in prose, and code that holds
what looks like a formula is written as `<code>` with entities. The only other tags
ever written are `<br>` and the `<span>` around a dollar: MathJax looks for formulas in
the finished page, and only an element of its own keeps a dollar from starting one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .tex import COMMAND, pipes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

__all__ = ["Spans", "safe_url", "without_controls"]

# Characters. A longer URL hides where it leads.
_LONGEST_URL = 4000
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\Z")
_AUTOLINK = re.compile(r"(?:https?://|mailto:)[\w\-.~/?#@!&*+,;=%:]+\Z", re.ASCII)
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*\Z")
# Not `@`: JupyterLab marks a formula's place by `@@0@@`, and must see that in the text.
_PUNCTUATION = re.compile(r"[!\"#$&*.:<>\[-`{-~]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TICKS = re.compile("`+")
# What JupyterLab or nbconvert may read as the beginning or end of a formula.
_MATH_IN_CODE = re.compile(
    r"\$\$|\\\\[()\[\]]|\\(?:begin|end)\{[a-z]*\*?\}", re.IGNORECASE
)

_TEXT = re.compile(
    r"(?P<url>(?<!\w)(?:https?://|www\.)(?:[^\W_]|[-_.?=%#~+:,;@*'\"()&/])*+(?=\s|\Z))"
    rf"|(?P<tex>{COMMAND.pattern})"
    r"|(?P<char>[\\`<*~_$!|\[\]]|&(?=\#?\w)|:(?=//)|(?<=xmpp):|(?<=www)\.)",
    re.IGNORECASE,
)
_LINE_START = re.compile(
    r"(?P<entity>[ \t]|>|[=|](?=[-=:| \t+]*\Z)|:(?=\s|[-=:| \t+]*\Z)"
    # For nbconvert a label may extend beyond this line, up to a "]:" within code.
    r"|\[(?![^\[\]\\]*\][^(\[:]))"
    r"|(?P<escape>\#|[-+](?=\s|\Z|[-=:| \t+]+\Z))"
    r"|(?P<digits>\d{1,9})(?P<after>[.)])(?=\s|\Z)"
)
_WORD_JOINER = "\u2060"
_DOLLAR = "\0"  # placeholder of a plain dollar, until all of them are counted


def safe_url(url: str) -> bool:
    """Whether a link may have this target: http, https, mailto or relative."""
    if _DATA_IMAGE.match(url):
        return True
    # Decoded, because some front ends decode a relative link before they follow it.
    first = unquote(re.split(r"[/?#]", url, maxsplit=1)[0])
    scheme, colon, _ = first.partition(":")
    # No entities in it either, because nbconvert's parser decodes them twice.
    relative = not colon and "&" not in first
    allowed = relative or scheme.lower() in {"http", "https", "mailto"}
    return len(url) <= _LONGEST_URL and allowed


def without_controls(text: str) -> str:
    """Return the text without characters that some parsers read as a line break."""
    return _CONTROL.sub("\ufffd", text.replace("\u2028", " ").replace("\u2029", " "))


def _entities(text: str) -> str:
    return _PUNCTUATION.sub(lambda m: f"&#{ord(m[0])};", text)


class Spans:
    """Writes the tokens of one document's paragraphs, cells and headings.

    `budget` is how many characters all its links may have together, because a document
    may define one long target and refer to it a thousand times.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget

    def write(  # noqa: C901, PLR0912 - one branch for each kind of token
        self, tokens: Sequence[Token], *, cell: bool = False, lines: bool = True
    ) -> str:
        """Return the Markdown of one token's children.

        `cell`: they are in a table's cell. `lines`: their lines could begin blocks.
        """
        out: list[str] = []
        closings: list[str] = []
        has_math = any(token.type == "math_inline" for token in tokens)
        # marked may end a link within code, so no link may begin before such code.
        escape_brackets = any(
            token.type == "code_inline" and "]" in token.content for token in tokens
        )
        line_start = lines
        for index, token in enumerate(tokens):
            following = tokens[index + 1] if index + 1 < len(tokens) else None
            kind, inside = token.type, bool(closings)
            if kind == "text":
                piece = self._text(
                    token.content,
                    following,
                    inside=inside,
                    start=line_start,
                    word_ends=not inside and _word_ends(tokens, index),
                )
                piece = piece.replace("|", "&#124;") if cell else piece
                piece = piece.replace("[", "&#91;") if escape_brackets else piece
            elif kind == "softbreak":
                piece = "\n" if lines else " "
            elif kind == "hardbreak":
                piece = "<br>" if not lines else "  \n"
            elif kind == "line_break":
                piece = "<br>" if out else ""
            elif kind == "code_inline":
                piece = _code(
                    token.content, cell=cell, has_math=has_math, inside=inside
                )
                if out and out[-1].endswith("$") and piece[0] == "`":
                    # JupyterLab would read that dollar as part of the code.
                    piece = f"<code>{_entities(token.content)}</code>"
            elif kind == "math_inline":
                tex = pipes(token.content) if cell else token.content
                gap = " " if out and out[-1].endswith("$") else ""
                piece = f"{gap}{token.markup}{tex}{token.markup}"
            elif kind == "image":
                piece = self._image(token, inside=inside)
            elif kind == "link_open":
                opening, closing = self._link(token, following, cell=cell)
                closings.append(closing)
                piece = opening
            elif kind == "link_close":
                piece = closings.pop()
            else:
                piece = token.markup  # only emphasis is left
            if piece:
                line_start = lines and piece.endswith("\n")
                out.append(piece)
        text = "".join(out)
        return text.replace(_DOLLAR, _dollar(text, has_math=has_math))

    def _text(  # noqa: C901 - the characters' escapes, together
        self,
        text: str,
        following: Token | None,
        *,
        inside: bool,
        start: bool,
        word_ends: bool,
    ) -> str:
        head = ""
        text = without_controls(text).replace("\n", " ")
        match = _LINE_START.match(text) if start else None
        if match:
            text = text[match.end() :]
            if match["entity"]:
                head = f"&#{ord(match['entity'])};"
            else:
                head = f"{match['digits'] or ''}\\{match['after'] or match['escape']}"

        def replaced(m: re.Match[str]) -> str:  # noqa: PLR0911 - as above
            if m["url"] is not None:
                url = m[0].replace("&", "&amp;")
                if (word_ends or m.end() < len(text)) and not inside:
                    return url  # many renderers make it a link
                # Such a link extends to the next space: it would swallow a backtick.
                url = url.replace("://", "&#58;//").replace("www.", "www&#46;")
                return re.sub(r"[*_~]", r"\\\g<0>", url)
            if m["tex"] is not None:
                return f"&#92;{_WORD_JOINER}"
            char, end = m["char"], m.end()
            after = text[end : end + 1]
            # At the end of a text a link or code may follow.
            open_end = not after and following is not None
            if char == "$":
                return _DOLLAR
            if char == "\\":
                plain = after.isalnum() and not text.startswith(("begin{", "end{"), end)
                return char if plain else "&#92;"
            if char in "*~":
                return "\\" + char
            if char == "_":
                before = text[m.start() - 1 : m.start()] if m.start() else ""
                return char if before.isalnum() and after.isalnum() else "\\_"
            special = {"!": "[", "]": "([:"}.get(char)
            if char in "[|" or special is not None:
                ambiguous = open_end or (after and special and after in special)
                return f"&#{ord(char)};" if ambiguous or inside else char
            return {"<": "&lt;", "&": "&amp;"}.get(char) or f"&#{ord(char)};"

        return head + _TEXT.sub(replaced, text)

    def _image(self, token: Token, *, inside: bool) -> str:
        words = "".join(child.content or " " for child in token.children or ())
        words = COMMAND.sub(lambda _: f"\\{_WORD_JOINER}", words)
        alt = _entities(" ".join(without_controls(words).split()))
        label = f"image: {alt}" if alt else "image"
        url = str(token.attrGet("src") or "")
        if _DATA_IMAGE.match(url) and self._pay(url):
            return f"![{alt}]({url})"
        # A link within a link would replace the outer one.
        if inside or not self._pay(url) or url.startswith("data:"):
            return f"&#91;{label}&#93;"
        return f"[{label}]({_target(url)})"

    def _link(
        self, token: Token, following: Token | None, *, cell: bool
    ) -> tuple[str, str]:
        url = str(token.attrGet("href") or "")
        if url.startswith("data:") or not self._pay(url):
            return "&#91;", "&#93;"
        title = str(token.attrGet("title") or "")
        if token.info == "auto" and following is not None and not cell:
            shown = following.content
            if _AUTOLINK.match(url) and url.removeprefix("mailto:") == shown:
                # The opening is written together with the link's text.
                following.content = ""
                return f"<{shown}>", ""
        if title and self._pay(title):
            return "[", f']({_target(url)} "{_entities(" ".join(title.split()))}")'
        return "[", f"]({_target(url)})"

    def _pay(self, text: str) -> bool:
        self._budget -= len(text)
        return self._budget >= 0


def _word_ends(tokens: Sequence[Token], index: int) -> bool:
    """Whether white space or nothing follows a token in the output."""
    for after in range(index + 1, len(tokens)):
        token = tokens[after]
        if token.type in {"em_close", "strong_close", "s_close"}:
            continue
        spaced = token.type == "text" and token.content[:1].isspace()
        return spaced or token.type in {"softbreak", "hardbreak"}
    return True


def _target(url: str) -> str:
    url = re.sub(r"[$*\\`<>\[\]{}|\"\s]", lambda m: f"%{ord(m[0]):02X}", url)
    if not _BALANCED.match(url):
        url = url.replace("(", "%28").replace(")", "%29")
    return re.sub(r"&(?=#?\w)", "&amp;", url)


def _dollar(text: str, *, has_math: bool) -> str:
    if has_math or text.count(_DOLLAR) > 1:
        return "<span>&#36;</span>"
    return "\\$"


def _code(code: str, *, cell: bool, has_math: bool, inside: bool) -> str:
    """Return a code span; with `<code>` if backticks would be ambiguous."""
    code = without_controls(code.replace("\n", " "))
    runs = {len(run) for run in _TICKS.findall(code)}
    fence = "`" if 1 not in runs else "``"
    ambiguous = _MATH_IN_CODE.search(code) or ("$" in code and has_math)
    ambiguous = ambiguous or (inside and "]" in code)
    if ambiguous or runs >= {1, 2} or (cell and "|" in code):
        return f"<code>{_entities(code)}</code>"
    pad = " " if runs and "`" in code[0] + code[-1] else ""
    if code[0] == code[-1] == " " and code.strip():
        pad = " "
    return f"{fence}{pad}{code}{pad}{fence}"
