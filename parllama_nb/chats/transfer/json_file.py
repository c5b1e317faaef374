"""One conversation as JSON, with everything that is known of it.

docs/conversation-format.md says what stands where.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import UsageError
from ..history.saved import SavedConversation
from .values import conversation_of, indented, values_of

__all__ = [
    "FORMAT",
    "VERSION",
    "check_version",
    "content_of",
    "conversation_in",
    "read_json",
    "write_json",
]

FORMAT = "parllama_nb conversation"
VERSION = 1
"""Of the values of a conversation, in whatever file they stand."""

_DIGITS = 10  # a version with more is none


def write_json(conversation: SavedConversation) -> str:
    """Return a conversation as JSON; `read_json` returns the same."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "conversation": values_of(conversation),
    }
    return indented(content)


def read_json(text: str) -> SavedConversation | None:
    """Return the conversation of a JSON text; None if it is other JSON.

    Raises:
        UsageError: it is not JSON, is of a later version, or is damaged.

    """
    return conversation_in(content_of(text))


def conversation_in(content: object) -> SavedConversation | None:
    """Return the conversation of a file's JSON values; None if they are of another.

    Raises:
        UsageError: it is of a later version, or is damaged.

    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    check_version(content.get("version"))
    return conversation_of(content.get("conversation"))


def check_version(version: object) -> None:
    """Refuse a version that is not known.

    Raises:
        UsageError: it is a later one, or none at all.

    """
    text = str(version)
    number = int(text) if text.isdecimal() and len(text) < _DIGITS else 0
    if number == VERSION:
        return
    if number > VERSION:
        message = f"It has the version {number} of the format, which is newer."
        raise UsageError(
            message, hint="Update parllama_nb: %pip install -U parllama_nb"
        )
    message = f"{version!r:.40} is not a version of the format."
    raise UsageError(message, hint="The file is damaged, or was changed by hand.")


def content_of(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return the values of a JSON text.

    Raises:
        UsageError: it is not JSON; the message names the line.

    """
    try:
        return json.loads(text)
    except RecursionError:
        message = "Its values are nested too deep."
    except ValueError as error:
        reason = getattr(error, "msg", type(error).__name__)
        line = getattr(error, "lineno", None)
        message = f"It is not JSON: {reason}{f', line {line}' if line else ''}."
    raise UsageError(message, hint="The file is damaged, or was changed by hand.")
