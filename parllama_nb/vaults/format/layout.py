"""The layout of a vault, byte for byte, as docs/vault-format.md describes it.

`records.py` has the layout of its records. Reading is strict: a wrong length, number or
checksum raises `VaultDamagedError` before anything else is done with the data.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import VaultVersionError, damaged, missing_vault
from ..storage.protocol import Reader
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
    "read_header",
    "record_key",
]

FORMAT: Final = 1
LABEL: Final = b"parllama_nb/vault/1/"
"""The first bytes of everything that is derived, authenticated or MACed here."""

# The keys of the storage; an id or a number follows those of records and of the log.
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


@dataclass(frozen=True, slots=True)
class Header:
    """The vault's id and the id of its data key. `created` is in ms since 1970."""

    vault_id: bytes
    key_id: bytes
    created: int

    def pack(self) -> bytes:
        """Pack it for the storage."""
        return _with_checksum(
            _HEADER.pack(_MAGIC, FORMAT, self.vault_id, self.key_id, self.created)
        )

    @classmethod
    def unpack(cls, blob: bytes) -> Header:
        """Unpack it from the storage.

        Raises:
            VaultDamagedError: it is not a header.
            VaultVersionError: a newer version has written it.

        """
        if blob[:8] == _MAGIC and int.from_bytes(blob[8:10]) > FORMAT:
            message = "The vault was written by a newer parllama_nb."
            raise VaultVersionError(message, hint="%pip install -U parllama_nb")
        fields = _checked(_HEADER, blob, "its header")
        magic, version, vault_id, key_id, created = fields
        if magic != _MAGIC or version != FORMAT:
            damaged("its header cannot be read")
        return cls(vault_id, key_id, created)


@dataclass(frozen=True, slots=True)
class Slot:
    """The password record: what the password decrypts the data key with."""

    kdf: KDF
    salt: bytes
    commitment: bytes
    encrypted_key: bytes

    def pack(self) -> bytes:
        """Pack it for the storage."""
        kdf = self.kdf
        return _with_checksum(
            _SLOT.pack(
                1,
                1,
                kdf.memory,
                kdf.passes,
                kdf.lanes,
                self.salt,
                self.commitment,
                self.encrypted_key,
            )
        )

    @classmethod
    def unpack(cls, blob: bytes) -> Slot:
        """Unpack it from the storage.

        Raises:
            VaultDamagedError: it is not a slot, or its key derivation costs too much.

        """
        fields = _checked(_SLOT, blob, "its password record")
        kind, algorithm, memory, passes, lanes, salt, commitment, encrypted_key = fields
        if (kind, algorithm) != (1, 1):
            damaged("its password record cannot be read")
        kdf = KDF(memory, passes, lanes)
        kdf.check()
        return cls(kdf, salt, commitment, encrypted_key)

    @staticmethod
    def data(header: Header, kdf: KDF, salt: bytes) -> bytes:
        """Return the associated data of the encrypted data key."""
        numbers = struct.pack(">III", kdf.memory, kdf.passes, kdf.lanes)
        return LABEL + b"slot" + header.vault_id + header.key_id + numbers + salt


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the vault must hold: its records by bucket, its slot, the end of its log.

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
        """Number and link of the newest log entry that has a MAC."""
        return self.audit_seq, self.audit_link

    def pack(self) -> bytes:
        """Pack it, for the MAC and the storage."""
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
        """Unpack what `pack` returned.

        Raises:
            VaultDamagedError: it is not a manifest.

        """
        if len(blob) < _MANIFEST.size:
            damaged("its manifest cannot be read")
        generation, seq, link, slot, count, buckets = _MANIFEST.unpack_from(blob)
        packed = blob[_MANIFEST.size :]
        if buckets > BUCKETS or len(packed) != buckets * _BUCKET.size:
            damaged("its manifest cannot be read")
        hashes = dict(_BUCKET.iter_unpack(packed))
        return cls(generation, seq, link, slot, count, hashes)

    @staticmethod
    def data(header: Header) -> bytes:
        """Return what comes before the packed manifest in its MAC."""
        return LABEL + b"manifest" + header.vault_id + header.key_id


def read_header(reader: Reader) -> tuple[Header, Slot]:
    """Read header and slot: what a password is tried on.

    Raises:
        VaultMissingError: there is no vault.
        VaultDamagedError: one of the two is missing, or cannot be read.

    """
    header, slot = reader.get(HEADER), reader.get(SLOT)
    if header is None:
        if slot is not None or reader.get(MANIFEST) is not None:
            damaged("its header is missing")
        raise missing_vault()
    if slot is None:
        damaged("its password record is missing")
    return Header.unpack(header), Slot.unpack(slot)


def bucket_hash(records: Mapping[bytes, bytes]) -> bytes:
    """Hash the records of one bucket, which map ids to values."""
    sha256 = hashlib.sha256
    return sha256(
        b"".join([key + sha256(records[key]).digest() for key in sorted(records)])
    ).digest()


def record_key(record_id: bytes) -> bytes:
    """Return the storage key of a record."""
    return RECORD + record_id


def audit_key(seq: int) -> bytes:
    """Return the storage key of a log entry."""
    return AUDIT + seq.to_bytes(8)


def _with_checksum(packed: bytes) -> bytes:
    return packed + hashlib.sha256(packed).digest()


def _checked(layout: struct.Struct, blob: bytes, what: str) -> tuple[Any, ...]:
    # The checksum finds accidents, so that they are not taken for a wrong password;
    # commitment and manifest protect against intent.
    packed = blob[: layout.size]
    if blob != _with_checksum(packed) or len(packed) != layout.size:
        damaged(f"{what} cannot be read")
    return layout.unpack(packed)


assert SALT_BYTES == ID_BYTES  # noqa: S101 - the layouts above say 16 for both
