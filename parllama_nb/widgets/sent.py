"""What would be sent, as the chat and the compare view show it."""

from __future__ import annotations

import asyncio

from pydantic import Field

from ..chats.preview import RequestPreview
from ..chats.preview_words import ShownMessage, cut
from ._protocol import Wire

__all__ = ["SentData", "SentFact", "SentMessage", "sent_data", "shown_data"]

_TEXT = 8_000
_BODY = 100_000
"""Characters of a message and of the body that a page gets."""

_LAST = 20
"""Messages at the end of a long conversation that a page gets."""


class SentFact(Wire):
    """A fact of a request, or a header, by its name."""

    name: str
    value: str


class SentMessage(Wire):
    """A message: its place in the request, counted from 1, and a line per image."""

    number: int
    role: str
    text: str
    attached: list[str] = Field(default_factory=list)


class SentData(Wire):
    """What would be sent, without secrets.

    `tokens` are in words. `skipped` messages after the first one are in the body alone.
    `size` of the body is in bytes; an `exact` one is what is sent, byte for byte.
    """

    model: str
    host: str
    tokens: str
    facts: list[SentFact]
    warnings: list[str] = Field(default_factory=list)
    messages: list[SentMessage]
    skipped: int = 0
    headers: list[SentFact] = Field(default_factory=list)
    body: str
    size: int
    exact: bool


async def sent_data(preview: RequestPreview) -> SentData:
    """Return a preview as views show it.

    In a thread: images of some megabytes take a while, and answers stream meanwhile.
    """
    return await asyncio.to_thread(shown_data, preview)


def shown_data(preview: RequestPreview) -> SentData:
    """As `sent_data`, on any thread."""
    messages = preview.messages
    skipped = max(0, len(messages) - 1 - _LAST)
    numbered = [(n, each) for n, each in enumerate(messages, 1)]
    shown = [*numbered[:1], *numbered[1 + skipped :]]
    return SentData(
        model=preview.model,
        host=preview.host,
        tokens=str(preview.tokens),
        facts=[SentFact(name=name, value=value) for name, value in preview.facts],
        warnings=list(preview.warnings),
        messages=[_message(number, each) for number, each in shown],
        skipped=skipped,
        headers=[
            SentFact(name=name, value=preview.redact(value))
            for name, value in preview.wire.headers
        ],
        body=cut(preview.shown_body, _BODY),
        size=len(preview.body),
        exact=preview.exact,
    )


def _message(number: int, message: ShownMessage) -> SentMessage:
    return SentMessage(
        number=number,
        role=message.role,
        text=cut(message.text, _TEXT),
        attached=[cut(line, _TEXT) for line in message.attached],
    )
