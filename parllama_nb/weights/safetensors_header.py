"""The header of a safetensors file: what its tensors are, and whether they are there.

The format: eight bytes with the length of a JSON object, the object, the data;
https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
import struct
from collections import Counter
from pathlib import Path
from typing import Any

from ..sizes import size_in_words
from .damage import damaged, size_of, unreadable

__all__ = ["numbers_in"]

_LONGEST = 100_000_000
"""Bytes of a header: the limit of the format's own reader."""


def numbers_in(path: Path) -> Counter[str]:
    """Read how many numbers of each type a file holds; blocking.

    Raises:
        UsageError: the file is not there, or cannot be read.
        DamagedModelError: it is no such file, or not a whole one.

    """
    size = size_of(path)
    if not size:
        damaged(path, "is empty (0 bytes)")
    begin, text, failure = b"", b"", None
    length = 0
    try:
        with path.open("rb") as file:
            begin = file.read(8)
            if len(begin) == 8:  # noqa: PLR2004 - the number of the length's bytes
                (length,) = struct.unpack("<Q", begin)
                text = file.read(length) if length <= min(size, _LONGEST) else b""
    except OSError as error:
        failure = unreadable(path, error)
    if failure is not None:
        raise failure
    if begin == b"version ":
        hint = "Fetch the weights themselves: `git lfs pull`, or the hub's client."
        damaged(path, "is a pointer of Git LFS to the weights", hint)
    if 8 + length > size and length <= _LONGEST:
        damaged(path, "is truncated: it ends within its header")
    return _numbers(path, text, size - 8 - length)


def _numbers(path: Path, text: bytes, there: int) -> Counter[str]:
    """Count the numbers of each type; checks that the data are there."""
    entries: Any = None
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, dict):
        damaged(path, "is not a safetensors file")
    numbers: Counter[str] = Counter()
    end = 0
    for name, entry in entries.items():
        if name == "__metadata__":
            continue
        try:
            shape = [int(size) for size in entry["shape"]]
            numbers[str(entry["dtype"])] += math.prod(shape)
            end = max(end, int(entry["data_offsets"][1]))
        except (LookupError, TypeError, ValueError):
            damaged(path, "has a tensor without type, shape or place")
    if end > there:
        parts = f"{size_in_words(max(there, 0))} of {size_in_words(end)}"
        damaged(path, f"is truncated: {parts} are there")
    return numbers
