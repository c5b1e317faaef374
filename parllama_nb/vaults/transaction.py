"""Changes to a vault that are stored together, or not at all.

The user gathers `Changes` in a `with` block, without a lock. A `Transaction` applies
them to the contents of one moment, and writes the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .contents import Contents
from .environment import check_export
from .errors import VaultConflictError, missing_secret
from .format import log
from .format.crypto import wipe
from .format.keys import new_id, slot_hash
from .format.layout import MANIFEST, SLOT, Manifest, bucket_hash, record_key
from .format.records import SECRET, SecretFields, pack_secret, record_data, record_head
from .policy import check_name, value_bytes
from .storage.protocol import Writer

__all__ = ["Changes", "Transaction"]


@dataclass(slots=True)
class Changes:
    """The changes of one `with vault.batch()` block."""

    version: int = 0
    """The version that the written secrets got, once they are stored."""
    _edits: list[Callable[[Transaction], None]] = field(
        default_factory=list, repr=False
    )
    _values: list[bytearray] = field(default_factory=list, repr=False)

    def set(
        self,
        name: str,
        value: str | bytes | bytearray,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> None:
        """As `Vault.set`.

        Raises:
            SecretRefusedError: this name or value cannot be stored.

        """
        # A verbose traceback shows the variables of its frames: hide this one.
        __tracebackhide__ = True
        raw = value_bytes(value)
        del value
        self._values.append(raw)
        name = check_name(name)
        if export:
            check_export(name)
        self._edits.append(
            lambda transaction: transaction.set(name, raw, export=export, expect=expect)
        )

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """As `Vault.remove`."""
        self._edits.append(lambda transaction: transaction.remove(name, expect=expect))

    def apply(self, transaction: Transaction) -> None:
        """Make the changes in a transaction."""
        for edit in self._edits:
            edit(transaction)

    def wipe(self) -> None:
        """Overwrite the values."""
        for raw in self._values:
            wipe(raw)

    def __bool__(self) -> bool:
        return bool(self._edits)


class Transaction:
    """The changes that one storage transaction makes to the contents."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.version = contents.manifest.generation + 1
        self._put: dict[bytes, tuple[bytes, str, bool]] = {}
        self._ids: dict[str, bytes | None] = {}
        self._removed: set[bytes] = set()
        self._slot: bytes | None = None
        self._kept = 0
        self._not_pruned: Callable[[str], object] = str
        self._encrypt = contents.keys.records.encryptor()

    @property
    def changed(self) -> list[bytes]:
        """The ids of all changed records, in order."""
        return sorted({*self._put, *self._removed})

    def set(
        self,
        name: str,
        value: bytearray | None,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> None:
        """Add or replace a secret. None leaves its value or its flag unchanged.

        Raises:
            VaultConflictError: it does not have the expected version.
            SecretMissingError: the value is None and no secret has this name.

        """
        record_id = self._find(name, expect)
        now = int(time.time() * 1000)
        if record_id is None:
            if value is None:
                raise missing_secret(name)
            record_id = new_id()
            fields = SecretFields(name, bool(export), now, now)
            plaintext = pack_secret(fields, value)
        else:
            fields, _, old, start = self._decrypt(record_id)
            fields = fields._replace(
                export=fields.export if export is None else export,
                modified=now,
            )
            unchanged = memoryview(old)[start:]
            plaintext = pack_secret(fields, unchanged if value is None else value)
            wipe(old)
        head = record_head(SECRET, self.version)
        data = record_data(self.contents.keys.header, record_id, head)
        stored = head + self._encrypt(plaintext, data)
        wipe(plaintext)
        self._put[record_id] = stored, name, fields.export
        self._ids[name] = record_id
        self._removed.discard(record_id)

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """Remove a secret.

        Raises:
            VaultConflictError: it does not have the expected version.
            SecretMissingError: no secret has this name.

        """
        record_id = self._find(name, expect)
        if record_id is None:
            raise missing_secret(name)
        self._put.pop(record_id, None)
        if record_id in self.contents.buckets[record_id[0]]:
            self._removed.add(record_id)
        self._ids[name] = None

    def clear(self) -> None:
        """Remove all secrets."""
        for name in [*self.contents.ids]:
            self.remove(name)

    def put_slot(self, blob: bytes) -> None:
        """Replace the password record."""
        self._slot = blob

    def prune_log(self, kept: int, not_pruned: Callable[[str], object]) -> None:
        """Prune the log too if it has many more entries than are `kept`.

        If it is damaged it stays as it is, for it shows what was done to it: then
        `not_pruned` is called with what is wrong.
        """
        self._kept, self._not_pruned = kept, not_pruned

    def write(self, writer: Writer, event: str) -> Manifest:
        """Write the changes and a log entry. Returns the new manifest."""
        keys, old = self.contents.keys, self.contents.manifest
        prunes = self._kept > 0 and log.is_long(writer, self._kept)
        if prunes and (problem := log.verify(writer, keys.header, old, keys.audit_key)):
            self._not_pruned(problem)
            prunes = False
        link = log.append(
            writer,
            keys.header,
            event,
            key=keys.audit,
            anchor=old.anchor,
            ids=self.changed,
        )
        if prunes:
            link = log.prune(
                writer, keys.header, self._kept, key=keys.audit, newest=link
            )
        buckets = dict(old.buckets)
        count = old.count
        put: dict[int, dict[bytes, bytes]] = {key[0]: {} for key in self._removed}
        for record_id, (stored, _, _) in self._put.items():
            put.setdefault(record_id[0], {})[record_id] = stored
        for bucket, fresh in put.items():
            before = self.contents.buckets[bucket]
            stay = {key: v for key, v in before.items() if key not in self._removed}
            records = {**stay, **fresh}
            count += len(records) - len(before)
            if records:
                buckets[bucket] = bucket_hash(records)
            else:
                buckets.pop(bucket, None)
        hashed = old.slot_hash if self._slot is None else slot_hash(self._slot)
        manifest = Manifest(self.version, *link, hashed, count, buckets)
        if self._slot is not None:
            writer.put([(SLOT, self._slot)])
        writer.delete(record_key(record_id) for record_id in self._removed)
        writer.put(
            (record_key(record_id), stored)
            for record_id, (stored, _, _) in self._put.items()
        )
        writer.put([(MANIFEST, keys.pack_manifest(manifest))])
        return manifest

    def install(self, manifest: Manifest) -> None:
        """Take the changes over into the contents, now that they are stored."""
        self.contents.install(
            manifest,
            ((key, *put) for key, put in self._put.items()),
            self._removed,
        )

    def _decrypt(self, record_id: bytes) -> tuple[SecretFields, int, bytearray, int]:
        pending = self._put.get(record_id)
        if pending is None:
            return self.contents.decrypt(record_id)
        return self.contents.decrypt(record_id, pending[0])

    def _find(self, name: str, expect: int | None) -> bytes | None:
        record_id = self._ids.get(name, self.contents.ids.get(name))
        if expect is not None:
            version = 0
            if record_id is not None:
                _, version, plaintext, _ = self._decrypt(record_id)
                wipe(plaintext)
            if version != expect:
                message = f"The secret {name!r} was changed elsewhere."
                raise VaultConflictError(
                    message, hint="Read it again, then write with its new version."
                )
        return record_id
