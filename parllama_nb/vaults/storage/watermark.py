"""The highest generation this machine has seen of a vault, stored apart from its file.

An older copy of a vault's file is intact, and opens. The watermark shows that it is
older, unless somebody removes that too.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

from ...errors import StoreError
from ..errors import RollbackError
from ..format.keys import Keys
from ..format.layout import LABEL, Header

__all__ = ["Watermark"]

_LAYOUT = struct.Struct(">16sQ32s")
_NOT_SEEN = -1


class Watermark:
    """One small file per vault, in the state directory.

    `directory` is called with each use; without one nothing is remembered. A watermark
    that cannot be read or written counts as missing: it must never keep a vault from
    opening.
    """

    def __init__(self, directory: Callable[[], Path] | None = None) -> None:
        self._directory = directory

    def check(self, keys: Keys, generation: int) -> None:
        """Refuse a state of the vault that is older than one seen before.

        Raises:
            RollbackError: it is older, or the vault had another data key since.

        """
        seen = self._seen(keys)
        if seen is None or seen > generation:
            message = "The vault's file is older than what this machine has seen of it."
            hint = (
                "If you put it back on purpose: %parllama vault unlock --accept-older"
            )
            raise RollbackError(message, hint=hint)

    def highest(self, keys: Keys) -> int:
        """Return the highest generation seen, -1 if that is not known."""
        seen = self._seen(keys)
        return _NOT_SEEN if seen is None else seen

    def note(self, keys: Keys, generation: int, *, anew: bool = False) -> None:
        """Remember a generation if it is higher, or `anew`.

        Two kernels may do so at once, and the lower one may win: the mark is then one
        step behind, which raises no alarm.
        """
        if not anew:
            seen = self._seen(keys)
            if seen is not None and seen >= generation:
                return
        header = keys.header
        mac = keys.watermark.mac(_bound(header, header.key_id, generation))
        with contextlib.suppress(OSError, StoreError):
            path = self._path(header)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(_LAYOUT.pack(header.key_id, generation, mac))
            fresh.replace(path)

    def _seen(self, keys: Keys) -> int | None:
        """The generation in the file, -1 without one, None if its MAC is of other keys.

        That is so if the vault has had another data key since, or before.
        """
        try:
            blob = self._path(keys.header).read_bytes()
        except (OSError, StoreError):
            return _NOT_SEEN
        if len(blob) != _LAYOUT.size:
            return _NOT_SEEN
        key_id, generation, mac = _LAYOUT.unpack(blob)
        if not keys.watermark.check(_bound(keys.header, key_id, generation), mac):
            return None
        return int(generation)

    def _path(self, header: Header) -> Path:
        if self._directory is None:
            message = "There is no directory for watermarks."
            raise StoreError(message)
        return self._directory() / f"vault-{header.vault_id.hex()}.mark"


def _bound(header: Header, key_id: bytes, generation: int) -> bytes:
    return LABEL + b"watermark" + header.vault_id + key_id + generation.to_bytes(8)
