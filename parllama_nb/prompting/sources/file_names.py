"""Names of files that every system accepts, for prompts of any name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..library.prompt import Prompt, same_name

__all__ = ["file_names", "stem_of", "unique"]

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# Windows opens a device under these names, whatever follows the dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 120  # bytes; a name may have 255 with its suffix


def file_names(prompts: Sequence[Prompt], suffix: str) -> list[str]:
    """Return a file name for each prompt, none twice whatever the letter case."""
    return unique((stem_of(prompt.name) for prompt in prompts), suffix)


def unique(stems: Iterable[str], suffix: str) -> list[str]:
    """Return the stems with a suffix, and with a number where one is taken."""
    taken: set[str] = set()
    names: list[str] = []
    for stem in stems:
        name, number = stem, 1
        while same_name(name) in taken:
            number += 1
            name = f"{stem} {number}"
        taken.add(same_name(name))
        names.append(f"{name}{suffix}")
    return names


def stem_of(name: str) -> str:
    """Return a name as the beginning of a file's."""
    stem = _REFUSED.sub("_", name)
    stem = stem.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    stem = stem.strip(" ").rstrip(".")
    if not stem or stem.startswith(".") or _DEVICES.match(stem):
        stem = f"_{stem}"
    return stem
