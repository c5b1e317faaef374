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
    from .prompt import Prompt
    from .rendering import Rendered

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


def blocks_of(
    prompt: Prompt, facts: Sequence[str], redact: Callable[[str], str]
) -> list[str]:
    """Return all of a prompt as blocks of Markdown, `facts` in the line below its name.

    What it holds is redacted and escaped; who shows the blocks sanitizes them.
    """
    variables = [
        (
            f"`{each.name}`",
            escape(redact("" if each.default is None else repr(each.default))),
            escape(redact(each.description)),
        )
        for each in prompt.variables
    ]
    return [
        f"**{escape(redact(prompt.name))}**",
        *([escape(redact(prompt.description))] if prompt.description else []),
        escape(redact(" · ".join(filter(None, facts)))),
        *_texts(prompt.messages, redact),
        *([table(("variable", "default", "description"), variables)] * bool(variables)),
    ]


def filled_blocks(rendered: Rendered, redact: Callable[[str], str]) -> list[str]:
    """Return what is sent of a prompt that is filled in, as blocks of Markdown."""
    title = f"**{escape(redact(rendered.prompt.name))}**, filled in"
    return [title, *_texts(rendered.messages, redact)]


def prompt_markdown(prompt: Prompt) -> str:
    """Return a prompt as Markdown that is safe to show and to share."""
    facts = [
        f"version {prompt.version}" if prompt.version else "",
        f"from {prompt.source}" if prompt.source else "",
        ", ".join(prompt.tags),
        f"written for {prompt.model}" if prompt.model else "",
    ]
    return sanitize("\n\n".join(filter(None, blocks_of(prompt, facts, redacted))))


def rendered_markdown(rendered: Rendered) -> str:
    """Return a prompt that is filled in as Markdown that is safe to show."""
    return sanitize("\n\n".join(filled_blocks(rendered, redacted)))


def prompt_text(prompt: Prompt) -> str:
    """Return a prompt as plain text, without what a terminal obeys."""
    variables = [
        each.name if each.default is None else f"{each.name} = {each.default!r}"
        for each in prompt.variables
    ]
    blocks = [repr(prompt), prompt.description, *_plain_texts(prompt.messages)]
    if variables:
        blocks.append("\n".join(["variables:", *variables]))
    return _printable(blocks)


def rendered_text(rendered: Rendered) -> str:
    """Return a prompt that is filled in as plain text."""
    return _printable([repr(rendered), *_plain_texts(rendered.messages)])


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
