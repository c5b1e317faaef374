"""A request that would be sent, as Markdown for a notebook and as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import ParllamaError
from ..markdown.sanitize import escape, sanitize

__all__ = ["ShownMessage", "ShownRequest", "as_markdown", "as_text", "cut"]

_TEXT = 4_000
_BODY = 20_000
"""Characters of a message and of the body that are shown: a notebook keeps them."""

_LAST = 6
"""Messages at the end of a long conversation that are shown."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as it may be shown: its text, and one line for each image and call."""

    role: str
    text: str
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request as it may be shown, without secrets.

    `facts` are names and values, `headers` lines, `body` the text of the body; it is
    not what is sent byte for byte unless it is `exact`.
    """

    model: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    messages: tuple[ShownMessage, ...]
    headers: str
    body: str
    exact: bool


def as_markdown(preview: ShownRequest | ParllamaError, model: str = "") -> str:
    """Return a request, or why there is none, as Markdown that is safe to show."""
    if isinstance(preview, ParllamaError):
        return (
            f"#### {escape(model)}\n\n{escape(f'{type(preview).__name__}: {preview}')}"
        )
    rows = [f"| {name} | {escape(value)} |" for name, value in preview.facts]
    blocks = [
        f"**{escape(preview.model)}** would be sent this; nothing was sent.",
        "\n".join(["| | |", "|:---|:---|", *rows]),
        *(f"**Note:** {escape(warning)}" for warning in preview.warnings),
    ]
    for title, text, language in _sections(preview):
        blocks += [f"**{escape(title)}**", _fenced(text, language)]
    return sanitize("\n\n".join(blocks))


def as_text(preview: ShownRequest | ParllamaError, model: str = "") -> str:
    """Return the same as plain text, without what a terminal obeys."""
    if isinstance(preview, ParllamaError):
        error = f"{type(preview).__name__}: {preview}"
        return _CONTROL.sub("", f"{model} cannot be asked.\n{error}")
    width = max(len(name) for name, _ in preview.facts)
    lines = [
        f"{preview.model} would be sent this; nothing was sent.",
        "",
        *(f"{name:<{width}}  {value}" for name, value in preview.facts),
        *(f"Note: {warning}" for warning in preview.warnings),
    ]
    for title, text, _ in _sections(preview):
        lines += ["", f"-- {title}", text]
    return _CONTROL.sub("", "\n".join(lines))


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters, and how many more it has."""
    more = len(text) - most
    return text if more <= 0 else f"{text[:most]}\n… {more:,} more characters"


def _sections(preview: ShownRequest) -> Iterator[tuple[str, str, str]]:
    """Yield the title, the text and the language of each block."""
    messages, before = preview.messages, 0
    for number in _ends(messages):
        if number > before + 1:
            between = f"{number - before - 1} more messages are in the body."
            yield "…", between, "text"
        message, before = messages[number - 1], number
        yield f"{number}. {message.role}", _words(message), "text"
    if preview.headers:
        yield "Headers", preview.headers, "text"
    title = "Body, indented" if preview.exact else "Body, as far as it is known"
    yield title, cut(preview.body, _BODY), "json"


def _ends(messages: Sequence[ShownMessage]) -> list[int]:
    """Return the numbers of the messages that are shown, counted from 1.

    Of a long conversation these are the system prompt and the last messages.
    """
    count = len(messages)
    first = 1 if messages and messages[0].role == "system" else 0
    if count <= first + _LAST + 1:
        return [*range(1, count + 1)]
    return [*range(1, first + 1), *range(count - _LAST + 1, count + 1)]


def _words(message: ShownMessage) -> str:
    lines = [f"[{cut(line, _TEXT)}]" for line in message.attached]
    return "\n".join([*lines, cut(message.text, _TEXT)]).strip("\n")


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
