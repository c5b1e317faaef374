"""The highest generation this machine has seen of a vault, kept apart from its file.

A vault's file that is replaced by an older copy of itself is whole, and opens. It is
noticed while the watermark is there; whoever can take that away too is not.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ...errors import StoreError
from ..format.crypto import Key
from ..format.layout import LABEL, Header

__all__ = ["NOT_SEEN", "Watermark"]

NOT_SEEN: Final = -1
_LAYOUT = struct.Struct(">16sQ32s")


class Watermark:
    """One small file per vault, in the state directory.

    `directory` is asked for with each use. A watermark that cannot be read or written
    is one that is not there: it must never keep a vault from opening.
    """

    def __init__(self, directory: Callable[[], Path]) -> None:
        self._directory = directory

    def seen(self, header: Header, key: Key) -> int | None:
        """The highest generation seen; `NOT_SEEN`, or None if it is not this vault's.

        It is not where the vault has had another data key since, or before.
        """
        try:
            blob = self._path(header).read_bytes()
        except (OSError, StoreError):
            return NOT_SEEN
        if len(blob) != _LAYOUT.size:
            return NOT_SEEN
        key_id, generation, mac = _LAYOUT.unpack(blob)
        if not key.check(_bound(header, key_id, generation), mac):
            return None
        return int(generation)

    def note(self, header: Header, key: Key, generation: int, *, anew: bool) -> None:
        """Remember a generation, if it is higher, or `anew`.

        Two kernels may do so at once, and the lower one win: the mark is then a step
        behind, which alarms nobody.
        """
        seen = self.seen(header, key)
        if not anew and seen is not None and seen >= generation:
            return
        mac = key.mac(_bound(header, header.key_id, generation))
        with contextlib.suppress(OSError, StoreError):
            path = self._path(header)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(_LAYOUT.pack(header.key_id, generation, mac))
            fresh.replace(path)

    def _path(self, header: Header) -> Path:
        return self._directory() / f"vault-{header.vault_id.hex()}.mark"


def _bound(header: Header, key_id: bytes, generation: int) -> bytes:
    return LABEL + b"watermark" + header.vault_id + key_id + generation.to_bytes(8)
