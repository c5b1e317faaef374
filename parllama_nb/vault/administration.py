"""What is seldom done to a vault: making it, another password, other keys, clearing."""

from __future__ import annotations

import time
from pathlib import Path

from .backups import Recovery
from .contents import Contents
from .errors import VaultExistsError
from .format.crypto import Key, password_bytes, wipe
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
from .format.log import Happening, next_entry
from .format.records import RING, SECRET
from .state import Password, kernel
from .storage.protocol import Writer
from .strength import check
from .transaction import sealed_manifest, sealed_record

__all__ = ["Upkeep"]


class Upkeep(Recovery):
    """The rare operations."""

    def create(self, password: Password) -> None:
        """Make a vault and unlock it.

        Raises:
            WeakPasswordError: the password would be guessed.
            VaultExistsError: there is one already.

        """
        # A verbose traceback shows what frames have: not this one, and no password.
        __tracebackhide__ = True
        check(password)
        raw = password_bytes(password)
        del password
        header = Header(new_id(), new_id(), int(time.time() * 1000))
        data_key = Key.random()
        try:
            slot = new_slot(header, self.policy.kdf, raw, data_key).pack()
            keys = Keys(header, data_key)
        finally:
            data_key.wipe()
            wipe(raw)

        def work(writer: Writer) -> tuple[Contents, object]:
            if writer.get(HEADER) is not None:
                message = "There is a vault already."
                raise VaultExistsError(message, hint="%parllama vault unlock")
            what = Happening("create", kernel())
            link, entry = next_entry(writer, header, what, keys.audit)
            manifest = Manifest(1, *link, slot_hash(slot), 0, {})
            sealed = sealed_manifest(keys, manifest)
            writer.put(
                [(HEADER, header.pack()), (SLOT, slot), (MANIFEST, sealed), entry]
            )
            return Contents(keys, writer), self.storage.stamp()

        with self._lock:
            self._have(keys, *self.storage.write(work))
        self._changed()

    def change_password(self, old: Password, new: Password) -> None:
        """Have another password; other kernels are locked. Nothing is re-encrypted.

        Raises:
            WrongPasswordError: `old` is not its password.
            WeakPasswordError: `new` would be guessed.

        """
        __tracebackhide__ = True
        check(new)
        before, after = password_bytes(old), password_bytes(new)
        del old, new
        try:
            data_key = self._enter(before)
            with self._lock:
                header = self._current().keys.header
            slot = new_slot(header, self.policy.kdf, after, data_key).pack()
            data_key.wipe()
        finally:
            wipe(before)
            wipe(after)
        with self._lock:
            self._current()
            self._write("password", lambda draft: draft.put_slot(slot))

    def rotate(self, password: Password) -> None:
        """Have another data key: all is encrypted anew, in one transaction.

        What was sealed elsewhere still opens. Other kernels are locked.

        Raises:
            WrongPasswordError: that is not its password.

        """
        raw = password_bytes(password)
        del password
        data_key = Key.random()
        try:
            self._enter(raw).wipe()
            with self._lock:
                old = self._current().keys.header
            header = Header(old.vault_id, new_id(), old.created)
            slot = new_slot(header, self.policy.kdf, raw, data_key).pack()
            keys = Keys(header, data_key)
        finally:
            data_key.wipe()
            wipe(raw)
        try:
            with self._lock:
                self._current()

                def work(writer: Writer) -> tuple[Contents, object]:
                    return _rotated(writer, self._renew(writer), keys, slot), (
                        self.storage.stamp()
                    )

                self._have(keys, *self._told(lambda: self.storage.write(work)))
        except BaseException:
            keys.wipe()
            raise

    def clear(self, password: Password) -> Path | None:
        """Remove all secrets; gives where the backup of them is.

        Password, log and keys stay, so that what was sealed elsewhere still opens.

        Raises:
            WrongPasswordError: that is not its password.

        """
        raw = password_bytes(password)
        del password
        try:
            self._enter(raw).wipe()
        finally:
            wipe(raw)
        kept = self._kept("clear")
        with self._lock:
            self._current()
            self._write("clear", lambda draft: draft.clear())
            self._export()
        return kept


def _rotated(writer: Writer, old: Contents, keys: Keys, slot: bytes) -> Contents:
    """Everything once more under new keys, and the old ones' ring."""
    generation = old.manifest.generation + 1
    buckets: list[dict[bytes, bytes]] = [{} for _ in range(BUCKETS)]
    for record_id in old.ids.values():
        _, version, plaintext, _ = old.open(record_id)
        stored = sealed_record(keys, SECRET, version, record_id, plaintext)
        wipe(plaintext)
        buckets[record_id[0]][record_id] = stored
    ring = old.keys.pack_ring()
    ring_id = old.ring or new_id()
    buckets[ring_id[0]][ring_id] = sealed_record(keys, RING, generation, ring_id, ring)
    wipe(ring)
    what, anchor = Happening("rotate", kernel()), old.manifest.anchor
    link, entry = next_entry(writer, keys.header, what, keys.audit, anchor)
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
    sealed = sealed_manifest(keys, manifest)
    writer.put([(HEADER, keys.header.pack()), (SLOT, slot), (MANIFEST, sealed), entry])
    return Contents(keys, writer)
