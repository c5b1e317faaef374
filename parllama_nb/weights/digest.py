"""The checksum of a file, by which hubs and servers know it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

__all__ = ["file_digest"]

_CHUNK = 1 << 20


def file_digest(
    path: Path,
    stop: threading.Event | None = None,
    count: Callable[[int], None] | None = None,
) -> str:
    """Return the SHA-256 of a file, in hex; "" if stopped. `count` gets bytes read."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if stop is not None and stop.is_set():
                return ""
            digest.update(chunk)
            done += len(chunk)
            if count is not None:
                count(done)
    return digest.hexdigest()
