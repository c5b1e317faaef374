"""Names of files for conversations of any name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ...prompting.sources.file_names import stem_of
from ...prompting.sources.zip_files.names import (
    RefusedZipError,
    checked_path,
    same_path,
)

__all__ = ["file_names"]

_NOTEBOOK = re.compile(r"(?:.*[/\\])?([^/\\]+)\.ipynb( \([^/\\]*\))?")
_ODD = re.compile(r"[^\w .,()+=-]")


def file_names(
    names: Iterable[str], suffix: str, taken: Iterable[str] = ()
) -> list[str]:
    """Return a file name for each conversation, none twice on whatever system.

    An archive with these names is one that we read. Those in `taken` are left out.
    """
    used = {same_path(name) for name in taken}
    numbers: dict[str, int] = {}
    results: list[str] = []
    for name in names:
        stem = _stem(name, suffix)
        key = same_path(stem)
        number = numbers.get(key, 1)
        result = f"{stem}{suffix}" if number == 1 else f"{stem} {number}{suffix}"
        while same_path(result) in used:
            number += 1
            result = f"{stem} {number}{suffix}"
        numbers[key] = number
        used.add(same_path(result))
        results.append(result)
    return results


def _stem(name: str, suffix: str) -> str:
    # A notebook's own conversation is called by its path, which is no name of a file.
    own = _NOTEBOOK.fullmatch(name)
    stem = stem_of(" ".join((own[1] + (own[2] or "") if own else name).split()))
    try:
        checked_path(f"{stem}{suffix}")
    except RefusedZipError:
        plain = _ODD.sub("_", unicodedata.normalize("NFKC", stem))
        stem = stem_of(plain)
    return stem
