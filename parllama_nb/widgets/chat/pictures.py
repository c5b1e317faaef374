"""Images made small for a page: a chat shows many, and a large one waits for none."""

from __future__ import annotations

import base64
import binascii
import io

from .attach_protocol import Picture

__all__ = ["small_picture"]

_SIDE = 480
"""Pixels of the longer side."""

_AS_IT_IS = 200_000
"""Bytes of an image that is shown as it is."""

_MOST_PIXELS = 100_000_000
"""Pixels of an image that is unfolded; a small file may hold any number."""

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def small_picture(url: str) -> tuple[Picture, bytes]:
    """Return the image of a `data:` URL for a page; nothing if it cannot be shown."""
    head, comma, encoded = url.partition(",")
    media_type = head.removeprefix("data:").removesuffix(";base64").lower()
    if not comma or not head.endswith(";base64") or media_type not in _SHOWN:
        return Picture(), b""
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return Picture(), b""
    if len(data) <= _AS_IT_IS:
        return Picture(media_type=media_type), data
    small = _smaller(data)
    return (Picture(media_type="image/webp"), small) if small else (Picture(), b"")


def _smaller(data: bytes) -> bytes | None:
    """Return an image made small, None if that cannot be done here."""
    try:
        from PIL import Image  # noqa: PLC0415 - not everyone has it
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            # A JPEG is unfolded no larger than is needed.
            image.draft("RGB", (_SIDE, _SIDE))
            image.thumbnail((_SIDE, _SIDE))
            made = io.BytesIO()
            shown = image if image.mode in {"RGB", "RGBA"} else image.convert("RGBA")
            shown.save(made, "WEBP", quality=80)
    except Exception:  # noqa: BLE001 - a damaged image may raise anything
        return None
    return made.getvalue()
