"""Whether the registries have newer models than an Ollama server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ParllamaError
from ..library.library import PublicLibrary

__all__ = ["Update", "check_updates"]

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Update:
    """A model beside the one that its registry has under the name.

    `available` is None where that is not known, and `note` says why. `size` is in
    bytes, of the registry's.
    """

    model: str
    available: bool | None
    note: str = ""
    size: int | None = None


async def check_updates(
    library: PublicLibrary, entries: Iterable[Mapping[str, Any]], *, named: bool
) -> list[Update]:
    """Compare models of a server's list with those of their registries.

    The digest of a model is that of its manifest, so nothing is downloaded. One that
    was made from another is compared only if the user `named` it: what a registry has
    under its name may be something else, and would replace it.
    """
    asking = asyncio.Semaphore(_AT_ONCE)

    async def check(entry: Mapping[str, Any]) -> Update:
        name, digest = str(entry["name"]), str(entry.get("digest") or "")
        if entry.get("remote_host"):
            return Update(name, None, "it runs in the cloud")
        parent = (entry.get("details") or {}).get("parent_model")
        if parent and not named:
            return Update(name, None, f"it was made from {parent}")
        try:
            async with asking:
                found = await library.update(name, digest)
        except ParllamaError as error:
            return Update(name, None, error.message)
        return Update(name, found.is_there, size=found.manifest.size)

    return list(await asyncio.gather(*map(check, entries)))
