"""What stands where in a vault, byte for byte; docs/vault-format.md is the text of it.

Reading is strict: a length, a number or a checksum that is not as it must be is
`VaultDamagedError`, before anything is done with it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, NoReturn

from .crypto import KDF, KEY_BYTES, SALT_BYTES
from .errors import VaultDamagedError, VaultVersionError

__all__ = [
    "AUDIT",
    "BUCKETS",
    "FORMAT",
    "HEADER",
    "ID_BYTES",
    "LABEL",
    "LONGEST_NAME",
    "LONGEST_VALUE",
    "MANIFEST",
    "RECORD",
    "RING",
    "SECRET",
    "SLOT",
    "Header",
    "Manifest",
    "SecretFields",
    "Slot",
    "audit_key",
    "bucket_hash",
    "damaged",
    "pack_secret",
    "record_data",
    "record_head",
    "record_key",
    "unpack_secret",
]

FORMAT: Final = 1
LABEL: Final = b"parllama_nb/vault/1/"
"""What everything that is derived, sealed or MACed here begins with."""

# The keys of the storage; those of records and of the log go on.
HEADER: Final = b"h"
SLOT: Final = b"s"
MANIFEST: Final = b"m"
RECORD: Final = b"r"
AUDIT: Final = b"a"

# The types of a record.
SECRET: Final = 1
RING: Final = 2

ID_BYTES: Final = 16
BUCKETS: Final = 256

LONGEST_NAME: Final = 200
"""In characters."""
LONGEST_VALUE: Final = 65_536
"""In bytes of UTF-8."""

_MAGIC = b"PLNBVLT\0"
_HEADER = struct.Struct(">8sH16s16sQ")
_SLOT = struct.Struct(">BBIII16s32s60s")
_MANIFEST = struct.Struct(">QQ32s32sIH")
_BUCKET = struct.Struct(">B32s")
_RECORD = struct.Struct(">BQ")
_SECRET = struct.Struct(">BQQH")

_EXPORTED = 1


def damaged(what: str) -> NoReturn:
    """Say that something stored is not what was stored.

    Raises:
        VaultDamagedError: always.

    """
    message = f"The vault is damaged, or was tampered with: {what}."
    raise VaultDamagedError(
        message, hint="%parllama vault restore brings back a backup."
    )


@dataclass(frozen=True, slots=True)
class Header:
    """Which vault it is, and which data key it has now. `created` in ms since 1970."""

    vault_id: bytes
    key_id: bytes
    created: int

    def pack(self) -> bytes:
        """As it is stored."""
        return _summed(
            _HEADER.pack(_MAGIC, FORMAT, self.vault_id, self.key_id, self.created)
        )

    @classmethod
    def unpack(cls, blob: bytes) -> Header:
        """From what is stored.

        Raises:
            VaultDamagedError: it is no header.
            VaultVersionError: a newer version has written it.

        """
        if blob[:8] == _MAGIC and int.from_bytes(blob[8:10]) > FORMAT:
            message = "The vault was written by a newer parllama_nb."
            raise VaultVersionError(message, hint="%pip install -U parllama_nb")
        fields = _unsummed(_HEADER, blob, "its header")
        magic, version, vault_id, key_id, created = fields
        if magic != _MAGIC or version != FORMAT:
            damaged("its header")
        return cls(vault_id, key_id, created)


@dataclass(frozen=True, slots=True)
class Slot:
    """How the password opens the data key."""

    kdf: KDF
    salt: bytes
    commitment: bytes
    sealed_key: bytes

    def pack(self) -> bytes:
        """As it is stored."""
        kdf = self.kdf
        return _summed(
            _SLOT.pack(
                1,
                1,
                kdf.memory,
                kdf.passes,
                kdf.lanes,
                self.salt,
                self.commitment,
                self.sealed_key,
            )
        )

    @classmethod
    def unpack(cls, blob: bytes) -> Slot:
        """From what is stored.

        Raises:
            VaultDamagedError: it is no slot, or asks for what no vault does.

        """
        fields = _unsummed(_SLOT, blob, "the slot of its password")
        kind, algorithm, memory, passes, lanes, salt, commitment, sealed = fields
        if (kind, algorithm) != (1, 1):
            damaged("the slot of its password")
        kdf = KDF(memory, passes, lanes)
        kdf.check()
        return cls(kdf, salt, commitment, sealed)

    @staticmethod
    def data(header: Header, kdf: KDF, salt: bytes) -> bytes:
        """What is bound to the sealed data key."""
        numbers = struct.pack(">III", kdf.memory, kdf.passes, kdf.lanes)
        return LABEL + b"slot" + header.vault_id + header.key_id + numbers + salt


@dataclass(frozen=True, slots=True)
class Manifest:
    """What has to be there: the records by bucket, the slot, the log's head.

    A record's bucket is the first byte of its id. `generation` grows with each write.
    """

    generation: int
    audit_seq: int
    audit_link: bytes
    slot_hash: bytes
    count: int
    buckets: Mapping[int, bytes] = field(repr=False)

    @property
    def anchor(self) -> tuple[int, bytes]:
        """The last entry of the log that this state knows: its number and link."""
        return self.audit_seq, self.audit_link

    def pack(self) -> bytes:
        """What is MACed."""
        head = _MANIFEST.pack(
            self.generation,
            self.audit_seq,
            self.audit_link,
            self.slot_hash,
            self.count,
            len(self.buckets),
        )
        packed = (_BUCKET.pack(*bucket) for bucket in sorted(self.buckets.items()))
        return head + b"".join(packed)

    @classmethod
    def unpack(cls, blob: bytes) -> Manifest:
        """From what was MACed.

        Raises:
            VaultDamagedError: it is no manifest.

        """
        if len(blob) < _MANIFEST.size:
            damaged("its manifest")
        generation, seq, link, slot, count, buckets = _MANIFEST.unpack_from(blob)
        packed = blob[_MANIFEST.size :]
        if buckets > BUCKETS or len(packed) != buckets * _BUCKET.size:
            damaged("its manifest")
        found = dict(_BUCKET.iter_unpack(packed))
        return cls(generation, seq, link, slot, count, found)

    @staticmethod
    def data(header: Header) -> bytes:
        """What the MAC begins with."""
        return LABEL + b"manifest" + header.vault_id + header.key_id


def bucket_hash(records: Mapping[bytes, bytes]) -> bytes:
    """The hash of one bucket's records, their values by their ids."""
    sha256 = hashlib.sha256
    return sha256(
        b"".join([key + sha256(records[key]).digest() for key in sorted(records)])
    ).digest()


def record_key(record_id: bytes) -> bytes:
    """Where a record is stored."""
    return RECORD + record_id


def audit_key(seq: int) -> bytes:
    """Where an entry of the log is stored."""
    return AUDIT + seq.to_bytes(8)


def record_head(kind: int, version: int) -> bytes:
    """What stands before a record's sealed part."""
    return _RECORD.pack(kind, version)


def record_data(header: Header, record_id: bytes, head: bytes) -> bytes:
    """What is bound to a record's sealed part."""
    return LABEL + b"record" + header.vault_id + header.key_id + record_id + head


RECORD_HEAD = _RECORD


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


def _summed(packed: bytes) -> bytes:
    return packed + hashlib.sha256(packed).digest()


def _unsummed(layout: struct.Struct, blob: bytes, what: str) -> tuple[Any, ...]:
    # The sum finds accidents, so that they are not taken for a wrong password; against
    # intent there is the commitment and the manifest.
    packed = blob[: layout.size]
    if blob != _summed(packed) or len(packed) != layout.size:
        damaged(what)
    return layout.unpack(packed)


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


assert SALT_BYTES == ID_BYTES  # noqa: S101 - the layouts above say 16 for both
