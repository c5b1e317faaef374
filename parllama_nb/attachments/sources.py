"""Where an attachment comes from: a path, bytes, a `data:` URL, an object.

A path is looked at before it is read: only a regular file is opened for long, and only
as much of it as may be attached.
"""

from __future__ import annotations

import base64
import binascii
import errno
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ..errors import UsageError
from ..sizes import size_in_words
from .addresses.fetch import is_address

__all__ = ["NamedFile", "file_at", "file_in", "named_value"]

_DATA_URL = re.compile(
    r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+(?:=[^;,]*)?)*),", re.IGNORECASE
)
_LONGEST_NAME = 80
_KINDS = (
    (stat.S_ISDIR, "a folder", "Name the files in it."),
    (stat.S_ISFIFO, "a pipe, not a file", "Write what comes out of it to a file."),
    (stat.S_ISSOCK, "a socket, not a file", "Name a file."),
    (stat.S_ISCHR, "a device, not a file", "Name a file."),
    (stat.S_ISBLK, "a device, not a file", "Name a file."),
)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """The bytes of a file, under the name that it had where it comes from."""

    name: str
    data: bytes = field(repr=False)
    source: str = ""


def file_at(path: str | Path, largest: int) -> NamedFile:
    """Read the file at a path.

    Raises:
        UsageError: it is no file, cannot be read, or is larger than `largest` bytes.

    """
    place = _place(path)
    name = place.name or str(place)
    code, data = 0, b""
    try:
        # Without O_NONBLOCK, opening a pipe waits for whoever writes to it.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(place, flags), "rb") as file:
            found = os.fstat(file.fileno())
            _check_kind(name, found.st_mode)
            check_size(name, found.st_size, largest)
            # It may grow meanwhile.
            data = file.read(largest + 1)
    except OSError as error:
        code = error.errno or errno.EIO
    if code:
        raise _unreadable(place, name, code)
    check_size(name, len(data), largest)
    return NamedFile(name, data)


def file_in(url: str, largest: int) -> NamedFile:
    """Return the file that a `data:` URL holds.

    Raises:
        UsageError: it is damaged, or too large.

    """
    name, data = "The data: URL", None
    match = _DATA_URL.match(url)
    if match is not None:
        # Before it is decoded: four characters are three bytes.
        check_size(name, (len(url) - match.end()) * 3 // 4, largest)
        rest = url[match.end() :]
        if ";base64" in match[2].lower():
            try:
                data = base64.b64decode(rest, validate=True)
            except binascii.Error:
                data = None
        else:
            data = unquote_to_bytes(rest)
    if data is None:
        message = "The data: URL is damaged."
        raise UsageError(message, hint="It looks like data:image/png;base64,….")
    return NamedFile(name, data)


def named_value(text: str, namespace: object) -> object:
    """Return what `--file TEXT` names: the variable of that name, else the text.

    Raises:
        UsageError: there is no such variable, no such file, and it is no address.

    """
    if isinstance(namespace, dict) and text in namespace:
        return namespace[text]
    if is_address(text) or text.lower().startswith("data:"):
        return text
    try:
        exists = bool(text) and Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        exists = False
    if exists:
        return text
    message = f"There is no variable, no file and no address {text!r:.80}."
    hint = "Name a path, an address with https://, or a variable."
    raise UsageError(message, hint=hint)


def check_size(name: str, size: int, largest: int) -> None:
    """Check a size.

    Raises:
        UsageError: it is too large.

    """
    if size > largest:
        message = (
            f"{name} is {size_in_words(size)}; the limit is {size_in_words(largest)}."
        )
        raise UsageError(message, hint="Attach a smaller file, or a part of it.")


def clean_name(name: str) -> str:
    """Return a name as it is shown: one short line."""
    shown = "".join(c if c.isprintable() else " " for c in name)
    shown = " ".join(shown.encode("utf-8", "replace").decode().split())
    return shown if len(shown) <= _LONGEST_NAME else f"…{shown[-_LONGEST_NAME:]}"


def _place(path: str | Path) -> Path:
    try:
        place = Path(path).expanduser()
    except RuntimeError:  # nobody has that home
        place = Path(path)
    if "\0" in str(place) or not str(path).strip():
        message = f"This is not the path of a file: {str(path)!r:.80}."
        raise UsageError(message, hint="Name a file, an address or a variable.")
    return place


def _check_kind(name: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    for is_kind, what, hint in _KINDS:
        if is_kind(mode):
            message = f"{name} is {what}."
            raise UsageError(message, hint=hint)
    message = f"{name} is not a file."
    raise UsageError(message, hint="Name a file.")


def _unreadable(place: Path, name: str, code: int) -> UsageError:
    if code in (errno.ENOENT, errno.ENOTDIR):
        message = f"There is no file {str(place)!r:.80}."
        return UsageError(message, hint=f"The current folder is {_folder()}.")
    if code == errno.EISDIR:
        return UsageError(f"{name} is a folder.", hint="Name the files in it.")
    if code in (errno.EACCES, errno.EPERM):
        message = f"{name} cannot be read: you have no permission."
        return UsageError(message, hint="Change its permissions, or copy it.")
    if code == errno.ENXIO:
        return UsageError(f"{name} is a socket, not a file.", hint="Name a file.")
    message = f"{name} cannot be read: {os.strerror(code)}."
    return UsageError(message, hint="Copy it to another disk, and attach that.")


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "gone"
