"""An answer while its stream is read: its text, its usage, and whether it is complete.

What a chunk means, the reader of a wire format says; what is to be made of it is the
same for all of them, and is here. Pure: no I/O.
"""

from __future__ import annotations

from typing import Any

from ..messages import FinishReason, StreamEvent, TextDelta, ThinkingDelta, Usage
from ..thinking import ThinkingSplitter
from ..thinking_fields import content_parts
from .error_bodies import is_error, words_of
from .stream_errors import ReportedError

__all__ = ["AnswerSoFar"]

_SENTENCE = 8
"""Characters from which on a piece that equals all text before it is no coincidence."""

_WORD = 3
"""Characters that such a text has before, if each piece is a longer one."""

_SPACE = 3
"""Characters of space that such a piece may have more, or fewer."""

_SIGNS = frozenset(
    [
        *("type", "status", "event", "object", "id", "model", "usage", "position"),
        *("time", "timestamp", "created", "created_at", "elapsed", "progress"),
    ]
)
"""Fields of an object that says no more than that the server is alive."""

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class AnswerSoFar:
    """What has come of one answer, and whether it is all of it.

    Servers give a reason with the last piece, or after it, or with every piece, or not
    at all; so a reason counts as long as no text comes after it.

    `begun`: text has arrived. `done`: no more will. `length` counts its characters
    as they came. `known`: an object of the wire format has arrived.
    `remark` is an object that holds words and no part of an answer; it is the error if
    nothing more comes. `strange` is the first object that the wire format does not
    have.
    """

    def __init__(self, splitter: ThinkingSplitter | None = None) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.done = False
        self.begun = False
        self.known = False
        self.length = 0
        self.strange: object = None
        self.remark: object = None
        self._splitter = splitter
        # The thoughts in marks, as far as they may be those of a field again.
        self._marked = ""
        self._text = _Growing()
        self._thought = _Growing()
        self._bare = False
        self._doubtful = False
        self._rounded = False
        self._gap = False

    @property
    def complete(self) -> bool:
        """Whether a stream that ends here, in good order, gave the whole answer."""
        if not self.begun and (self._gap or (self.strange and not self.known)):
            return False
        if self.done and not self.begun and self.reason is None:
            return self.remark is None
        return self.done or self.reason is not None or self._rounded

    @property
    def certain(self) -> bool:
        """Whether the answer is whole, in whichever way its connection ends."""
        return self.complete and (self.done or not self._doubtful)

    @property
    def closing(self) -> bool:
        """Whether all that may still come is the usage."""
        return self.begun and self._bare and not self._doubtful

    def add_text(self, text: str, into: list[StreamEvent]) -> None:
        """Append the events of some more text."""
        if self._gap and text:
            self._mark_gap(into)
        self.length += len(text)
        text = self._text.add(text)
        if text:
            self._grow()
            self._split(text, into)

    def add_content(self, content: object, into: list[StreamEvent]) -> None:
        """Append the events of a content: a text, or parts of text and thinking."""
        if isinstance(content, str):
            self.add_text(content, into)
        elif content:
            for text, thought in content_parts(content):
                self.add_thought(thought, into)
                self.add_text(text, into)

    def add_thought(self, text: str, into: list[StreamEvent]) -> None:
        """Append the event of some more thinking."""
        self.length += len(text)
        text = self._thought.add(text)
        if text:
            if self._gap:
                self._gap = False
                into.append(ThinkingDelta(_UNREADABLE))
            if self._splitter is not None:
                self._splitter.come_apart()
            self._grow()
            into.append(ThinkingDelta(text))

    def add_message(
        self, text: str, thought: str, into: list[StreamEvent], *, repeated: bool
    ) -> None:
        """Append what a message has beyond the text so far.

        `repeated`: its pieces have come before it, so that it is text and thinking of
        the whole answer. Else it may also be the next piece.
        """
        self.add_thought(self._thought.beyond(thought, repeated=repeated), into)
        self.add_text(self._text.beyond(text, repeated=repeated), into)

    def add_damaged(self) -> None:
        """Note an object that cannot be read: a sign in the text stands for it."""
        self._gap = self.reason is None or self._doubtful

    def add_other(self, chunk: dict[str, Any]) -> None:
        """Note an object that is no part of an answer.

        Raises:
            ReportedError: it is an error.

        """
        if is_error(chunk):
            raise ReportedError(chunk)
        if words_of(chunk):
            self.remark = chunk
        if not _SIGNS.issuperset(chunk):
            self.strange = self.strange or chunk

    def stop(self, reason: FinishReason, *, bare: bool) -> None:
        """Note why the answer ended; `bare`: no text came with it."""
        self.reason = reason
        self._bare = bare

    def round_off(self) -> None:
        """Note that this is where an answer ends, unless more text comes."""
        self._rounded = self.begun

    def end(self) -> list[StreamEvent]:
        """Return what was held back until the end."""
        events: list[StreamEvent] = []
        for rest, add in (
            (self._thought.rest(), self.add_thought),
            (self._text.rest(), self.add_text),
        ):
            add(rest, events)
        if self._gap and self.complete:
            self._mark_gap(events)
        if self._splitter is not None:
            events.extend(filter(self._is_new, self._splitter.end()))
        return events

    def _mark_gap(self, into: list[StreamEvent]) -> None:
        self._gap = False
        if self._text.length:
            self._split(_UNREADABLE, into)
        else:
            # By itself, so that a tag at the beginning of the text stays one.
            into.append(TextDelta(_UNREADABLE))

    def _grow(self) -> None:
        self.begun = True
        self.remark = None
        self._rounded = False
        if self.reason is not None:
            self._doubtful = True

    def _split(self, text: str, into: list[StreamEvent]) -> None:
        if self._splitter is None or self._splitter.plain:
            into.append(TextDelta(text))
        else:
            into.extend(filter(self._is_new, self._splitter.feed(text)))

    def _is_new(self, event: StreamEvent) -> bool:
        """Whether an event is no thought that a field has told already.

        llama.cpp's server keeps thoughts in the text as well, if `--reasoning-format`
        is `deepseek-legacy`.
        """
        if not (self._thought.length and isinstance(event, ThinkingDelta)):
            return True
        self._marked += event.text
        return not self._thought.text.strip().startswith(self._marked.strip())


class _Growing:
    """The pieces of a text, each taken once.

    Some servers send all of the text once more as the last piece. A piece that may be
    that is held back: it is text if more comes after it, else it is dropped. Others
    send with each piece all before it; the first ones are held back until that is sure.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self._held = ""
        # The first pieces, as long as each begins with the one before.
        self._first: list[str] | None = []
        self._grows = False

    @property
    def text(self) -> str:
        """What was returned so far."""
        return "".join(self._pieces)

    def add(self, piece: str) -> str:
        """Return what is certain to be text with this piece."""
        if not piece:
            return ""
        if self._first is not None:
            piece = self._begin(self._first, piece)
        elif self._grows:
            piece = self.beyond(piece, repeated=len(piece) <= self.length)
        if not piece:
            return ""
        if self._held:
            piece, self._held = self._held + piece, ""
        elif len(piece) >= _SENTENCE and self._is_repeated(piece):
            self._held = piece
            return ""
        self._pieces.append(piece)
        self.length += len(piece)
        return piece

    def beyond(self, text: str, *, repeated: bool) -> str:
        """Return what of a message's text is new; see `AnswerSoFar.add_message`."""
        if len(text) > self.length:
            known = self.text
            if text.startswith(known):
                return text[len(known) :]
        return "" if self.length and repeated else text

    def rest(self) -> str:
        """Return what was held back, and is text now that no more comes."""
        held, self._first = (self._first or [])[1:], None
        return "".join(held)

    def _begin(self, first: list[str], piece: str) -> str:
        """Return what is certain to be text with one of the first pieces."""
        if not first:
            first.append(piece)
            return piece
        last = first[-1]
        if not (last.strip() and piece.startswith(last) and piece != last):
            return self.rest() + piece
        first.append(piece)
        if len(first) <= 2 or len(piece) < _SENTENCE or len(last) < _WORD:  # noqa: PLR2004
            return ""
        if _is_periodic(piece) or _is_periodic(last):
            return ""
        self._first, self._grows = None, True
        return piece[len(first[0]) :]

    def _is_repeated(self, piece: str) -> bool:
        """Whether a piece is all of the text again, apart from space around it."""
        if abs(len(piece) - self.length) > _SPACE or len(self._pieces) == 1:
            return False
        text = piece.strip()
        if text != self.text.strip():
            return False
        # "ha" and "ha" may well be followed by "haha".
        return not any(map(_is_periodic, (piece, text, f"{text} ", f"{text}\n")))


def _is_periodic(text: str) -> bool:
    """Whether a text is a shorter one several times."""
    return (text + text).find(text, 1) < len(text)
