"""Images of a notebook as parts of a message: files, bytes, PIL images, figures.

An image is sent unchanged if every provider reads its format, else as PNG. Its first
bytes tell the format, because names of files may be wrong.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..providers.messages import ImagePart
from ..sizes import size_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST", "image_part", "named"]

LARGEST = 50_000_000
"""The largest image, in bytes; the providers' limits are between 5 and 50 MB."""

_MOST_PIXELS = 100_000_000
"""Pixels of an image that is unfolded here; a small file may hold any number."""

_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)

_SMALLER = "Make it smaller: models see no more than ~2000 px."

_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


def named(text: str, namespace: Mapping[str, Any]) -> object:
    """Return what `--image TEXT` names: the variable of that name, else the path.

    Raises:
        UsageError: there is neither.

    """
    if text in namespace:
        return namespace[text]
    if _DATA_URL.match(text) or Path(text).expanduser().is_file():
        return text
    message = f"There is no variable and no file {text!r:.80}."
    raise UsageError(message, hint="--image takes a path or a variable's name.")


def image_part(image: object, name: str = "", largest: int | None = None) -> ImagePart:
    """Return an image as a part of a message.

    Args:
        image: a path, bytes, a `data:` URL, a PIL image, a matplotlib figure, or any
            object that a notebook shows as PNG or JPEG.
        name: what errors call it, if it has a name of its own.
        largest: bytes that it may have; None for `LARGEST`.

    Raises:
        UsageError: it is none of these, too large, or cannot be read.

    """
    if isinstance(image, ImagePart):
        return image
    name, largest = name or _name(image), largest or LARGEST
    failure = ""
    try:
        data = _bytes_of(image, largest)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - an object's own code may raise anything
        failure, data = type(error).__name__, b""
    if failure:
        message = f"{name} cannot be read ({failure})."
        raise UsageError(message, hint="Save it as PNG or JPEG and name the file.")
    _check_size(name, len(data), largest)
    kind = _kind(data)
    if kind is None:
        data, kind = _as_png(name, data), "image/png"
        _check_size(name, len(data), largest)
    return ImagePart(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def _bytes_of(image: object, largest: int) -> bytes:
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if isinstance(image, str) and (match := _DATA_URL.match(image)):
        try:
            return base64.b64decode(image[match.end() :], validate=True)
        except binascii.Error:
            message = "The data: URL is damaged."
        raise UsageError(message, hint="It must have base64 after the comma.")
    if isinstance(image, str | Path):
        path = Path(image).expanduser()
        if not path.is_file():
            message = f"There is no file {str(image)!r:.80}."
            raise UsageError(message, hint="Check the path of the image.")
        _check_size(path.name, path.stat().st_size, largest)
        return path.read_bytes()
    for data in (_saved(image), _displayed(image)):
        if data is not None:
            return data
    message = f"Not an image: a value of the type {type(image).__name__}."
    hint = "Give a path, bytes, a PIL image or a matplotlib figure."
    raise UsageError(message, hint=hint)


def _saved(image: Any) -> bytes | None:  # noqa: ANN401 - known by its methods
    """Return a PIL image or a matplotlib figure as PNG; None if it is neither."""
    file = io.BytesIO()
    axes_figure = getattr(image, "get_figure", None)
    if axes_figure is not None and not hasattr(image, "savefig"):
        image = axes_figure()  # an Axes, as plotting functions return it
    if hasattr(image, "savefig"):
        image.savefig(file, format="png")
    elif hasattr(image, "save") and hasattr(image, "mode"):
        # PNG cannot hold CMYK, floats and the like.
        plain = image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
        (image if plain else image.convert("RGB")).save(file, format="PNG")
    else:
        return None
    return file.getvalue()


def _displayed(image: Any) -> bytes | None:  # noqa: ANN401
    """Return the image that a notebook would show of an object, if any."""
    for name in ("_repr_png_", "_repr_jpeg_"):
        data = getattr(image, name, lambda: None)()
        # It may be a pair with metadata; IPython's own images return base64.
        data = data[0] if isinstance(data, tuple) else data
        if isinstance(data, str):
            return base64.b64decode(data)
        if isinstance(data, bytes):
            return data
    data = getattr(image, "data", None)
    return data if isinstance(data, bytes) and _kind(data) else None


def _kind(data: bytes) -> str | None:
    return next((kind for start, kind in _SIGNATURES if start.match(data)), None)


def _as_png(name: str, data: bytes) -> bytes:
    """Return an image of another format as PNG, if Pillow is installed."""
    try:
        from PIL import Image  # noqa: PLC0415 - not needed for the usual formats
    except ImportError:
        message = f"{name} is not a PNG, JPEG, GIF or WebP."
        hint = "Run %pip install pillow to send other formats."
        raise UsageError(message, hint=hint) from None
    file = io.BytesIO()
    pixels = 0
    try:
        with warnings.catch_warnings():
            # Pillow warns of large ones, whose pixels are counted here.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as opened:
                pixels = opened.width * opened.height
                if pixels <= _MOST_PIXELS:
                    opened.convert("RGBA").save(file, format="PNG")
                    return file.getvalue()
    except Exception:  # noqa: BLE001 - Pillow's plug-ins raise what they will
        pixels = 0
    if pixels:
        message = f"{name} has {pixels:,} pixels; the limit is {_MOST_PIXELS:,}."
        raise UsageError(message, hint=_SMALLER)
    message = f"{name} is not an image that can be read."
    raise UsageError(message, hint="Save it as PNG, JPEG, GIF or WebP.")


def _check_size(name: str, size: int, largest: int) -> None:
    if size <= largest:
        return
    message = f"{name} is {size_in_words(size)}; the limit is {size_in_words(largest)}."
    raise UsageError(message, hint=_SMALLER)


def _name(image: object) -> str:
    """Return how messages name an image."""
    if isinstance(image, str | Path):
        is_data = str(image).startswith("data:")
        return "The data: URL" if is_data else Path(image).name
    size = f" of {len(image):,} bytes" if isinstance(image, bytes) else ""
    return f"The image{size}"
