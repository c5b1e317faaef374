"""Whether git tracks a file, read from the index of its repository."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

__all__ = ["is_tracked"]

# The last bits of an entry's flags, which stand before its path, are the path's length.
_LENGTH = 0xFFF


def is_tracked(path: Path) -> bool:
    """Whether the index names it; False if that cannot be told."""
    try:
        for directory in path.parents:
            index = directory / ".git" / "index"
            if index.is_file():
                name = path.relative_to(directory).as_posix()
                content = _read(index, index.stat().st_mtime_ns)
                return _names(content, os.fsencode(name))
    except OSError:
        pass
    return False


def _names(index: bytes, name: bytes) -> bool:
    at = index.find(name + b"\0")
    while at >= 0:
        flags = int.from_bytes(index[at - 2 : at])
        if flags & _LENGTH == min(len(name), _LENGTH):
            return True
        at = index.find(name + b"\0", at + 1)
    return False


@lru_cache(maxsize=1)
def _read(index: Path, modified: int) -> bytes:
    """Return the index as it was at a time, in ns; that of many files is the same."""
    del modified
    return index.read_bytes()
