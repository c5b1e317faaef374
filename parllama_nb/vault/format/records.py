"""What stands in a vault's records, byte for byte: secrets, and the ring of keys.

docs/vault-format.md is the text of it; where a record is stored is in `format.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

from .crypto import KEY_BYTES
from .layout import ID_BYTES, LABEL, Header, damaged

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
    """What stands before a record's sealed part."""
    return RECORD_HEAD.pack(kind, version)


def record_data(header: Header, record_id: bytes, head: bytes) -> bytes:
    """What is bound to a record's sealed part."""
    return LABEL + b"record" + header.vault_id + header.key_id + record_id + head


class SecretFields(NamedTuple):
    """The plaintext of a secret's record but for its value. Times in ms since 1970."""

    name: str
    export: bool
    created: int
    modified: int


def pack_secret(fields: SecretFields, value: bytes | bytearray) -> bytearray:
    """The plaintext of a record, in a buffer that the caller wipes."""
    name = fields.name.encode()
    flags = _EXPORTED if fields.export else 0
    head = _SECRET.pack(flags, fields.created, fields.modified, len(name))
    packed = bytearray(head + name)
    packed += value
    return packed


def unpack_secret(plaintext: bytearray | memoryview) -> tuple[SecretFields, int]:
    """The fields, and where the value begins.

    Raises:
        VaultDamagedError: it is no secret.

    """
    if len(plaintext) < _SECRET.size:
        damaged("a record")
    flags, created, modified, length = _SECRET.unpack_from(plaintext)
    start = _SECRET.size + length
    if len(plaintext) <= start or flags & ~_EXPORTED or not length:
        damaged("a record")
    try:
        name = str(plaintext[_SECRET.size : start], "utf-8")
    except UnicodeDecodeError:
        name = ""
    if not name:
        damaged("a record")
    return SecretFields(name, bool(flags), created, modified), start


def ring_entries(
    plaintext: bytearray,
) -> Iterable[tuple[bytes, memoryview, memoryview]]:
    """The retired keys of a ring: the data key's id, its audit and its sealing key.

    Raises:
        VaultDamagedError: it is no ring.

    """
    size = ID_BYTES + 2 * KEY_BYTES
    if not plaintext or len(plaintext) % size:
        damaged("its ring of keys")
    whole = memoryview(plaintext)
    for start in range(0, len(plaintext), size):
        one = whole[start : start + size]
        split = ID_BYTES + KEY_BYTES
        yield bytes(one[:ID_BYTES]), one[ID_BYTES:split], one[split:]
