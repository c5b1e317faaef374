"""The forms in which a secret stands in a file, as bytes."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

__all__ = ["PLAIN", "SHORTEST", "forms"]

SHORTEST = 6
"""Characters. The value of a shorter secret also occurs within ordinary words."""

PLAIN = "as it is"
"""The form of a value that is not encoded."""

# Characters. A shorter line of a longer secret says nothing about it.
_LEAST_LINE = 16

# Characters. Of a shorter value the groups of base64 say nothing.
_LEAST_GROUPS = 16

_PERCENT = re.compile("%[0-9A-F]{2}")

# How many characters of base64 depend on what comes before a text, by the number of
# bytes that do.
_BEFORE = (0, 2, 3)


def forms(value: str) -> dict[bytes, str]:
    """Return what is searched for, with the name of each form."""
    found: dict[bytes, str] = {}
    for form, written in _forms(value):
        found.setdefault(written, form)
    return found


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    raw = value.encode()
    yield PLAIN, raw
    yield PLAIN, value.replace("\n", "\r\n").encode()
    for is_ascii in (True, False):
        once = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
        yield "in JSON", once.encode()
        # A notebook is JSON, and what a cell shows may be JSON again.
        yield "in JSON", json.dumps(once, ensure_ascii=is_ascii)[1:-1].encode()
    yield "in Python", repr(value)[1:-1].encode()
    yield "in Python", repr(raw)[2:-1].encode()
    yield "in HTML", html.escape(value).encode()
    yield "in HTML", html.escape(value, quote=False).encode()
    for quoted in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield "in a URL", quoted.encode()
        yield "in a URL", _PERCENT.sub(lambda m: m[0].lower(), quoted).encode()
    yield "as hex", raw.hex().encode()
    yield "as hex", raw.hex().upper().encode()
    yield "as UTF-16", value.encode("utf-16-le")
    for before, skipped in enumerate(_BEFORE):
        # Three bytes are four characters: those groups that hold nothing else.
        whole = raw[-before % 3 :]
        encoded = base64.b64encode(whole[: len(whole) // 3 * 3])
        if len(encoded) < _LEAST_GROUPS:
            encoded = base64.b64encode(bytes(before) + raw)
            encoded = encoded[skipped : 8 * (before + len(raw)) // 6]
        yield "as base64", encoded
        yield "as base64", encoded.translate(bytes.maketrans(b"+/", b"-_"))
    # Of a private key, say; the lines around it are those of any other.
    lines = [line for line in value.splitlines() if not line.startswith("-----")]
    longest = max(lines, key=len, default="").strip()
    if longest != value and len(longest) >= _LEAST_LINE:
        yield "a line of it", longest.encode()
