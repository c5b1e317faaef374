"""Separates thoughts from the answer in a text of harmony, the format of gpt-oss.

https://github.com/openai/harmony/blob/main/docs/format.md. Servers turn it into fields
of their own; one that does not know the format passes it on as text. Pure: text in,
events out.
"""

from __future__ import annotations

import re
from typing import Literal

from .messages import StreamEvent, TextDelta, TextWasThinking, ThinkingDelta

__all__ = ["BEGINNINGS", "FINAL", "HarmonySplitter"]

_CHANNELS = ("analysis", "commentary", "final")

BEGINNINGS = (
    "<|start|>assistant",
    "<|message|>",
    *(f"<|channel|>{name}" for name in _CHANNELS),
    *(f"{name}<|message|>" for name in _CHANNELS),
)
"""How a text of harmony may begin; the prompt may have had the first tokens of it."""

_FINAL = "<|channel|>final<|message|>"
FINAL = tuple(
    f"{end}{start}{_FINAL}"
    for end in ("<|end|>", "")
    for start in ("<|start|>assistant", "")
)
"""How the answer may begin after thoughts whose own beginning is in the prompt."""

_TOKEN = re.compile(r"<\|(start|channel|message|constrain|end|return|call)\|>")
_LONGEST = len("<|constrain|>") - 1
_ROLE = "assistant"

_Kind = Literal["text", "thinking"]


class HarmonySplitter:
    """Tells the messages of a text apart by their channels.

    What is in `final` is the answer, and so is a preamble: a message in `commentary`
    that goes to no tool. Everything else is thinking; so is a message without a
    channel, if a message in `final` comes after it. Any part of a message's header may
    be missing. Used from the first token of the format on.
    """

    def __init__(self) -> None:
        self._held = ""
        self._header: str | None = ""
        """The header so far, tokens as words; None within a message."""
        self._may_be_text = False
        self._kind: _Kind = "text"
        self._given: set[_Kind] = set()
        self._unnamed = False
        self._lead: str | None = ""
        """What goes before the message; None within its text."""

    def feed(self, text: str) -> list[StreamEvent]:
        """Return the events that are certain with this piece of text."""
        held, self._held = self._held + text, ""
        events: list[StreamEvent] = []
        while token := _TOKEN.search(held):
            # The empty lines around a message belong to none.
            events += self._take(held[: token.start()].rstrip())
            events += self._turn(token[1])
            held = held[token.end() :]
        # A token may be cut in two.
        start = held.rfind("<", max(0, len(held) - _LONGEST))
        certain = (held if start < 0 else held[:start]).rstrip()
        self._held = held[len(certain) :]
        return events + self._take(certain)

    def end(self) -> list[StreamEvent]:
        """Return what was held back in case it became a token."""
        held, self._held = self._held.rstrip(), ""
        return self._take(held)

    def _turn(self, name: str) -> list[StreamEvent]:
        """Note a token: it begins, continues or ends the header of a message."""
        if name == "message":
            return self._begin(self._header or "")
        self._may_be_text = name in ("end", "return", "call")
        if self._may_be_text or self._header is None:
            self._header = ""
        self._header += f" {name} "
        return []

    def _begin(self, header: str) -> list[StreamEvent]:
        """Begin a message with this header."""
        words = header.split()
        called = any(word.startswith("to=") for word in words)
        thinks = "analysis" in words or called
        self._kind = "text" if "final" in words or not thinks else "thinking"
        self._header, events = None, list[StreamEvent]()
        if "final" in words and self._unnamed and "text" in self._given:
            events.append(TextWasThinking())
            self._given = {"thinking"}
        self._unnamed = not set(words) & {*_CHANNELS}
        # Two messages of one kind are two paragraphs.
        self._lead = "\n\n" if self._kind in self._given else ""
        return events

    def _take(self, text: str) -> list[StreamEvent]:
        """Return the event of a piece of a message; a header has none."""
        if self._header is not None and text:
            self._header += text
            begun = self._header.split(maxsplit=1)[1:] if self._may_be_text else []
            role = begun[0] if begun else _ROLE
            if role.startswith(_ROLE) or _ROLE.startswith(role):
                return []
            # The next message has no header at all.
            self._may_be_text = False
            events = self._begin("")
            return events + self._take(role)
        if self._lead is not None:
            text = text.lstrip("\r\n")
            text = text and self._lead + text
        if not text:
            return []
        self._lead = None
        self._given.add(self._kind)
        return [TextDelta(text) if self._kind == "text" else ThinkingDelta(text)]
