"""The parts of a split GGUF file, which llama.cpp names FILE-00001-of-00003.gguf."""

from __future__ import annotations

import re
from pathlib import Path

from .damage import damaged

__all__ = ["is_part", "part_paths", "parts_there"]

_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\.gguf)", re.DOTALL | re.IGNORECASE)
_MOST = 1000
"""Parts that are looked for: a name may claim anything."""


def is_part(file_name: str) -> bool:
    """Whether a file is one part of a split one, by its name."""
    return _part(file_name) is not None


def part_paths(path: Path) -> tuple[Path, ...]:
    """Return where all parts of a split file are, in order; the file alone if whole.

    `path` is any of them. Does not ask the disk.
    """
    match = _part(path.name)
    if match is None:
        return (path,)
    stem, _, count, suffix = match.groups()
    return tuple(
        path.with_name(f"{stem}-{number:05}-of-{count}{suffix}")
        for number in range(1, int(count) + 1)
    )


def parts_there(path: Path) -> tuple[Path, ...]:
    """Return all parts of a split file, in order; the file alone if it is whole.

    Raises:
        DamagedModelError: a part is missing.

    """
    parts = part_paths(path)
    if len(parts) > _MOST:
        damaged(path, f"claims to be one of {len(parts):,} parts")
    missing = [part.name for part in parts if not part.is_file()]
    if missing and len(parts) > 1:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        what = f"is one of {len(parts)} parts; {missing[0]}{more} is not there"
        damaged(path, what, "Fetch all parts into the same folder.")
    return parts


def _part(file_name: str) -> re.Match[str] | None:
    match = _PART.fullmatch(file_name)
    return match if match and 1 <= int(match[2]) <= int(match[3]) else None
