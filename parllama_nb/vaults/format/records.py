"""The layout of a vault's records, byte for byte: secrets, and the ring of keys.

docs/vault-format.md describes it; `layout.py` says under which key a record is stored.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

from ..errors import damaged
from .crypto import KEY_BYTES
from .layout import ID_BYTES, LABEL, Header

__all__ = [
    "LONGEST_NAME",
    "LONGEST_VALUE",
    "RECORD_HEAD",
    "RING",
    "SECRET",
    "SecretFields",
    "pack_secret",
    "record_data",
    "record_head",
    "ring_entries",
    "unpack_secret",
]

# The types of a record.
SECRET: Final = 1
RING: Final = 2

LONGEST_NAME: Final = 200
"""In characters."""
LONGEST_VALUE: Final = 65_536
"""In bytes of UTF-8."""

RECORD_HEAD = struct.Struct(">BQ")
_SECRET = struct.Struct(">BQQH")

_EXPORTED = 1


def record_head(kind: int, version: int) -> bytes:
    """Return what is stored before the encrypted part of a record."""
    return RECORD_HEAD.pack(kind, version)


def record_data(header: Header, record_id: bytes, head: bytes) -> bytes:
    """Return the associated data of a record's encrypted part."""
    return LABEL + b"record" + header.vault_id + header.key_id + record_id + head


class SecretFields(NamedTuple):
    """A secret without its value. Times are in ms since 1970."""

    name: str
    export: bool
    created: int
    modified: int


def pack_secret(
    fields: SecretFields, value: bytes | bytearray | memoryview
) -> bytearray:
    """Pack the plaintext of a record into a buffer, which the caller wipes."""
    name = fields.name.encode()
    flags = _EXPORTED if fields.export else 0
    head = _SECRET.pack(flags, fields.created, fields.modified, len(name))
    packed = bytearray(head + name)
    packed += value
    return packed


def unpack_secret(plaintext: bytearray | memoryview) -> tuple[SecretFields, int]:
    """Unpack the fields. Returns them and the offset of the value.

    Raises:
        VaultDamagedError: it is not a secret.

    """
    if len(plaintext) < _SECRET.size:
        damaged("a record cannot be read")
    flags, created, modified, length = _SECRET.unpack_from(plaintext)
    start = _SECRET.size + length
    if len(plaintext) <= start or flags & ~_EXPORTED or not length:
        damaged("a record cannot be read")
    try:
        name = str(plaintext[_SECRET.size : start], "utf-8")
    except UnicodeDecodeError:
        name = ""
    if not name:
        damaged("a record cannot be read")
    return SecretFields(name, bool(flags), created, modified), start


def ring_entries(
    plaintext: bytearray,
) -> Iterable[tuple[bytes, memoryview, memoryview]]:
    """Iterate over the retired keys: id of the data key, audit key, sealing key.

    Raises:
        VaultDamagedError: it is not a ring.

    """
    size = ID_BYTES + 2 * KEY_BYTES
    if not plaintext or len(plaintext) % size:
        damaged("its ring of earlier keys cannot be read")
    whole = memoryview(plaintext)
    for start in range(0, len(plaintext), size):
        one = whole[start : start + size]
        split = ID_BYTES + KEY_BYTES
        yield bytes(one[:ID_BYTES]), one[ID_BYTES:split], one[split:]
