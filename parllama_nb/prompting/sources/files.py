"""Where a location leads, and the text of a file there."""

from __future__ import annotations

from pathlib import Path

from ...errors import UsageError
from .decoding import decoded

__all__ = ["place", "read_exact", "read_text", "reason_of"]

_LARGEST = 64 << 20  # bytes of one file


def place(location: str | None, expected: str) -> Path:
    """Return the path of a location.

    Raises:
        UsageError: there is nothing, or no location was given; `expected` is what it
            should be, for the hint.

    """
    hint = f"Name {expected}."
    if location is None or not location.strip():
        message = "There is no place to read prompts from."
        raise UsageError(message, hint=hint)
    if location.startswith(("http://", "https://")):
        message = f"{location} is an address, and these prompts are read from files."
        raise UsageError(message, hint=f"Download it, then name {expected}.")
    reason = ""
    path = Path(location)
    try:
        path = path.expanduser()
        path.stat()
    except OSError as error:
        reason = reason_of(error)
    except (RuntimeError, ValueError):
        reason = "There is no such file or folder."
    if reason:
        message = f"{location!r:.300} cannot be read. {reason}"
        raise UsageError(message, hint=hint)
    return path


def read_text(path: Path) -> str:
    r"""Return the text of a file, with `\n` for each line break.

    Raises:
        UsageError: it cannot be read, or is no text in UTF-8 or UTF-16.

    """
    return read_exact(path).replace("\r\n", "\n").replace("\r", "\n")


def read_exact(path: Path) -> str:
    """Return the text of a file, with the line breaks that it has.

    Raises:
        UsageError: it cannot be read, or is no text in UTF-8 or UTF-16.

    """
    try:
        # Opening a pipe or a device could wait for ever.
        if not path.is_file():
            reason = "It is not a file." if path.exists() else "There is no such file."
        else:
            with path.open("rb") as file:
                data = file.read(_LARGEST + 1)
            if len(data) <= _LARGEST:
                return decoded(data)
            reason = f"It is larger than {_LARGEST >> 20} MB."
    except OSError as error:
        reason = reason_of(error)
    raise UsageError(reason, hint="Name another file.")


def reason_of(error: OSError) -> str:
    """Return why the system refused, as a sentence."""
    reason = error.strerror or type(error).__name__
    return f"{reason[:1].upper()}{reason[1:]}."
