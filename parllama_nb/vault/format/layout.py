"""What stands where in a vault, byte for byte; docs/vault-format.md is the text of it.

What its records hold is in `records.py`. Reading is strict: a length, a number or a
checksum that is not as it must be is `VaultDamagedError`, before anything is done with
it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ..errors import VaultDamagedError, VaultVersionError
from .crypto import KDF, SALT_BYTES

__all__ = [
    "AUDIT",
    "BUCKETS",
    "FORMAT",
    "HEADER",
    "ID_BYTES",
    "LABEL",
    "MANIFEST",
    "RECORD",
    "SLOT",
    "Header",
    "Manifest",
    "Slot",
    "audit_key",
    "bucket_hash",
    "damaged",
    "record_key",
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

ID_BYTES: Final = 16
BUCKETS: Final = 256

_MAGIC = b"PLNBVLT\0"
_HEADER = struct.Struct(">8sH16s16sQ")
_SLOT = struct.Struct(">BBIII16s32s60s")
_MANIFEST = struct.Struct(">QQ32s32sIH")
_BUCKET = struct.Struct(">B32s")


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


def _summed(packed: bytes) -> bytes:
    return packed + hashlib.sha256(packed).digest()


def _unsummed(layout: struct.Struct, blob: bytes, what: str) -> tuple[Any, ...]:
    # The sum finds accidents, so that they are not taken for a wrong password; against
    # intent there is the commitment and the manifest.
    packed = blob[: layout.size]
    if blob != _summed(packed) or len(packed) != layout.size:
        damaged(what)
    return layout.unpack(packed)


assert SALT_BYTES == ID_BYTES  # noqa: S101 - the layouts above say 16 for both
