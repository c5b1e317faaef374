"""Which files of an archive or a folder are patterns: NAME/system.md, and those beside.

A checkout of Fabric has them in `data/patterns`, a user's configuration in `patterns`;
any other folder of such folders will do.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

__all__ = ["PATTERN_FILES", "PatternFiles", "files_in_folder", "pattern_files"]

_MOST = 10_000

_KINDS = {"system.md": "system", "user.md": "user", "readme.md": "readme"}

PATTERN_FILES = frozenset(_KINDS) - {"readme.md"}
"""Names of the files of a pattern."""

PatternFiles = Mapping[str, Mapping[str, str]]
"""By a pattern's name its files: the path of each by "system", "user" and "readme"."""


def pattern_files(paths: Iterable[str], name: str) -> PatternFiles:
    """Return the files of the patterns among the paths of an archive.

    `name` is that of a pattern that lies in no folder.
    """
    patterns: dict[str, dict[str, dict[str, str]]] = {}
    alone: dict[str, str] = {}
    for path in paths:
        folder, _, file = path.rpartition("/")
        kind = _KINDS.get(file.casefold())
        if kind is None:
            continue
        if folder:
            above, _, own = folder.rpartition("/")
            patterns.setdefault(above, {}).setdefault(own, {})[kind] = path
        else:
            alone[kind] = path
    counts = Counter(
        {
            above: sum("system" in files for files in found.values())
            for above, found in patterns.items()
        }
    )
    if not counts.total():
        return {name: alone} if "system" in alone else {}
    # Their place in a checkout goes before any other, which may hold copies.
    return patterns[
        max(
            (above for above, count in counts.items() if count),
            key=lambda above: (
                f"/{above}".endswith("/data/patterns"),
                f"/{above}".endswith("/patterns"),
                counts[above],
                -len(above),
            ),
        )
    ]


def files_in_folder(folder: Path) -> PatternFiles:
    """Return the files of the patterns in a folder, at most `_MOST`.

    Raises:
        OSError: it cannot be read.

    """
    places = (folder / "data" / "patterns", folder / "patterns", folder)
    for place in places:
        if place.is_dir():
            found = dict(_patterns_of(place))
            if any("system" in files for files in found.values()):
                return found
    alone = _files_of(folder)
    return {folder.resolve().name: alone} if "system" in alone else {}


def _patterns_of(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with os.scandir(folder) as entries:
        folders = sorted(
            (entry.name for entry in entries if entry.is_dir()), key=str.casefold
        )
    for name in folders[:_MOST]:
        files = _files_of(folder / name)
        if files:
            yield name, files


def _files_of(folder: Path) -> dict[str, str]:
    """Return the pattern's files of a folder, {} if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return {
                _KINDS[entry.name.casefold()]: entry.path
                for entry in entries
                if entry.name.casefold() in _KINDS
            }
    except OSError:
        return {}
