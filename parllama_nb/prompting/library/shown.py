"""Prompts as Markdown: one of the library, and one that is filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...markdown.escapes import without_controls
from ...markdown.sanitize import escape, sanitize
from ...markdown.writing import fenced, table
from ...secret import redacted

if TYPE_CHECKING:
    from ...providers.messages import Message
    from .variables import Variable

__all__ = [
    "blocks_of",
    "filled_blocks",
    "prompt_markdown",
    "prompt_text",
    "rendered_markdown",
    "rendered_text",
]

_LONGEST = 20_000
"""Characters of a message that are shown: a notebook keeps them."""


def blocks_of(  # noqa: PLR0913 - what there is of a prompt to show
    name: str,
    description: str,
    messages: Sequence[Message],
    variables: Sequence[Variable],
    facts: Sequence[str],
    *,
    redact: Callable[[str], str],
) -> list[str]:
    """Return all of a prompt as blocks of Markdown, `facts` in the line below its name.

    What it holds is redacted and escaped; who shows the blocks sanitizes them.
    """
    rows = [
        (
            f"`{each.name}`",
            escape(redact("" if each.default is None else repr(each.default))),
            escape(redact(each.description)),
        )
        for each in variables
    ]
    return [
        f"**{escape(redact(name))}**",
        *([escape(redact(description))] if description else []),
        escape(redact(" · ".join(filter(None, facts)))),
        *_texts(messages, redact),
        *([table(("variable", "default", "description"), rows)] * bool(rows)),
    ]


def filled_blocks(
    name: str, messages: Sequence[Message], redact: Callable[[str], str]
) -> list[str]:
    """Return what is sent of a prompt that is filled in, as blocks of Markdown."""
    return [f"**{escape(redact(name))}**, filled in", *_texts(messages, redact)]


def prompt_markdown(
    name: str,
    description: str,
    messages: Sequence[Message],
    variables: Sequence[Variable],
    facts: Sequence[str],
) -> str:
    """Return a prompt as Markdown that is safe to show and to share."""
    blocks = blocks_of(name, description, messages, variables, facts, redact=redacted)
    return sanitize("\n\n".join(filter(None, blocks)))


def rendered_markdown(name: str, messages: Sequence[Message]) -> str:
    """Return a prompt that is filled in as Markdown that is safe to show."""
    return sanitize("\n\n".join(filled_blocks(name, messages, redacted)))


def prompt_text(
    title: str,
    description: str,
    messages: Sequence[Message],
    variables: Sequence[Variable],
) -> str:
    """Return a prompt as plain text, without what a terminal obeys."""
    declared = [
        each.name if each.default is None else f"{each.name} = {each.default!r}"
        for each in variables
    ]
    blocks = [title, description, *_plain_texts(messages)]
    if declared:
        blocks.append("\n".join(["variables:", *declared]))
    return _printable(blocks)


def rendered_text(title: str, messages: Sequence[Message]) -> str:
    """Return a prompt that is filled in as plain text."""
    return _printable([title, *_plain_texts(messages)])


def _plain_texts(messages: Sequence[Message]) -> list[str]:
    return [f"{message.role}:\n{_cut(message.text)}" for message in messages]


def _printable(blocks: Sequence[str]) -> str:
    return without_controls(redacted("\n\n".join(filter(None, blocks))))


def _texts(messages: Sequence[Message], redact: Callable[[str], str]) -> list[str]:
    return [
        f"{message.role}:\n\n{fenced(_cut(redact(message.text)))}"
        for message in messages
    ]


def _cut(text: str) -> str:
    more = len(text) - _LONGEST
    return text if more <= 0 else f"{text[:_LONGEST]}\n… {more:,} more characters"
