"""Pictures of a notebook as parts of a message: files, bytes, PIL images, figures.

A picture is sent as it is where every maker of models reads its format, and else as
PNG. What it is, its first bytes say: names of files lie.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..providers.messages import ImagePart

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST", "image_part", "named"]

LARGEST = 20 * 1024 * 1024
"""Bytes of one picture; the makers' limits are between 5 and 50 MB."""

_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)

_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


def named(text: str, namespace: Mapping[str, Any]) -> object:
    """What `--image TEXT` stands for: a variable of that name, else a path.

    Raises:
        UsageError: neither is there.

    """
    if text in namespace:
        return namespace[text]
    if _DATA_URL.match(text) or Path(text).expanduser().is_file():
        return text
    message = f"There is no variable and no file {text!r:.80}."
    raise UsageError(message, hint="--image takes a path, or the name of a picture.")


def image_part(picture: object) -> ImagePart:
    """A picture as part of a message.

    Args:
        picture: a path, bytes, a `data:` URL, a PIL image, a matplotlib figure, or
            whatever shows itself in a notebook as PNG or JPEG.

    Raises:
        UsageError: it is none of these, too large, or cannot be read.

    """
    if isinstance(picture, ImagePart):
        return picture
    failure = ""
    try:
        data = _bytes_of(picture)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture's own code may raise anything
        failure, data = type(error).__name__, b""
    if failure:
        message = f"The picture {_shown(picture)} cannot be read ({failure})."
        raise UsageError(message, hint="Save it as PNG or JPEG and name the file.")
    _check_size(picture, len(data))
    kind = _kind(data)
    if kind is None:
        data, kind = _as_png(picture, data), "image/png"
        _check_size(picture, len(data))
    return ImagePart(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def _bytes_of(picture: object) -> bytes:
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str) and (found := _DATA_URL.match(picture)):
        try:
            return base64.b64decode(picture[found.end() :], validate=True)
        except binascii.Error:
            message = "The data: URL is damaged."
        raise UsageError(message, hint="It should hold base64 after the comma.")
    if isinstance(picture, str | Path):
        path = Path(picture).expanduser()
        if not path.is_file():
            message = f"There is no file {str(picture)!r:.80}."
            raise UsageError(message, hint="Check the path of the picture.")
        _check_size(picture, path.stat().st_size)
        return path.read_bytes()
    for drawn in (_saved(picture), _displayed(picture)):
        if drawn is not None:
            return drawn
    message = f"A {type(picture).__name__} is no picture."
    hint = "Give a path, bytes, a PIL image or a matplotlib figure."
    raise UsageError(message, hint=hint)


def _saved(picture: Any) -> bytes | None:  # noqa: ANN401 - known by what it can do
    """What a PIL image or a figure of matplotlib saves itself as."""
    file = io.BytesIO()
    axes_figure = getattr(picture, "get_figure", None)
    if axes_figure is not None and not hasattr(picture, "savefig"):
        picture = axes_figure()  # an Axes, as plotting functions give it
    if hasattr(picture, "savefig"):
        picture.savefig(file, format="png")
    elif hasattr(picture, "save") and hasattr(picture, "mode"):
        # PNG has no place for CMYK, floats and the like.
        plain = picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
        (picture if plain else picture.convert("RGB")).save(file, format="PNG")
    else:
        return None
    return file.getvalue()


def _displayed(picture: Any) -> bytes | None:  # noqa: ANN401
    """What a notebook would show of it."""
    for name in ("_repr_png_", "_repr_jpeg_"):
        drawn = getattr(picture, name, lambda: None)()
        # With its metadata beside it, and in base64 where it is IPython's own.
        drawn = drawn[0] if isinstance(drawn, tuple) else drawn
        if isinstance(drawn, str):
            return base64.b64decode(drawn)
        if isinstance(drawn, bytes):
            return drawn
    data = getattr(picture, "data", None)
    return data if isinstance(data, bytes) and _kind(data) else None


def _kind(data: bytes) -> str | None:
    return next((kind for start, kind in _SIGNATURES if start.match(data)), None)


def _as_png(picture: object, data: bytes) -> bytes:
    """A picture of another format as PNG, where Pillow is installed."""
    try:
        from PIL import Image  # noqa: PLC0415 - not needed for the usual formats
    except ImportError:
        message = f"{_shown(picture)} is no PNG, JPEG, GIF or WebP."
        hint = "`%pip install pillow` reads other formats."
        raise UsageError(message, hint=hint) from None
    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data)) as opened:
            opened.convert("RGBA").save(file, format="PNG")
        return file.getvalue()
    except Exception:  # noqa: BLE001 - Pillow's plug-ins raise what they will
        message = f"{_shown(picture)} is no picture that can be read."
    raise UsageError(message, hint="PNG, JPEG, GIF and WebP are sent as they are.")


def _check_size(picture: object, size: int) -> None:
    if size <= LARGEST:
        return
    message = (
        f"{_shown(picture)} has {size / 1e6:,.0f} MB; "
        f"a picture may have {LARGEST // (1024 * 1024)}."
    )
    raise UsageError(message, hint="Make it smaller: models see no more than ~2000 px.")


def _shown(picture: object) -> str:
    if isinstance(picture, str | Path):
        return "data: URL" if str(picture).startswith("data:") else Path(picture).name
    return f"of {len(picture)} bytes" if isinstance(picture, bytes) else "given"
