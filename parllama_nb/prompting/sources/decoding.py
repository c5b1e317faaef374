"""Bytes of a file as text, in the encoding that they are in.

UTF-8 with or without a byte order mark, and UTF-16 (by its mark, or by the zero bytes
of its Latin letters). Nothing else is guessed: a text in a legacy encoding would be
read with wrong letters, and nobody would notice.
"""

from __future__ import annotations

import codecs

from ...errors import UsageError

__all__ = ["decoded"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4_096  # bytes
_MANY, _FEW = 0.7, 0.1


def decoded(data: bytes) -> str:
    """Return the text of a file, without the mark that says its encoding.

    Line breaks are returned as they are in the file.

    Raises:
        UsageError: it is in another encoding; the message names the byte. Or it is no
            text at all.

    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _text(data[len(mark) :], encoding, len(mark))
    return _text(data, _without_mark(data), 0)


def _without_mark(data: bytes) -> str:
    sample = data[: _SAMPLE & ~1]
    half = len(sample) // 2
    if half and len(data) % 2 == 0:
        even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
        # Of Latin text in UTF-16 one byte of nearly each pair is zero.
        if max(even, odd) > _MANY and min(even, odd) < _FEW:
            return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _text(data: bytes, encoding: str, skipped: int) -> str:
    fault = None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        fault, text = error, ""
    if b"\0" in data[:_SAMPLE] and (fault is not None or "\0" in text):
        raise _binary()
    if fault is not None:
        line = data.count(b"\n", 0, fault.start) + 1
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        message = (
            f"The byte 0x{data[fault.start]:02X} in line {line:,} (byte "
            f"{fault.start + skipped + 1:,} of the file) is not {name}."
        )
        raise UsageError(message, hint="Save the file as UTF-8.")
    if "\0" in text:
        raise _binary()
    return text


def _binary() -> UsageError:
    message = "It is a binary file, not a text."
    return UsageError(message, hint="Name a file of text.")
