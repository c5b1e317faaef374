"""What completion offers where a file is named: paths, and variables that hold one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

__all__ = ["files_and_variables"]

_METHODS = ("savefig", "get_figure", "_repr_png_", "_repr_jpeg_")


def files_and_variables(word: str, namespace: Mapping[str, object]) -> list[str]:
    """Returns the files, folders and variables that a word may begin.

    Names with a blank are left out, since they would have to be quoted.
    """
    return [*sorted(_variables(word, namespace)), *sorted(_paths(word))]


def _variables(word: str, namespace: Mapping[str, object]) -> Iterator[str]:
    for name, value in tuple(namespace.items()):
        if name.startswith(word) and not name.startswith("_") and _holds_file(value):
            yield name


def _holds_file(value: object) -> bool:
    """Whether a value may be a file or an image, by its class alone."""
    if isinstance(value, type):
        return False
    if isinstance(value, Path | bytes | bytearray):
        return True
    return any(callable(getattr(type(value), name, None)) for name in _METHODS)


def _paths(word: str) -> Iterator[str]:
    folder, _, begun = word.rpartition("/")
    shown = f"{folder}/" if "/" in word else ""
    try:
        place = Path(shown or ".").expanduser()
        with os.scandir(place) as entries:
            for entry in islice(entries, 10_000):
                hidden = entry.name.startswith(".") and not begun
                if not entry.name.startswith(begun) or hidden or " " in entry.name:
                    continue
                yield f"{shown}{entry.name}{'/' if entry.is_dir() else ''}"
    except (OSError, RuntimeError, ValueError):
        return
