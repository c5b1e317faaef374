"""The forms in which a text leaks, and a search for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["forms", "found"]


def forms(text: str) -> list[bytes]:
    """A text as it is, in JSON, a repr, a URL, base64, hex and UTF-16."""
    raw = text.encode()
    found = {
        raw,
        json.dumps(text)[1:-1].encode(),
        repr(text)[1:-1].encode(),
        quote(text, safe="").encode(),
        raw.hex().encode(),
        text.encode("utf-16-le"),
    }
    # Base64 of it, wherever in a longer text it stands.
    found |= {base64.b64encode(b"." * n + raw)[4:-8] for n in range(3)}
    # A piece of a few letters may be anywhere.
    return sorted(form for form in found if len(form) >= 6)


def found(content: bytes, texts: Iterable[str]) -> list[bytes]:
    """The forms of these texts that are in a content."""
    # In a message's JSON a quote is written with a backslash.
    contents = (content, content.replace(b"\\\\", b"\\").replace(b'\\"', b'"'))
    return [
        form
        for text in texts
        for form in forms(text)
        if any(form in each for each in contents)
    ]
