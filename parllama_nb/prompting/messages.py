"""Reads messages in the format of other libraries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import UsageError
from ..providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    Role,
    TextPart,
)
from .images import image_part

__all__ = ["messages_of"]

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


def messages_of(values: object) -> tuple[Message, ...]:
    """Return the messages of a list.

    Each is a `Message`, or a dict as OpenAI's and litellm's libraries accept it:
    `role`, and `content`, a text or a list of `text` and `image_url` parts. The role
    `developer` is another name of `system`.

    Raises:
        UsageError: one is neither, or has a part that cannot be sent.

    """
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        message = f"messages= takes a list, not a {type(values).__name__}."
        raise UsageError(message, hint='For example [{"role": "user", ...}].')
    return tuple(_message(each, number) for number, each in enumerate(values))


def _message(value: object, number: int) -> Message:
    if isinstance(value, Message):
        return value
    if not isinstance(value, Mapping):
        message = f"messages[{number}] is a {type(value).__name__}, not a dict."
        raise UsageError(
            message, hint='For example {"role": "user", "content": "Hi."}.'
        )
    role = _ROLES.get(str(value.get("role")))
    if role is None:
        message = f"messages[{number}] has an unknown role: {value.get('role')!r:.40}."
        raise UsageError(message, hint=f"Available: {', '.join(_ROLES)}.")
    return Message(role, _parts(value.get("content"), number))


def _parts(content: Any, number: int) -> tuple[Part, ...]:  # noqa: ANN401 - a user's
    if isinstance(content, str):
        return (TextPart(content),)
    if isinstance(content, list | tuple):
        return tuple(_part(each, number) for each in content)
    message = f"messages[{number}] has a {type(content).__name__} as its content."
    raise UsageError(message, hint="The content must be a text or a list of parts.")


def _part(value: object, number: int) -> Part:
    match value:
        case str(text) | {"type": "text", "text": str(text)}:
            return TextPart(text)
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            if url.startswith("data:"):
                return image_part(url)
            message = f"messages[{number}] has an image by its address."
            raise UsageError(message, hint="Nothing is downloaded: give a data: URL.")
        case TextPart() | ImagePart() | DocumentPart():
            return value
    kind = value.get("type") if isinstance(value, Mapping) else type(value).__name__
    message = f"messages[{number}] has a part that cannot be sent: {kind!r:.40}."
    raise UsageError(message, hint="Available types: text, image_url.")
