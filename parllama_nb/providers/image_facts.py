"""What an image is, read from its first bytes: format, width, height, size.

Formats: PNG (https://www.w3.org/TR/png-3/#11IHDR), GIF89a (section 18), JPEG (ITU T.81,
B.2.2), WebP (https://developers.google.com/speed/webp/docs/riff_container).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from ..sizes import size_in_words

__all__ = ["ImageFacts", "image_facts"]

_DATA_URL = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+);base64,", re.IGNORECASE)

# Markers of a JPEG that begin a frame; the three others of that range do not.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image of a `data:` URL.

    `data` is the base64 as it stands there, `size` in bytes; `pixels` are width and
    height, None where the format does not say them.
    """

    kind: str
    data: str
    size: int
    sha256: str
    pixels: tuple[int, int] | None = None

    def __str__(self) -> str:
        pixels = f"{self.pixels[0]} x {self.pixels[1]}" if self.pixels else ""
        return ", ".join(filter(None, [self.kind, pixels, size_in_words(self.size)]))


def image_facts(url: str) -> ImageFacts | None:
    """Return what an image is; None for an address, and for damaged data."""
    match = _DATA_URL.match(url)
    if match is None:
        return None
    data = url[match.end() :]
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        return None
    return ImageFacts(
        kind=match["kind"].lower(),
        data=data,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pixels=_pixels(content),
    )


def _pixels(content: bytes) -> tuple[int, int] | None:
    """Return width and height."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack_from(">II", content, 16)
        if content.startswith((b"GIF87a", b"GIF89a")):
            return struct.unpack_from("<HH", content, 6)
        if content.startswith(b"\xff\xd8"):
            return _jpeg(content)
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        pass  # it ends too early
    return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 - begins every segment
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    match content[12:16]:
        case b"VP8X":
            wide, high = content[24:27], content[27:30]
            return _above(wide), _above(high)
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


def _above(number: bytes) -> int:
    return int.from_bytes(number, "little") + 1
