"""The keys of a vault: the password opens a data key, which gives one per purpose.

    password -> Argon2id -> root -> a commitment, checked first: it tells a wrong
                                    password from damage
                                 -> the wrap key, which opens the data key (random)
    data key -> records, manifest, audit, sealing, watermark

Changing the password wraps the same data key anew; rotating makes another data key
and keeps what the old one has to go on reading (the log, what was sealed) in a ring.
"""

from __future__ import annotations

import hashlib
import os

from ..errors import WrongPasswordError
from .crypto import KDF, SALT_BYTES, Key, wipe
from .layout import ID_BYTES, LABEL, Header, Slot
from .records import ring_entries

__all__ = ["Keys", "new_id", "new_slot", "open_slot", "slot_hash"]

_COMMIT = LABEL + b"commit"
_WRAP = LABEL + b"wrap"


class Keys:
    """What an unlocked vault works with. The data key itself is not among it."""

    def __init__(self, header: Header, data_key: Key) -> None:
        bound = header.vault_id + header.key_id
        self.header = header
        self.records = data_key.derive(LABEL + b"records" + bound)
        self.manifest = data_key.derive(LABEL + b"manifest" + bound)
        self.audit = data_key.derive(LABEL + b"audit" + bound)
        self.sealing = data_key.derive(LABEL + b"sealing" + bound)
        self.watermark = data_key.derive(LABEL + b"watermark" + bound)
        self.retired: dict[bytes, tuple[Key, Key]] = {}
        """By the id of an earlier data key: its audit and its sealing key."""

    def audit_key(self, key_id: bytes) -> Key | None:
        """The log's key under a data key, this one or an earlier one."""
        if key_id == self.header.key_id:
            return self.audit
        pair = self.retired.get(key_id)
        return pair[0] if pair else None

    def sealing_key(self, key_id: bytes) -> Key | None:
        """The key for sealed things under a data key, this one or an earlier one."""
        if key_id == self.header.key_id:
            return self.sealing
        pair = self.retired.get(key_id)
        return pair[1] if pair else None

    def read_ring(self, plaintext: bytearray) -> None:
        """Take the retired keys out of a ring; the buffer is wiped."""
        try:
            for key_id, audit, sealing in ring_entries(plaintext):
                if key_id not in self.retired:
                    self.retired[key_id] = (_copied(audit), _copied(sealing))
        finally:
            wipe(plaintext)

    def pack_ring(self) -> bytearray:
        """The ring of this vault's next data key, in a buffer that the caller wipes."""
        pairs = {**self.retired, self.header.key_id: (self.audit, self.sealing)}
        packed = bytearray()
        for key_id, keys in pairs.items():
            packed += key_id
            for key in keys:
                start = len(packed)
                packed += bytes(32)
                key.copy_into(memoryview(packed)[start:])
        return packed

    def wipe(self) -> None:
        """Forget them all."""
        pairs = [key for pair in self.retired.values() for key in pair]
        own = (self.records, self.manifest, self.audit, self.sealing, self.watermark)
        for key in (*own, *pairs):
            key.wipe()


def open_slot(header: Header, slot: Slot, password: bytearray) -> Key:
    """The data key, which the caller wipes.

    Raises:
        WrongPasswordError: it is not the password of this slot.
        VaultDamagedError: it is, and the slot is damaged all the same.

    """
    root = slot.kdf.derive(password, slot.salt)
    commitment = root.derive(_COMMIT + header.vault_id)
    wrap = root.derive(_WRAP + header.vault_id)
    root.wipe()
    try:
        if not commitment.same(slot.commitment):
            message = "The password is wrong."
            raise WrongPasswordError(message)
        return wrap.open_key(slot.sealed_key, Slot.data(header, slot.kdf, slot.salt))
    finally:
        wrap.wipe()
        commitment.wipe()


def new_slot(header: Header, kdf: KDF, password: bytearray, data_key: Key) -> Slot:
    """A slot in which a password opens a data key."""
    salt = os.urandom(SALT_BYTES)
    root = kdf.derive(password, salt)
    commitment = root.derive(_COMMIT + header.vault_id)
    wrap = root.derive(_WRAP + header.vault_id)
    root.wipe()
    sealed = wrap.seal_key(data_key, Slot.data(header, kdf, salt))
    shown = bytearray(32)
    commitment.copy_into(shown)
    wrap.wipe()
    return Slot(kdf, salt, bytes(shown), sealed)


def slot_hash(blob: bytes) -> bytes:
    """The hash of a stored slot, as it stands in the manifest."""
    return hashlib.sha256(blob).digest()


def new_id() -> bytes:
    """An id of a vault, a data key or a record."""
    return os.urandom(ID_BYTES)


def _copied(bits: memoryview) -> Key:
    def fill(buffer: bytearray) -> None:
        buffer[:] = bits

    return Key.filled(fill)
