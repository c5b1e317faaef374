"""What an entry of a zip archive may be called: a path that means the same everywhere.

Refused is what some system reads as another place (a parent, a drive, a device), and
what two systems may take for the same file or for two.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["RefusedZipError", "checked_path", "same_path"]

LONGEST_PATH = 1_000
_LONGEST_PART = 255
_DEEPEST = 50

_PLAIN = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*")
"""Parts of a path that can only be a reserved name, or are fine."""

_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(?:\..*)?",
    re.IGNORECASE,
)
"""https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode: controls, what joins or turns text around, half characters."""


class RefusedZipError(Exception):
    """An archive is refused; its text says why, as the end of a sentence."""


def checked_path(path: str) -> str:
    """Return the path of an entry, without the slash that ends a folder's.

    Raises:
        RefusedZipError: it may lead elsewhere, or mean something else on some system.

    """
    shown = _shown(path)
    if not path:
        reason = "an entry has no name"
        raise RefusedZipError(reason)
    if len(path) > LONGEST_PATH:
        reason = f"the name {shown} has {len(path):,} characters"
        raise RefusedZipError(reason)
    if "\\" in path:
        reason = f"the name {shown} has a backslash"
        raise RefusedZipError(reason)
    if path.startswith("/"):
        reason = f"the name {shown} is absolute"
        raise RefusedZipError(reason)
    parts = path.removesuffix("/").split("/")
    if len(parts) > _DEEPEST:
        reason = f"the entry {shown} lies {len(parts):,} folders deep"
        raise RefusedZipError(reason)
    for part in parts:
        fault = _fault(part)
        if fault:
            reason = f"the name {shown} {fault}"
            raise RefusedZipError(reason)
    return path.removesuffix("/")


def same_path(path: str) -> str:
    """Return what is equal for paths that some file system takes for the same."""
    if path.isascii():
        return path.lower()
    folded = unicodedata.normalize("NFKC", path).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", folded))


@lru_cache(4096)  # folders are parts of many paths
def _fault(part: str) -> str:  # noqa: PLR0911 - a rung for each kind
    """Return what is wrong with one part of a path, "" if nothing is."""
    if len(part) <= _LONGEST_PART and _PLAIN.fullmatch(part):
        return "is reserved on Windows" if _RESERVED.fullmatch(part) else ""
    if not part:
        return "has an empty part"
    if len(part.encode("utf-8", "replace")) > _LONGEST_PART:
        return "has a part that is too long"
    if any(unicodedata.category(each) in _UNSEEN for each in part):
        return "has a character that cannot be seen"
    # Some systems read a name in its compatible form: a wide dot becomes a dot.
    for form in (part, unicodedata.normalize("NFKC", part)):
        if form in {".", ".."} or "/" in form or "\\" in form:
            return "leads to another folder"
        if ":" in form:
            return "has a colon, which is a drive or a stream"
        if _RESERVED.fullmatch(form):
            return "is reserved on Windows"
    if part.endswith((".", " ")):
        return "ends with a dot or a space, which Windows drops"
    return ""


def _shown(path: str) -> str:
    """Return a name as an error shows it: short, and with nothing unseen."""
    return ascii(path if len(path) <= 60 else f"{path[:59]}…")  # noqa: PLR2004
