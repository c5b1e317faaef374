"""What is wrong with weights: one line, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from ..errors import DamagedModelError, UsageError

__all__ = ["FETCH_AGAIN", "damaged", "size_of", "unreadable"]

FETCH_AGAIN = "Fetch it again, and compare its size with the original's."


def damaged(path: Path, what: str, hint: str = FETCH_AGAIN) -> NoReturn:
    """Raise the error of a file that is not what it should be."""
    message = f"{path.name} {what}."
    raise DamagedModelError(message, hint=hint)


def unreadable(path: Path, error: OSError) -> UsageError:
    """Return the error of a file that the system does not give."""
    if isinstance(error, FileNotFoundError):
        return UsageError(
            f"There is no file {str(path)!r}.",
            hint="The path is one of the kernel's machine.",
        )
    return UsageError(f"{path.name} cannot be read: {error.strerror or 'I/O error'}.")


def size_of(path: Path) -> int:
    """Return the size of a file in bytes.

    Raises:
        UsageError: it cannot be had.

    """
    failure: UsageError | None = None
    try:
        return path.stat().st_size
    except OSError as error:
        failure = unreadable(path, error)
    except ValueError:
        message = "A file's name cannot hold a zero byte."
        failure = UsageError(message, hint="Name the file with the weights.")
    raise failure
