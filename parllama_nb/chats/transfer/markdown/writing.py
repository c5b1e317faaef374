"""A conversation as Markdown; see `layout` for what keeps its texts apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ....markdown.sanitize import escape
from ....prompting.sources.yaml_values import Inline, write_yaml
from ....providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from ...history.saved import SavedConversation, SavedTurn
from ..facts import answer_of, date_of, image_facts
from ..json_file import FORMAT, VERSION
from ..values import conversation_of, values_of
from .layout import boundary_for, closing, mark

__all__ = ["IMAGE", "IN_FRONT", "write_markdown"]

IN_FRONT = ("name", "model", "folder", "tags", "pinned")
"""Fields of a conversation that stand in the front matter, where people change them."""

IMAGE = ("![Image](", ")")
"""What stands before and after the data of an image."""


def write_markdown(
    conversation: SavedConversation, *, attachments: bool = False
) -> str:
    """Return a conversation as Markdown; `read_markdown` returns the same.

    Without `attachments`, images are only named, and documents are their texts alone.
    """
    values = values_of(conversation)
    # Without what cannot be encoded.
    conversation = conversation_of(values)
    boundary = boundary_for(json.dumps(values, ensure_ascii=False))
    return _Writer(conversation, values, boundary, attachments=attachments).write()


class _Writer:
    """Writes one conversation."""

    def __init__(
        self,
        conversation: SavedConversation,
        values: dict[str, Any],
        boundary: str,
        *,
        attachments: bool,
    ) -> None:
        self._conversation = conversation
        self._values = values
        self._boundary = boundary
        self._attachments = attachments
        self._turns = {each["number"]: each for each in values["turns"]}

    def write(self) -> str:
        conversation = self._conversation
        blocks = [self._front(), f"# {escape(conversation.name)}", *self._head()]
        for turn in conversation.shown:
            blocks += self._turn(turn)
        hidden = conversation.hidden
        if hidden:
            count = f"{len(hidden):,} turn{'' if len(hidden) == 1 else 's'}"
            blocks += ["<details>", f"<summary>Other branches: {count}</summary>"]
            for turn in hidden:
                blocks += self._turn(turn)
            blocks.append("</details>")
        return "\n\n".join(blocks) + "\n"

    def _mark(self, kind: str, values: dict[str, Any] | None = None) -> str:
        return mark(self._boundary, kind, values)

    def _front(self) -> str:
        conversation = self._conversation
        values: dict[str, object] = {
            "format": FORMAT,
            "version": VERSION,
            "boundary": self._boundary,
            "name": conversation.name,
            "model": conversation.model,
            "folder": conversation.folder,
            "tags": Inline(conversation.tags),
            "pinned": conversation.pinned,
            "created": date_of(conversation.created),
        }
        # An empty model is not the same as none.
        kept = {key: value for key, value in values.items() if value}
        if conversation.model == "":
            kept["model"] = ""
        return f"---\n{write_yaml(kept)}---"

    def _head(self) -> Iterator[str]:
        left_out = {"turns", *IN_FRONT}
        values = {
            key: value for key, value in self._values.items() if key not in left_out
        }
        system = values["options"].get("system")
        has_system = isinstance(system, str) and system != ""
        if has_system:
            values["options"] = {**values["options"]}
            del values["options"]["system"]
        yield self._mark("conversation", _without_defaults(values))
        if has_system:
            yield self._mark("part", {"type": "system"})
            yield "## System prompt"
            yield from self._text(system)

    def _turn(self, turn: SavedTurn) -> Iterator[str]:
        values = dict(self._turns[turn.number])
        del values["question"], values["answer"]
        values["usage"] = _without_defaults(values["usage"])
        yield self._mark("turn", _without_defaults(values))
        if not turn.question:
            yield f"## Turn {turn.number}"
        for message in turn.question:
            yield self._mark("question", {"role": message.role})
            title = "You" if message.role == "user" else message.role.capitalize()
            yield f"## {title}"
            yield from self._parts(message)
        yield self._mark("answer", {"role": turn.answer.role})
        yield f"## {escape(turn.model) or 'Answer'}"
        yield from self._parts(turn.answer)
        if turn.error is not None:
            yield f"> {escape(turn.error.message)}"
        yield f"<sub>{escape(answer_of(turn).footer)}</sub>"

    def _parts(self, message: Message) -> Iterator[str]:
        for part in message.parts:
            if isinstance(part, TextPart):
                yield from self._text(part.text)
            elif isinstance(part, ThinkingPart):
                yield self._mark("part", {"type": part.type})
                yield from self._folded("Thinking", part.text)
            elif isinstance(part, ImagePart):
                yield from self._image(part)
            else:
                yield from self._other(part)

    def _text(self, text: str) -> Iterator[str]:
        closed = closing(text)
        yield self._mark("text")
        yield text + closed
        yield self._mark("end", {"closed": len(closed)} if closed else None)

    def _folded(self, title: str, text: str) -> Iterator[str]:
        yield f"<details>\n<summary>{escape(title)}</summary>"
        yield from self._text(text)
        yield "</details>"

    def _image(self, image: ImagePart) -> Iterator[str]:
        if self._attachments:
            yield self._mark("part", {"type": image.type})
            yield from self._text(f"{IMAGE[0]}{image.url}{IMAGE[1]}")
        else:
            yield self._mark("item", {"type": image.type})
            yield f"*Image ({image_facts(image)}), which is not in this file.*"

    def _other(self, part: Part) -> Iterator[str]:
        values = asdict(part)
        if isinstance(part, ToolCallPart):
            yield self._mark("item", values)
            yield f"*The tool {escape(part.name)} was called.*"
            return
        text = values.pop("text")
        title = "Result of a tool"
        if isinstance(part, DocumentPart):
            if not self._attachments:
                values.pop("data")
            title = part.title or part.source or "Document"
        yield self._mark("part", values)
        yield from self._folded(title, text)


def _without_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a value that say something."""
    return {key: value for key, value in values.items() if value not in (None, {}, [])}
