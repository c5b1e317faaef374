"""Makes a request what its model can read: images, PDF files as they are, or text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ..errors import UsageError
from ..providers.base import Provider
from ..providers.message_parts import is_file
from ..providers.messages import DocumentPart, ImagePart, Message, Part, TextPart
from .mentioned_parts import attached_parts, pictured_mentions
from .request import Built

__all__ = ["NameSeeing", "blindness", "readable"]

NameSeeing = Callable[[str], str | None]
"""Returns a model that sees images, of this provider if it has one; None if unknown."""

Fill = Callable[[Sequence[Message]], Awaitable[tuple[Message, ...]]]

_UNSEEN = "[An image that this model cannot see.]"


async def _as_they_are(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(messages)


async def readable(
    built: Built,
    provider: Provider,
    name_seeing: NameSeeing = lambda _: None,
    fill: Fill = _as_they_are,
    *,
    ask: bool = True,
) -> Built:
    """Return what was built with a request that its model can read.

    `fill` gives messages of the conversation the bytes of their attachments. Without
    `ask`, no server is asked what the model can read.

    A PDF file is sent as it is to a model that is known to read it, else as its text.
    An image of an earlier turn, which another model was shown, is left out for a model
    that is known not to see, and so is the picture of a mention, whose words are sent.

    Raises:
        ParllamaError: `fill` raised it.
        UsageError: an image is attached, and the model is known not to see; or a
            document without text, and the model does not read it as it is.

    """
    request = built.request
    if not any(is_file(part) for each in request.messages for part in each.parts):
        return built
    request = replace(request, messages=await fill(request.messages))
    abilities = await provider.abilities(request.model, ask=ask)
    sees = abilities.get("vision", True)
    if not sees and any(_has_image(message) for message in built.new):
        raise blindness(provider.spec.name, request.model, name_seeing)
    native = provider.spec.documents if abilities.get("pdf") else 0
    size = sum(
        len(part.data) * 3 // 4
        for message in request.messages
        for part in message.parts
        if isinstance(part, DocumentPart)
    )
    # All or none: which one of several the model may read itself says nobody.
    reads = bool(native) and size <= native
    if not reads:
        _check_text(built, f"{provider.spec.name}/{request.model}", native)
    messages = tuple(
        replace(each, parts=tuple(_readable(p, sees, reads) for p in each.parts))
        if any(map(is_file, each.parts))
        else each
        for each in request.messages
    )
    remarks = built.remarks if sees else (*built.remarks, *_unseen(built.new))
    return replace(built, request=replace(request, messages=messages), remarks=remarks)


def blindness(provider: str, model: str, name_seeing: NameSeeing) -> UsageError:
    """Return the error of a question with an image for a model that does not see."""
    other = name_seeing(provider)
    hint = f"{other} can." if other else "Ask a model that can, or leave it out."
    return UsageError(f"{provider}/{model} cannot see images.", hint=hint)


def _has_image(message: Message) -> bool:
    return any(isinstance(part, ImagePart) for part in attached_parts(message.parts))


def _unseen(messages: Sequence[Message]) -> list[str]:
    """Return a remark for each mention whose picture is left out."""
    found = (each for message in messages for each in pictured_mentions(message.parts))
    return [
        f"without the picture of {each}, which this model cannot see" for each in found
    ]


def _readable(part: Part, sees: bool, reads: bool) -> Part:  # noqa: FBT001
    if isinstance(part, ImagePart) and not sees:
        return TextPart(_UNSEEN)
    if isinstance(part, DocumentPart) and part.data and not reads:
        return replace(part, data="")
    return part


def _check_text(built: Built, model: str, native: int) -> None:
    """Refuse a document of which the model would get nothing.

    Raises:
        UsageError: there is one.

    """
    for part in (part for message in built.new for part in message.parts):
        if isinstance(part, DocumentPart) and part.data and not part.text.strip():
            name = part.title or "The document"
            message = f"{name} has no text in it, and {model} cannot read its pages."
            if native:
                message = f"{name} has no text in it, and is too large for {model}."
            hint = "Have its text recognised (OCR), or attach its pages as images."
            raise UsageError(message, hint=hint)
