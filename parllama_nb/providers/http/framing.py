"""Splits the bytes of an answer into the JSON values it is made of.

They come as an event stream, as one object a line, or as one document; what the header
says of that is often wrong, so each line itself decides. Event streams are those of
https://html.spec.whatwg.org/multipage/server-sent-events.html, and the ways in which
servers are known to break that format are read too.
"""

from __future__ import annotations

import re

from .json_values import Mark, Value, complaint_of, failure_of, object_of, values_of
from .stream_errors import UnreadableError

__all__ = ["Framer"]

_LONGEST = 64 * 1024 * 1024
"""Bytes of one line, and of one document."""

_STRAY = b"\xef\xbb\xbf \t\0\x1e"
"""Bytes that some servers put before a line: those of a byte order mark, and the record
separator of https://www.rfc-editor.org/rfc/rfc7464."""

_FIELDS = (b":", b"id:", b"retry:")
_FAILED = re.compile(rb"error|exception|fail(ed|ure)?\b", re.IGNORECASE)
"""How the names of events begin that hold an error."""


class _Lines:
    """Splits bytes into lines that end in LF, CR or both."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._length = 0
        self._after_cr = False

    def split(self, received: bytes) -> list[bytes]:
        """Return every line that is complete by now.

        Raises:
            UnreadableError: a line has no end.

        """
        if self._after_cr and received:
            # The two bytes of one line end may come in two pieces.
            received = received.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in received:
            self._after_cr = received.endswith(b"\r")
            received = received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = received.split(b"\n")
        if len(lines) == 1:
            self._keep(received)
            return []
        if self._rest:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest, self._length = [], 0
        self._keep(lines.pop())
        return lines

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._rest.append(piece)
            self._length += len(piece)
            if self._length > _LONGEST:
                what = "a line without end"
                raise UnreadableError(what)


class Framer:
    """Splits the bytes of one answer into values.

    `first_words` is the first line that is nothing of an answer, "" as long as all
    others are.
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        # The lines so far of what is longer than one.
        self._held: list[bytes] = []
        self._length = 0
        # Whether they are a document, which no empty line ends.
        self._document = False
        self._tried = 0
        self._failed = False
        self._begun = False
        self.first_words = ""

    def feed(self, received: bytes) -> list[Value]:
        """Return every value that is complete by now.

        Raises:
            UnreadableError: a line or a document has no end, or it is a web page.

        """
        values: list[Value] = []
        for line in self._lines.split(received):
            if line.startswith(b"data:"):
                self._data(line[5:].strip(), values)
            elif not line:
                if self._held or self._failed:
                    self._blank(values)
            else:
                self._other(line, values)
        if values:
            self._begun = True
        return values

    def end(self) -> list[Value]:
        """Return what the stream ended with, if the end of that is missing.

        Raises:
            UnreadableError: it is a web page.

        """
        values = self.feed(b"\n")
        self._settle(values)
        return values

    def _data(self, data: bytes, values: list[Value]) -> None:
        """Read one line of data.

        A whole object is read at once: some servers end their events with one line
        break, and by the format the next line would belong to the same event.
        """
        if data.startswith(b"{") and data.endswith(b"}") and not self._failed:
            value = object_of(data)
            if value is not None:
                if self._held:
                    self._settle(values)
                values.append(value)
                return
        if self._document:
            # An object may be cut into two events, though never so by the format.
            value = object_of(b"".join((*self._held, data)))
            if value is not None:
                self._drop()
                values.append(value)
                return
        if self._document or data.startswith(b"[DONE]"):
            self._settle(values)
        if data:
            self._hold(data)
            if data.startswith(b"[DONE]"):
                self._settle(values)

    def _blank(self, values: list[Value]) -> None:
        """Read an empty line, the end of an event."""
        if self._document:
            self._hold(b"")
            return
        if self._is_cut():
            # More of it may come, after a raw line break inside a string.
            self._document = True
            self._hold(b"")
            return
        self._settle(values)
        self._failed = False

    def _is_cut(self) -> bool:
        """Whether the lines held are the beginning of an object."""
        if self._failed or not self._held:
            return False
        return self._held[0].startswith(b"{") and not self._held[-1].endswith(b"}")

    def _other(self, line: bytes, values: list[Value]) -> None:
        """Read a line that is no data, or does not begin as such."""
        field = line.lstrip(_STRAY)
        if field.startswith(b"data:"):
            self._data(field[5:].strip(), values)
        elif field.startswith(b"event:"):
            self._settle(values)
            self._failed = _FAILED.match(field[6:].strip()) is not None
        elif field.startswith(b"error:"):
            self._settle(values)
            self._failed = True
            data = field[6:].strip()
            self._hold(data)
            if data.endswith(b"}") or not data.startswith(b"{"):
                self._settle(values)
                self._failed = False
        elif not field.startswith(_FIELDS):
            self._text(line if self._held else field, values)

    def _text(self, line: bytes, values: list[Value]) -> None:
        """Read a line outside of all fields: an object, some of one, or words."""
        text = line.strip()
        value = object_of(line.rstrip()) if line[:1] == b"{" else None
        if value is not None:
            self._settle(values)
            values.append(value)
        elif self._held:
            # Of a document, or after a raw line break inside a string.
            self._hold(line)
            self._try(text, values)
        elif text[:1] in (b"{", b"["):
            self._document = not text.startswith(b"[DONE]")
            self._hold(text)
            if text.endswith(b"}" if text[:1] == b"{" else b"]"):
                self._settle(values)
        elif text[:1] == b"<" and not (self._begun or values or self.first_words):
            what = "a web page"
            raise UnreadableError(what)
        elif text:
            words = text.decode("utf-8", "replace")
            self._note(words)
            if (complaint := complaint_of(words)) is not None:
                values.append(complaint)

    def _try(self, text: bytes, values: list[Value]) -> None:
        """Read the lines held, if they may be complete with this one."""
        if not text.endswith((b"}", b"]")):
            return
        # Only after they have grown by half, so that the time stays linear.
        if self._length < self._tried * 1.5:
            return
        self._tried = self._length
        value = object_of(b"\n".join(self._held))
        if value is not None:
            self._drop()
            values.append(value)

    def _hold(self, line: bytes) -> None:
        self._held.append(line)
        self._length += len(line)
        if self._length > _LONGEST:
            what = "a document without end"
            raise UnreadableError(what)

    def _drop(self) -> None:
        self._held = []
        self._length = self._tried = 0
        self._document = False

    def _settle(self, values: list[Value]) -> None:
        """Read the lines held, which are all there is of their event."""
        if not self._held:
            return
        data = b"\n".join(self._held)
        self._drop()
        if self._failed:
            values.append(failure_of(data))
        else:
            read = list(values_of(data))
            if read == [Mark.JUNK]:
                self._note(data.decode("utf-8", "replace"))
            values.extend(read)

    def _note(self, words: str) -> None:
        """Note words in place of an answer, for an error."""
        if words[:1].isalpha() or " " in words:
            self.first_words = self.first_words or words
