"""The rare operations on a vault: create, another password, other keys, clear."""

from __future__ import annotations

import time
from pathlib import Path

from .access import Access
from .backups import Backups
from .contents import Contents
from .errors import VaultExistsError
from .format import log
from .format.crypto import Key, wipe
from .format.keys import Keys, new_id, new_slot, slot_hash
from .format.layout import (
    BUCKETS,
    HEADER,
    MANIFEST,
    RECORD,
    SLOT,
    Header,
    Manifest,
    bucket_hash,
    record_key,
)
from .format.records import RING, SECRET
from .storage.protocol import Writer
from .strength import check
from .transaction import Transaction
from .unlocked import Unlocked

__all__ = ["change_password", "clear", "create", "rotate"]


def create(access: Access, password: bytearray) -> None:
    """See `Vault.create`."""
    check(password)
    header = Header(new_id(), new_id(), int(time.time() * 1000))
    keys, slot = _new_keys(access, header, password)

    def work(writer: Writer) -> Unlocked:
        if writer.get(HEADER) is not None:
            message = "There is a vault already."
            raise VaultExistsError(message, hint="%parllama vault unlock")
        link = log.append(writer, header, "create", key=keys.audit)
        _put_heads(writer, keys, slot, Manifest(1, *link, slot_hash(slot), 0, {}))
        return Unlocked.written(access.storage, keys, writer)

    try:
        with access.guard:
            access.set_unlocked(access.storage.write(work))
    except BaseException:
        keys.wipe()
        raise
    access.changed()


def change_password(access: Access, old: bytearray, new: bytearray) -> None:
    """See `Vault.change_password`."""
    check(new)
    data_key = access.unlock_with(old)
    try:
        with access.guard:
            header = access.current().keys.header
        slot = new_slot(header, access.policy.kdf, new, data_key).pack()
    finally:
        data_key.wipe()

    def edit(transaction: Transaction) -> None:
        transaction.put_slot(slot)

    with access.guard:
        access.current()
        access.write("password", edit)


def rotate(access: Access, password: bytearray) -> None:
    """See `Vault.rotate`."""
    access.unlock_with(password).wipe()
    with access.guard:
        old = access.current().keys.header
    header = Header(old.vault_id, new_id(), old.created)
    keys, slot = _new_keys(access, header, password)

    def work(unlocked: Unlocked) -> Unlocked:
        def encrypt_anew(writer: Writer) -> Unlocked:
            _encrypt_anew(writer, unlocked.refresh(writer), keys, slot)
            return Unlocked.written(access.storage, keys, writer)

        return access.storage.write(encrypt_anew)

    try:
        with access.guard:
            access.current()
            access.set_unlocked(access.use(work))
    except BaseException:
        keys.wipe()
        raise


def clear(access: Access, backups: Backups, password: bytearray) -> Path | None:
    """See `Vault.clear`."""
    access.unlock_with(password).wipe()
    path = backups.rotate("clear")
    with access.guard:
        access.current()
        access.write("clear", Transaction.clear)
        access.sync_environment()
    access.changed()
    return path


def _new_keys(
    access: Access, header: Header, password: bytearray
) -> tuple[Keys, bytes]:
    """Make a data key. Returns the keys that derive from it, and its packed slot."""
    data_key = Key.random()
    try:
        slot = new_slot(header, access.policy.kdf, password, data_key)
        return Keys(header, data_key), slot.pack()
    finally:
        data_key.wipe()


def _put_heads(writer: Writer, keys: Keys, slot: bytes, manifest: Manifest) -> None:
    packed = keys.pack_manifest(manifest)
    writer.put([(HEADER, keys.header.pack()), (SLOT, slot), (MANIFEST, packed)])


def _encrypt_anew(writer: Writer, old: Contents, keys: Keys, slot: bytes) -> None:
    """Write everything again under new keys, and a ring with the old ones."""
    generation = old.manifest.generation + 1
    buckets: list[dict[bytes, bytes]] = [{} for _ in range(BUCKETS)]
    for record_id in old.ids.values():
        _, version, plaintext, _ = old.decrypt(record_id)
        stored = keys.encrypt_record(SECRET, version, record_id, plaintext)
        wipe(plaintext)
        buckets[record_id[0]][record_id] = stored
    ring = old.keys.pack_ring()
    ring_id = old.ring or new_id()
    buckets[ring_id[0]][ring_id] = keys.encrypt_record(RING, generation, ring_id, ring)
    wipe(ring)
    anchor = old.manifest.anchor
    link = log.append(writer, keys.header, "rotate", key=keys.audit, anchor=anchor)
    manifest = Manifest(
        generation,
        *link,
        slot_hash(slot),
        sum(map(len, buckets)),
        {n: bucket_hash(records) for n, records in enumerate(buckets) if records},
    )
    writer.delete([key for key, _ in writer.scan(RECORD)])
    for records in buckets:
        writer.put((record_key(key), stored) for key, stored in records.items())
    _put_heads(writer, keys, slot, manifest)
