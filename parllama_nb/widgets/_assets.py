"""The built front end: the loader each widget carries and the files it asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import FrontEndError, UsageError

__all__ = ["Asset", "asset", "loader"]

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    """A built file. `hash` names its content."""

    file: str
    hash: str

    def read(self) -> bytes:
        """Its bytes."""
        return (_STATIC / self.file).read_bytes()


def asset(name: str) -> Asset:
    """A file of the manifest.

    Raises:
        UsageError: there is none of this name.
        FrontEndError: the front end was not built.

    """
    entry = _manifest().get(name)
    if entry is not None:
        return Asset(entry["file"], entry["hash"])
    message = f"There is no asset {name!r}."
    raise UsageError(message)


@cache
def loader() -> str:
    """The source of the loader."""
    return asset("loader").read().decode()


@cache
def _manifest() -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads(
            (_STATIC / "manifest.json").read_bytes()
        )
    except FileNotFoundError:
        pass
    else:
        return found
    message = "The front end was not built into this installation."
    raise FrontEndError(
        message, hint='Run "npm ci && npm run build" in js/, or install the wheel.'
    )
