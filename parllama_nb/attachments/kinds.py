"""What a file is, by its first bytes.

A name decides nothing but how a text is shown: `.csv` or `.py` says which of the texts
it is, and a program that is named `.png` stays a program.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePath

from ..errors import UsageError
from ..prompting.sources.decoding import decoded
from .attachment import AttachmentKind

__all__ = ["FileKind", "kind_of"]

_HEAD = 1024
"""Bytes in which a PDF file has its mark."""

_AS_OTHER = "image/*"
"""An image that is sent as PNG."""

_IMAGES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), _AS_OTHER),
    (re.compile(rb"II\*\0|MM\0\*"), _AS_OTHER),
    (re.compile(rb"\0\0\x01\0[^\0]\0"), _AS_OTHER),
    (re.compile(rb"....ftyp(avi[fs]|hei[cfmsx]|mif1|msf1)", re.DOTALL), _AS_OTHER),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), _AS_OTHER),
    (re.compile(rb"8BPS\0\x01"), _AS_OTHER),
    (re.compile(rb"P[1-6]\s+(#[^\n]*\n\s*)*\d+\s+\d+\s"), _AS_OTHER),
)

_OFFICE = "Save it as PDF, text or CSV and attach that."
_UNPACK = "Unpack it and attach the files that the model should read."
_PROGRAM = "Attach its source code instead."
_SOUND = "Attach a transcript, or single pictures of a film."
_DATA = "Load it in the notebook and describe it with {{name}}, or save some as CSV."

_REFUSED = (
    (re.compile(rb"\x7fELF"), "a program (ELF)", _PROGRAM),
    (re.compile(rb"MZ.{0,62}\0", re.DOTALL), "a program (Windows)", _PROGRAM),
    (
        re.compile(rb"\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe"),
        "a program (Mach-O or Java)",
        _PROGRAM,
    ),
    (re.compile(rb"\0asm|dex\n03"), "a program", _PROGRAM),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an office file", _OFFICE),
    (re.compile(rb"\{\\rtf"), "an office file (RTF)", _OFFICE),
    (
        re.compile(
            rb"PK\x03\x04.{26,}?(\[Content_Types\]\.xml|_rels/|word/|xl/|ppt/"
            rb"|mimetypeapplication/(vnd\.oasis|epub))",
            re.DOTALL,
        ),
        "an office file or a book",
        _OFFICE,
    ),
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), "an archive (zip)", _UNPACK),
    (
        re.compile(
            rb"\x1f\x8b|BZh[1-9]|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07"
            rb"|\x28\xb5\x2f\xfd|LZIP|!<arch>\n|.{257}ustar",
            re.DOTALL,
        ),
        "an archive, or compressed",
        _UNPACK,
    ),
    (
        re.compile(
            rb"RIFF....(WAVE|AVI )|ID3[\x02-\x04]|OggS|fLaC|\x1a\x45\xdf\xa3|....ftyp"
            rb"|\xff[\xfb\xf3\xf2\xf1\xf9]",
            re.DOTALL,
        ),
        "sound or film",
        _SOUND,
    ),
    (
        re.compile(
            rb"SQLite format 3\0|PAR1|\x89HDF\r\n|\x93NUMPY|ARROW1|Obj\x01|GGUF"
            rb"|\x80[\x02-\x05](\x95|c|\}|\]|\()",
        ),
        "binary data",
        _DATA,
    ),
)

_TABLES = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}

_TEXTS = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".py": "text/x-python",
}


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is; `text` is that of a text, else ""."""

    kind: AttachmentKind
    media_type: str
    text: str = ""


def kind_of(data: bytes, name: str) -> FileKind:
    """Return what a file is; `name` is its name, for messages and kinds of text.

    Raises:
        UsageError: it is nothing that can be attached; the message says what it is.

    """
    if not data:
        message = f"{name} is empty."
        raise UsageError(message, hint="Attach a file that holds something.")
    for pattern, media_type in _IMAGES:
        if pattern.match(data):
            return FileKind("image", media_type)
    if b"%PDF-" in data[:_HEAD]:
        return FileKind("pdf", "application/pdf")
    for pattern, what, hint in _REFUSED:
        if pattern.match(data[: 64 * _HEAD]):
            message = f"{name} is {what}, which cannot be attached."
            raise UsageError(message, hint=hint)
    return _kind_of_text(_text(data, name), name)


def _text(data: bytes, name: str) -> str:
    failure = None
    try:
        return decoded(data)
    except UsageError as error:
        failure = error
    why = failure.message[0].lower() + failure.message[1:]
    message = f"{name} cannot be attached: {why}"
    hint = "Images, PDF, notebooks, CSV and text in UTF-8 or UTF-16 can be attached."
    raise UsageError(message, hint=hint)


def _kind_of_text(text: str, name: str) -> FileKind:
    if not text.strip():
        message = f"{name} holds nothing but blanks."
        raise UsageError(message, hint="Attach a file that holds something.")
    suffix = PurePath(name).suffix.lower()
    if suffix in _TABLES:
        return FileKind("table", _TABLES[suffix], text)
    if _is_notebook(text):
        return FileKind("notebook", "application/x-ipynb+json", text)
    return FileKind("text", _TEXTS.get(suffix, "text/plain"), text)


def _is_notebook(text: str) -> bool:
    if not text.lstrip().startswith("{") or '"nbformat"' not in text:
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value.get("cells"), list) and "nbformat" in value
