"""The built front end: the loader each widget carries and the files it asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import FrontEndError, UsageError

__all__ = ["Asset", "asset", "loader", "parts"]

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    """A built file. `hash` names its content, `needs` the assets it builds upon."""

    name: str
    file: str
    hash: str
    needs: tuple[str, ...]

    def read(self) -> bytes:
        """Its bytes."""
        return (_STATIC / self.file).read_bytes()


def asset(name: str) -> Asset:
    """Return a file of the manifest.

    Raises:
        UsageError: there is none of this name.
        FrontEndError: the front end was not built.

    """
    entry = _manifest().get(name)
    if entry is not None:
        return Asset(name, entry["file"], entry["hash"], tuple(entry["needs"]))
    message = f"There is no asset {name!r}."
    raise UsageError(message)


def parts(view: str) -> list[Asset]:
    """Return what a page imports for a view, in order: shared parts, then its own.

    Raises:
        UsageError: there is none of this name.
        FrontEndError: the front end was not built.

    """
    own = asset(view)
    return [*map(asset, own.needs), own]


@cache
def loader() -> str:
    """Return the source of the loader."""
    return asset("loader").read().decode()


@cache
def _manifest() -> dict[str, dict[str, Any]]:
    try:
        found: dict[str, dict[str, Any]] = json.loads(
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
