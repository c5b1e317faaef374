"""One conversation as a page of HTML: no script, nothing loaded, light and dark."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ....providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from ....surrogates import without_surrogates
from ...history.saved import SavedConversation, SavedTurn
from ..facts import answer_of, date_of, image_facts, turn_count
from ..sharing import without_paths
from .rendering import code_style, rendered

__all__ = ["write_html"]

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")

_STYLE = """\
:root {
  color-scheme: light dark;
  --text: #1f2328; --soft: #59636e; --page: #fff; --raised: #f3f5f8; --line: #d1d9e0;
  --accent: #0a58ca; --code: #f9fafb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e9ed; --soft: #9aa4af; --page: #14171b; --raised: #20252b;
    --line: #3a424b; --accent: #7db1ff; --code: #20252b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 50rem; padding: 2rem 1rem 4rem; color: var(--text);
  background: var(--page); font: 1rem/1.6 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
.facts, footer, .role { color: var(--soft); font-size: .875rem; }
.role { font-weight: 600; margin: 0 0 .25rem; }
section { margin: 1.5rem 0; }
.question { background: var(--raised); border-radius: .75rem; padding: .75rem 1rem; }
section > :last-child, .text > :last-child { margin-bottom: 0; }
.typed { margin: 0; white-space: pre-wrap; }
details + .text { margin-top: .75rem; }
footer { margin-top: .5rem; }
.text > :first-child { margin-top: 0; }
.text :is(h1, h2, h3, h4, h5, h6) { font-size: 1.1rem; margin: 1.25rem 0 .5rem; }
.text h1 { font-size: 1.3rem; }
.text h2 { font-size: 1.2rem; }
a { color: var(--accent); }
pre {
  background: var(--code); border: 1px solid var(--line); border-radius: .5rem;
  overflow-x: auto; padding: .75rem; font-size: .875rem; line-height: 1.45;
}
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
:not(pre) > code {
  background: var(--raised); border-radius: .25rem; font-size: .9em; padding: .1em .3em;
}
.question :not(pre) > code, .question pre { background: var(--page); }
table { border-collapse: collapse; display: block; max-width: 100%; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: start; }
blockquote {
  border-inline-start: .2rem solid var(--line); color: var(--soft); margin-inline: 0;
  padding-inline-start: 1rem;
}
img { border-radius: .5rem; height: auto; max-width: 100%; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0;
  padding: .5rem .75rem; }
summary { color: var(--soft); cursor: pointer; font-size: .875rem; }
.error { color: #b42318; }
@media (prefers-color-scheme: dark) { .error { color: #ff9b91; } }
@media print {
  :root { --text: #000; --page: #fff; --raised: #f3f5f8; --line: #d1d9e0;
    --soft: #444; --code: #f9fafb; }
  body { max-width: none; padding: 0; }
  pre { overflow: visible; white-space: pre-wrap; }
  .role { break-after: avoid; }
}
"""


def write_html(conversation: SavedConversation) -> str:
    """Return a conversation as a page; of other branches it says how many turns."""
    conversation = without_paths(conversation)
    name = html.escape(" ".join(conversation.name.split()) or "Conversation")
    dark = code_style(dark=True)
    # Paper is light, whatever the screen is.
    query = "@media screen and (prefers-color-scheme: dark)"
    style = f"{_STYLE}{code_style(dark=False)}\n{query} {{\n{dark}\n}}\n"
    facts = [date_of(conversation.created), turn_count(conversation)]
    line = " · ".join(filter(None, facts))
    blocks = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        f'<header>\n<h1 dir="auto">{name}</h1>',
        f'<p class="facts">{html.escape(line)}</p>\n</header>',
        "<main>",
    ]
    if conversation.system:
        text = _text(conversation.system)
        blocks.append(_folded("System prompt", text))
    for turn in conversation.shown:
        blocks += _turn(turn)
    blocks += ["</main>", "</body>", "</html>", ""]
    return without_surrogates("\n".join(blocks))


def _turn(turn: SavedTurn) -> Iterator[str]:
    for message in turn.question:
        title = "You" if message.role == "user" else message.role.capitalize()
        yield f'<section class="question">\n<p class="role">{html.escape(title)}</p>'
        yield from _parts(message)
        yield "</section>"
    answer = answer_of(turn)
    model = html.escape(turn.model or "Answer")
    yield f'<section class="answer">\n<p class="role">{model}</p>'
    yield from _parts(turn.answer)
    if turn.error is not None:
        yield f'<p class="error">{html.escape(turn.error.message)}</p>'
    yield f"<footer>{html.escape(answer.footer)}</footer>\n</section>"


def _parts(message: Message) -> Iterator[str]:
    for part in message.parts:
        if isinstance(part, TextPart) and message.role == "user":
            # As it was typed: single line breaks mean something there.
            yield f'<p class="typed" dir="auto">{html.escape(part.text)}</p>'
        elif isinstance(part, TextPart):
            yield _text(part.text)
        elif isinstance(part, ThinkingPart):
            yield _folded("Thinking", _text(part.text))
        elif isinstance(part, ImagePart):
            yield _image(part)
        elif isinstance(part, ToolCallPart):
            name = f"<code>{html.escape(part.name)}</code>"
            yield f'<p class="facts">The tool {name} was called.</p>'
        else:
            title = "Result of a tool"
            if isinstance(part, DocumentPart):
                title = part.title or part.source or "Document"
            yield _folded(title, _text(part.text))


def _text(text: str) -> str:
    return f'<div class="text" dir="auto">\n{rendered(text)}</div>'


def _folded(title: str, inside: str) -> str:
    return f"<details>\n<summary>{html.escape(title)}</summary>\n{inside}\n</details>"


def _image(image: ImagePart) -> str:
    facts = html.escape(image_facts(image))
    if _IMAGE.fullmatch(image.url):
        return f'<p><img src="{image.url}" alt="Image: {facts}"></p>'
    return f'<p class="facts">Image ({facts}), which cannot be shown here.</p>'
