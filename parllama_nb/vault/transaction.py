"""Changes to a vault that are not kept yet: all of them are, or none."""

from __future__ import annotations

import time

from .contents import Contents, missing
from .errors import VaultConflictError
from .format.crypto import wipe
from .format.keys import Keys, new_id, slot_hash
from .format.layout import MANIFEST, SLOT, Manifest, bucket_hash, record_key
from .format.records import SECRET, SecretFields, pack_secret, record_data, record_head
from .storage.protocol import Writer

__all__ = ["Transaction", "sealed_manifest", "sealed_record"]


class Transaction:
    """What one transaction is going to change of some contents."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.version = contents.manifest.generation + 1
        self._put: dict[bytes, tuple[bytes, str, bool]] = {}
        self._ids: dict[str, bytes | None] = {}
        self._removed: set[bytes] = set()
        self._slot: bytes | None = None
        self._seal = contents.keys.records.sealer()

    @property
    def changed(self) -> list[bytes]:
        """The ids of all records it changes, in order."""
        return sorted({*self._put, *self._removed})

    def set(
        self,
        name: str,
        value: bytearray | None,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> None:
        """Add or replace a secret. None leaves value or flag as it is.

        Raises:
            VaultConflictError: it does not have the version that is expected.
            SecretMissingError: only its flag is to change, and it is not there.

        """
        record_id = self._find(name, expect)
        now = int(time.time() * 1000)
        if record_id is None:
            if value is None:
                raise missing(name)
            record_id = new_id()
            fields = SecretFields(name, bool(export), now, now)
            plaintext = pack_secret(fields, value)
        else:
            fields, _, old, start = self._open(record_id)
            fields = fields._replace(
                export=fields.export if export is None else export,
                modified=now,
            )
            kept = memoryview(old)[start:]
            plaintext = pack_secret(fields, bytearray(kept) if value is None else value)
            wipe(old)
        head = record_head(SECRET, self.version)
        data = record_data(self.contents.keys.header, record_id, head)
        stored = head + self._seal(plaintext, data)
        wipe(plaintext)
        self._put[record_id] = stored, name, fields.export
        self._ids[name] = record_id
        self._removed.discard(record_id)

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """Remove a secret.

        Raises:
            VaultConflictError: it does not have the version that is expected.
            SecretMissingError: there is none of this name.

        """
        record_id = self._find(name, expect)
        if record_id is None:
            raise missing(name)
        self._put.pop(record_id, None)
        if record_id in self.contents.buckets[record_id[0]]:
            self._removed.add(record_id)
        self._ids[name] = None

    def clear(self) -> None:
        """Remove all secrets."""
        for name in [*self.contents.ids]:
            self.remove(name)

    def put_slot(self, blob: bytes) -> None:
        """Have another slot: another password, or another cost of guessing it."""
        self._slot = blob

    def write(self, writer: Writer, audit_seq: int, audit_link: bytes) -> Manifest:
        """Hand the changes to a transaction; gives the manifest that describes them."""
        old = self.contents.manifest
        buckets = dict(old.buckets)
        count = old.count
        put: dict[int, dict[bytes, bytes]] = {key[0]: {} for key in self._removed}
        for record_id, (stored, _, _) in self._put.items():
            put.setdefault(record_id[0], {})[record_id] = stored
        for bucket, fresh in put.items():
            before = self.contents.buckets[bucket]
            kept = {key: v for key, v in before.items() if key not in self._removed}
            records = {**kept, **fresh}
            count += len(records) - len(before)
            if records:
                buckets[bucket] = bucket_hash(records)
            else:
                buckets.pop(bucket, None)
        hashed = old.slot_hash if self._slot is None else slot_hash(self._slot)
        manifest = Manifest(self.version, audit_seq, audit_link, hashed, count, buckets)
        if self._slot is not None:
            writer.put([(SLOT, self._slot)])
        writer.delete(record_key(record_id) for record_id in self._removed)
        writer.put(
            (record_key(record_id), stored)
            for record_id, (stored, _, _) in self._put.items()
        )
        writer.put([(MANIFEST, sealed_manifest(self.contents.keys, manifest))])
        return manifest

    def install(self, manifest: Manifest) -> None:
        """The transaction is kept: the contents are what was written."""
        self.contents.install(
            manifest,
            ((key, *put) for key, put in self._put.items()),
            self._removed,
        )

    def _open(self, record_id: bytes) -> tuple[SecretFields, int, bytearray, int]:
        pending = self._put.get(record_id)
        if pending is None:
            return self.contents.open(record_id)
        return self.contents.open(record_id, pending[0])

    def _find(self, name: str, expect: int | None) -> bytes | None:
        record_id = self._ids.get(name, self.contents.ids.get(name))
        if expect is not None:
            version = 0
            if record_id is not None:
                _, version, plaintext, _ = self._open(record_id)
                wipe(plaintext)
            if version != expect:
                message = f"The secret {name!r} was changed elsewhere."
                raise VaultConflictError(
                    message, hint="Look at it again, then write with its new version."
                )
        return record_id


def sealed_record(
    keys: Keys, kind: int, version: int, record_id: bytes, plaintext: bytearray
) -> bytes:
    """A record as it is stored."""
    head = record_head(kind, version)
    data = record_data(keys.header, record_id, head)
    return head + keys.records.seal(plaintext, data)


def sealed_manifest(keys: Keys, manifest: Manifest) -> bytes:
    """A manifest as it is stored."""
    packed = manifest.pack()
    return packed + keys.manifest.mac(Manifest.data(keys.header) + packed)
