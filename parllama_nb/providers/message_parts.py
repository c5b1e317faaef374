"""What all wire formats share in writing a message: documents as text, and tool calls.

A message of the model may hold several steps: text and calls, their results, then more
text. The wire formats have a message of its own for each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from .messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = [
    "Step",
    "all_text",
    "document_text",
    "document_title",
    "is_file",
    "result_text",
    "steps",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class Step:
    """Text, the calls that came with it, and their results."""

    text: str = ""
    calls: tuple[ToolCallPart, ...] = ()
    results: tuple[ToolResultPart, ...] = ()


def steps(message: Message) -> list[Step]:
    """Split a message into steps, at least one; a step ends with its results."""
    found = [Step()]
    for part in message.parts:
        last = found[-1]
        if isinstance(part, ToolResultPart):
            found[-1] = Step(last.text, last.calls, (*last.results, part))
            continue
        if last.results and isinstance(part, TextPart | DocumentPart | ToolCallPart):
            last = Step()
            found.append(last)
        if isinstance(part, ToolCallPart):
            found[-1] = Step(last.text, (*last.calls, part))
        elif isinstance(part, TextPart | DocumentPart):
            found[-1] = Step(last.text + text_of(part), last.calls)
    return found


def text_of(part: TextPart | DocumentPart) -> str:
    """Return a part as text."""
    return part.text if isinstance(part, TextPart) else document_text(part)


def document_text(part: DocumentPart) -> str:
    """Write a document as text with its id, so that an answer can cite it."""
    named = ", ".join(filter(None, (part.title, part.source)))
    head = f"[{part.id}] {named}".rstrip()
    return f"\n\n<document>\n{head}\n{part.text}\n</document>\n\n"


def document_title(part: DocumentPart) -> str:
    """Return how a document is called that is sent as it is, with its id."""
    return f"[{part.id}] {part.title or part.source}".rstrip()


def is_file(part: Part) -> bool:
    """Whether a part is a file that some models read as it is, beside the text."""
    return isinstance(part, ImagePart) or (
        isinstance(part, DocumentPart) and bool(part.data)
    )


def result_text(part: ToolResultPart) -> str:
    """Return a result as text, for wire formats that cannot say that a call failed."""
    return f"Error: {part.text}" if part.failed else part.text


def all_text(message: Message) -> str:
    """Return all that a model reads of a message but its images, to count it."""
    texts = []
    for part in message.parts:
        if isinstance(part, TextPart | DocumentPart):
            texts.append(text_of(part))
        elif isinstance(part, ToolCallPart):
            texts.append(f"{part.name} {json.dumps(dict(part.arguments))}")
        elif isinstance(part, ToolResultPart):
            texts.append(result_text(part))
    return "".join(texts)
