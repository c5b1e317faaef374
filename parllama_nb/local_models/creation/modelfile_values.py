"""How a value stands in a Modelfile: bare, or between one or three quotes.

There is no escaping: quotes end a value only where a line ends after them, so that
those within a line are its own. A value is read as `parser/parser.go` of Ollama 0.33
reads it, but for one thing: Ollama drops every character that cannot be printed, such
as the joiners within emoji and in Persian, and the wide space of Japanese. They are
kept here, except at the edges of a value.
"""

from __future__ import annotations

import re

__all__ = ["NEWLINE", "quoted", "read_value", "skip_edge"]

NEWLINE = re.compile(r"\r\n|\r|\n")


def read_value(text: str, place: int) -> tuple[str, int] | None:
    """Read a value; returns it and where it ends, None if its quotes stay open."""
    first = last = -1
    while True:
        newline = NEWLINE.search(text, place)
        end = newline.start() if newline else len(text)
        if first < 0:
            first = last = skip_edge(text, place, end)
        last = max(last, _trim(text, place, end))
        value = _unquoted(text, first, last)
        if value is not None:
            return value, end
        if newline is None:
            return None
        place = newline.end()


def skip_edge(text: str, place: int, end: int) -> int:
    """Return the place of the first character that is no edge."""
    while place < end and _is_edge(text[place]):
        place += 1
    return place


def _trim(text: str, begin: int, end: int) -> int:
    """Return the place after the last character that is no edge."""
    while end > begin and _is_edge(text[end - 1]):
        end -= 1
    return end if end > begin else -1


def _is_edge(letter: str) -> bool:
    return letter == " " or not letter.isprintable()


def _unquoted(text: str, first: int, last: int) -> str | None:
    """Return the value between two places, without quotes; None if they are open."""
    for quotes in ('"""', '"'):
        if text.startswith(quotes, first, last):
            size = len(quotes)
            closed = last - first >= 2 * size and text.startswith(quotes, last - size)
            return text[first + size : last - size] if closed else None
    return text[first:last]


def quoted(value: str) -> str | None:
    """Return a value as it is written, bare if that reads the same.

    None if neither kind of quotes holds it.
    """
    several = NEWLINE.search(value)
    for quotes in ("", '"""', '"') if several else ("", '"', '"""'):
        written = f"{quotes}{value}{quotes}"
        if written and read_value(f"{written}\n", 0) == (value, len(written)):
            return written
    return None
