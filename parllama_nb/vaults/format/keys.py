"""The keys of a vault: the password decrypts a data key, from which all others derive.

    password -> Argon2id -> root -> a commitment, checked first: it tells a wrong
                                    password from damage
                                 -> the wrap key, which decrypts the data key (random)
    data key -> records, manifest, audit, sealing, watermark

A new password wraps the same data key again. Rotating makes a new data key; the audit
and the sealing key of the old one go into a ring, so that the log and everything that
was encrypted for other places can still be read.
"""

from __future__ import annotations

import hashlib
import os

from ..errors import WrongPasswordError, damaged
from .crypto import KDF, SALT_BYTES, Key, wipe
from .layout import ID_BYTES, LABEL, Header, Manifest, Slot
from .records import record_data, record_head, ring_entries

__all__ = ["Keys", "new_id", "new_slot", "open_slot", "slot_hash"]

_COMMIT = LABEL + b"commit"
_WRAP = LABEL + b"wrap"
_MAC_BYTES = 32


class Keys:
    """The keys of an unlocked vault; the data key itself is not among them."""

    def __init__(self, header: Header, data_key: Key) -> None:
        bound = header.vault_id + header.key_id
        self.header = header
        self.records = data_key.derive(LABEL + b"records" + bound)
        self.manifest = data_key.derive(LABEL + b"manifest" + bound)
        self.audit = data_key.derive(LABEL + b"audit" + bound)
        self.sealing = data_key.derive(LABEL + b"sealing" + bound)
        self.watermark = data_key.derive(LABEL + b"watermark" + bound)
        self.retired: dict[bytes, tuple[Key, Key]] = {}
        """Audit key and sealing key, by the id of an earlier data key."""

    def audit_key(self, key_id: bytes) -> Key | None:
        """Return the log's key of a data key, the present or an earlier one."""
        if key_id == self.header.key_id:
            return self.audit
        pair = self.retired.get(key_id)
        return pair[0] if pair else None

    def sealing_key(self, key_id: bytes) -> Key | None:
        """Return the envelopes' key of a data key, the present or an earlier one."""
        if key_id == self.header.key_id:
            return self.sealing
        pair = self.retired.get(key_id)
        return pair[1] if pair else None

    def read_ring(self, plaintext: bytearray) -> None:
        """Add the retired keys of a ring; wipes the buffer."""
        try:
            for key_id, audit, sealing in ring_entries(plaintext):
                if key_id not in self.retired:
                    self.retired[key_id] = (_copied(audit), _copied(sealing))
        finally:
            wipe(plaintext)

    def pack_ring(self) -> bytearray:
        """Pack the ring for the next data key into a buffer, which the caller wipes."""
        pairs = {**self.retired, self.header.key_id: (self.audit, self.sealing)}
        packed = bytearray()
        for key_id, keys in pairs.items():
            packed += key_id
            for key in keys:
                start = len(packed)
                packed += bytes(32)
                key.copy_into(memoryview(packed)[start:])
        return packed

    def encrypt_record(
        self, kind: int, version: int, record_id: bytes, plaintext: bytearray
    ) -> bytes:
        """Encrypt a record for the storage."""
        head = record_head(kind, version)
        data = record_data(self.header, record_id, head)
        return head + self.records.encrypt(plaintext, data)

    def pack_manifest(self, manifest: Manifest) -> bytes:
        """Pack a manifest with its MAC for the storage."""
        packed = manifest.pack()
        return packed + self.manifest.mac(Manifest.data(self.header) + packed)

    def unpack_manifest(self, blob: bytes) -> Manifest:
        """Check the MAC of a stored manifest, and unpack it.

        Raises:
            VaultDamagedError: it was changed, or is not a manifest of these keys.

        """
        packed, mac = blob[:-_MAC_BYTES], blob[-_MAC_BYTES:]
        if not self.manifest.check(Manifest.data(self.header) + packed, mac):
            damaged("its manifest is not the one that was written")
        return Manifest.unpack(packed)

    def wipe(self) -> None:
        """Overwrite all of them."""
        pairs = [key for pair in self.retired.values() for key in pair]
        own = (self.records, self.manifest, self.audit, self.sealing, self.watermark)
        for key in (*own, *pairs):
            key.wipe()


def open_slot(header: Header, slot: Slot, password: bytearray) -> Key:
    """Decrypt the data key, which the caller wipes.

    Raises:
        WrongPasswordError: it is not the password of this slot.
        VaultDamagedError: the password is right and the slot is damaged.

    """
    root = slot.kdf.derive(password, slot.salt)
    commitment = root.derive(_COMMIT + header.vault_id)
    wrap = root.derive(_WRAP + header.vault_id)
    root.wipe()
    try:
        if not commitment.same(slot.commitment):
            message = "The password is wrong."
            raise WrongPasswordError(message)
        return wrap.decrypt_key(
            slot.encrypted_key, Slot.data(header, slot.kdf, slot.salt)
        )
    finally:
        wrap.wipe()
        commitment.wipe()


def new_slot(header: Header, kdf: KDF, password: bytearray, data_key: Key) -> Slot:
    """Make a slot: a data key encrypted under a password."""
    salt = os.urandom(SALT_BYTES)
    root = kdf.derive(password, salt)
    commitment = root.derive(_COMMIT + header.vault_id)
    wrap = root.derive(_WRAP + header.vault_id)
    root.wipe()
    encrypted_key = wrap.encrypt_key(data_key, Slot.data(header, kdf, salt))
    # The commitment is not secret: it is stored in the clear.
    public = bytearray(32)
    commitment.copy_into(public)
    wrap.wipe()
    return Slot(kdf, salt, bytes(public), encrypted_key)


def slot_hash(blob: bytes) -> bytes:
    """Hash a stored slot, for the manifest."""
    return hashlib.sha256(blob).digest()


def new_id() -> bytes:
    """Make an id for a vault, a data key or a record."""
    return os.urandom(ID_BYTES)


def _copied(bits: memoryview) -> Key:
    def fill(buffer: bytearray) -> None:
        buffer[:] = bits

    return Key.filled(fill)
