"""What is attached to a question: the parts to send, and what a preview shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from ..errors import UsageError
from ..providers.messages import ChatRequest, DocumentPart, Message, Part
from ..providers.token_estimate import estimated_tokens
from ..sizes import size_in_words

__all__ = [
    "EXCERPT",
    "Attachment",
    "AttachmentKind",
    "Limits",
    "check_total",
    "document",
    "parts_to_send",
]

AttachmentKind = Literal["image", "pdf", "notebook", "table", "text"]

EXCERPT = 600
"""Characters of a document that its preview shows."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much can be attached: bytes of a file, an image, and all of one message.

    `pages` and `characters` are how much text is read of a document.
    """

    file: int = 50 * _MEGABYTE
    image: int = 50 * _MEGABYTE
    message: int = 250 * _MEGABYTE
    pages: int = 500
    characters: int = 500_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, an image or a value that is sent with a question.

    `parts` is what is sent. `size` is in bytes, `pixels` are width and height, and
    `tokens` are estimated. `excerpt` is how its text begins, "" for an image. `notes`
    says what was left out of it, or changed.
    """

    name: str
    kind: AttachmentKind
    media_type: str
    size: int
    parts: tuple[Part, ...] = field(repr=False)
    tokens: int
    source: str = ""
    title: str = ""
    pages: int | None = None
    pixels: tuple[int, int] | None = None
    excerpt: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        pages = "" if self.pages is None else f"{self.pages:,} pages"
        if self.pages == 1:
            pages = "1 page"
        pixels = f"{self.pixels[0]} x {self.pixels[1]}" if self.pixels else ""
        facts = (
            self.name,
            self.kind,
            pages,
            pixels,
            size_in_words(self.size),
            f"about {self.tokens:,} tokens",
            *self.notes,
        )
        return ", ".join(filter(None, facts))


def document(  # noqa: PLR0913 - what a preview shows
    name: str,
    kind: AttachmentKind,
    media_type: str,
    size: int,
    text: str,
    *,
    source: str = "",
    title: str = "",
    pages: int | None = None,
    original: str = "",
    notes: tuple[str, ...] = (),
) -> Attachment:
    """Return a document as an attachment; `original` is the file as a `data:` URL."""
    known = title if title and title != name else ""
    shown = f"{known} ({name})" if known else name
    part = DocumentPart(text, id="1", source=source, title=shown, data=original)
    return Attachment(
        name=name,
        kind=kind,
        media_type=media_type,
        size=size,
        parts=(part,),
        tokens=tokens_of((part,)),
        source=source,
        title=title,
        pages=pages,
        excerpt=text[:EXCERPT].strip(),
        notes=notes,
    )


def tokens_of(parts: tuple[Part, ...]) -> int:
    """Estimate the tokens of some parts."""
    return estimated_tokens(ChatRequest("", (Message("user", parts),)))


def check_total(attachments: Iterable[Attachment], limits: Limits) -> None:
    """Check that one message can have all of these.

    Raises:
        UsageError: together they are too large.

    """
    sizes = [each.size for each in attachments]
    if sum(sizes) > limits.message:
        message = (
            f"The {len(sizes)} attachments have {size_in_words(sum(sizes))}; the limit "
            f"of one message is {size_in_words(limits.message)}."
        )
        raise UsageError(message, hint="Send some of them with another question.")


def parts_to_send(attachments: Iterable[Attachment]) -> tuple[Part, ...]:
    """Return the parts of all, with documents numbered so that they can be cited."""
    parts: list[Part] = []
    number = 0
    for part in (part for each in attachments for part in each.parts):
        if isinstance(part, DocumentPart):
            number += 1
            parts.append(replace(part, id=str(number)))
        else:
            parts.append(part)
    return tuple(parts)
