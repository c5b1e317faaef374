"""Separates the thoughts that a model writes into its text from the answer.

Pure: text in, events out.
"""

from __future__ import annotations

from .messages import StreamEvent, TextDelta, ThinkingDelta

__all__ = ["ThinkingSplitter"]


class ThinkingSplitter:
    """Separates `<think>...</think>` at the beginning of a text from the answer.

    Gemini's servers write `<thought>`. Only at the beginning: models that think aloud
    do it first, and a tag further on belongs to the answer. The tags may arrive in any
    number of pieces.
    """

    _OPENINGS = ("<think>", "<thought>")

    def __init__(self) -> None:
        self._state = "start"
        self._close = ""
        self._held = ""

    @property
    def plain(self) -> bool:
        """Whether all further text belongs to the answer."""
        return self._state == "text"

    def feed(self, text: str) -> list[StreamEvent]:
        """Return the events that are certain with this piece of text."""
        if self._state == "text":
            return [TextDelta(text)] if text else []
        held, self._held = self._held + text, ""
        if self._state == "start":
            return self._start(held)
        if self._state == "opened":
            return self._opened(held)
        if self._state == "gap":
            return self._gap(held)
        return self._thinking(held)

    def end(self) -> list[StreamEvent]:
        """Return what was held back in case it became a tag."""
        held, self._held = self._held, ""
        if not held:
            return []
        if self._state == "thinking":
            return [ThinkingDelta(held)]
        return [TextDelta(held)] if self._state == "start" else []

    def _start(self, held: str) -> list[StreamEvent]:
        begun = held.lstrip()
        for opening in self._OPENINGS:
            if begun.startswith(opening):
                self._state = "opened"
                self._close = f"</{opening[1:]}"
                return self._opened(begun[len(opening) :])
            if opening.startswith(begun):
                self._held = held
                return []
        self._state = "text"
        return [TextDelta(held)]

    def _opened(self, held: str) -> list[StreamEvent]:
        thought = held.lstrip("\r\n")
        if not thought:
            return []
        self._state = "thinking"
        return self._thinking(thought)

    def _thinking(self, held: str) -> list[StreamEvent]:
        thought, tag, after = held.partition(self._close)
        if tag:
            self._state = "gap"
            events: list[StreamEvent] = [ThinkingDelta(thought)] if thought else []
            return events + self._gap(after)
        keep = next(
            n
            for n in range(len(self._close) - 1, -1, -1)
            if held[-n or len(held) :] == self._close[:n]
        )
        self._held = held[len(held) - keep :]
        thought = held[: len(held) - keep]
        return [ThinkingDelta(thought)] if thought else []

    def _gap(self, held: str) -> list[StreamEvent]:
        """The empty lines between a thought and the answer belong to neither."""
        text = held.lstrip("\r\n")
        if not text:
            return []
        self._state = "text"
        return [TextDelta(text)]
