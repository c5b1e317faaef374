"""Hostile Markdown as HTML, by way of the sanitiser.

The sanitiser writes the text anew with the few constructs that all renderers read
alike. What it lets pass of HTML is its own, so the renderer may pass that on.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ....markdown import tables, tex
from ....markdown.sanitize import sanitize

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["code_style", "rendered"]

_LONGEST = 100_000
"""Characters of a block of code that is highlighted."""

_LANGUAGE = re.compile(r"[\w+#.-]{1,40}", re.ASCII)


def rendered(markdown: str) -> str:
    """Return a text as HTML that cannot run or load anything."""
    return str(_renderer().render(sanitize(markdown)))


@functools.cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not paid by %load_ext

    md = MarkdownIt("commonmark", {"html": True, "highlight": _highlighted})
    for part in (tables, tex):
        part.install(md)
    md.enable("strikethrough")
    md.add_render_rule("math_inline", _inline_formula)
    md.add_render_rule("math_block", _block_formula)
    md.add_render_rule("link_open", _link)
    return md


def _inline_formula(
    _self: Any,  # noqa: ANN401 - its API
    tokens: Sequence[Token],
    at: int,
    _options: Any,  # noqa: ANN401
    _env: Any,  # noqa: ANN401
) -> str:
    token = tokens[at]
    source = f"{token.markup}{token.content}{token.markup}"
    return f'<code class="formula">{html.escape(source)}</code>'


def _block_formula(
    _self: Any,  # noqa: ANN401 - its API
    tokens: Sequence[Token],
    at: int,
    _options: Any,  # noqa: ANN401
    _env: Any,  # noqa: ANN401
) -> str:
    source = tokens[at].content.strip("\n")
    return f'<pre class="formula"><code>{html.escape(source)}</code></pre>\n'


def _link(
    renderer: Any,  # noqa: ANN401 - its API
    tokens: Sequence[Token],
    at: int,
    options: Any,  # noqa: ANN401
    _env: Any,  # noqa: ANN401
) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer nofollow")
    return str(renderer.renderToken(tokens, at, options, _env))


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """Return code with its syntax marked, if Pygments knows its language."""
    if not _LANGUAGE.fullmatch(language) or len(code) > _LONGEST:
        return ""
    highlight = _highlighter(language.lower())
    return "" if highlight is None else highlight(code)


@functools.lru_cache(100)
def _highlighter(language: str) -> Callable[[str], str] | None:
    """Return what highlights a language; None if nothing does."""
    try:
        from pygments import highlight  # noqa: PLC0415 - not paid by %load_ext
        from pygments.formatters import HtmlFormatter  # noqa: PLC0415
        from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
        from pygments.util import ClassNotFound  # noqa: PLC0415
    except ImportError:
        return None
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    formatter = HtmlFormatter(nowrap=True)
    return lambda code: str(highlight(code, lexer, formatter))


@functools.cache
def code_style(*, dark: bool) -> str:
    """Return the style of highlighted code; "" without Pygments."""
    try:
        from pygments.formatters import HtmlFormatter  # noqa: PLC0415 - see above
    except ImportError:
        return ""
    style = "github-dark" if dark else "default"
    lines = HtmlFormatter(style=style).get_style_defs("pre code").split("\n")
    # The first ones are of the block itself, whose colours are the page's.
    return "\n".join(line for line in lines if line.startswith("pre code ."))
