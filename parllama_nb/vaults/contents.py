"""The contents of an unlocked vault: its records, still encrypted, and their names.

Everything in memory was checked against the manifest. The names are decrypted when the
vault is unlocked, a value only when it is requested.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..secret import Secret
from .errors import RollbackError, damaged, missing_secret
from .format.crypto import NONCE_BYTES, TAG_BYTES, wipe
from .format.keys import Keys
from .format.layout import BUCKETS, MANIFEST, RECORD, Manifest, bucket_hash
from .format.records import (
    RECORD_HEAD,
    RING,
    SECRET,
    SecretFields,
    record_data,
    unpack_secret,
)
from .storage.protocol import Reader

__all__ = ["Contents", "Entry"]

_LEAST = RECORD_HEAD.size + NONCE_BYTES + TAG_BYTES
_ID = slice(len(RECORD), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A secret without its value.

    `version` is the vault's generation when it was last written; no two writes have the
    same. `created` and `modified` are in seconds since the epoch. `export` says
    whether it is put into the environment of the kernel while the vault is unlocked.
    """

    name: str
    version: int
    export: bool
    created: float
    modified: float
    id: str


class Contents:
    """The verified records of a vault. Used under the vault's lock."""

    def __init__(self, keys: Keys, reader: Reader) -> None:
        self.keys = keys
        self.buckets: list[dict[bytes, bytes]] = [{} for _ in range(BUCKETS)]
        self.ids: dict[str, bytes] = {}
        self.exported: set[str] = set()
        self.ring: bytes | None = None
        self._names: dict[bytes, str] = {}
        self.manifest = self._read_manifest(reader)
        by_bucket: list[dict[bytes, bytes]] = [{} for _ in range(BUCKETS)]
        for key, value in reader.scan(RECORD):
            record_id = key[_ID]
            if not record_id:
                damaged("a record cannot be read")
            by_bucket[record_id[0]][record_id] = value
        self._replace_buckets(self.manifest, dict(enumerate(by_bucket)))

    def refresh(self, reader: Reader) -> None:
        """Take over what other kernels have written since.

        Raises:
            VaultDamagedError: the storage does not hold what they wrote.

        """
        now = self._read_manifest(reader)
        before = self.manifest
        if now == before:
            return
        if now.generation <= before.generation:
            message = "The vault's file was replaced by an older state of it."
            raise RollbackError(message, hint="%parllama vault unlock says more.")
        changed = {
            bucket
            for bucket in before.buckets.keys() | now.buckets.keys()
            if before.buckets.get(bucket) != now.buckets.get(bucket)
        }
        fresh = {
            bucket: {
                key[_ID]: value for key, value in reader.scan(RECORD + bytes([bucket]))
            }
            for bucket in changed
        }
        self._replace_buckets(now, fresh)

    def value(self, record_id: bytes) -> bytes:
        """Return a record as it is stored."""
        return self.buckets[record_id[0]][record_id]

    def find(self, name: str) -> bytes:
        """Return the id of a secret.

        Raises:
            SecretMissingError: no secret has this name.

        """
        record_id = self.ids.get(name)
        if record_id is None:
            raise missing_secret(name)
        return record_id

    def secret(self, record_id: bytes) -> Secret:
        """Decrypt a secret. Its value is a `str`, which cannot be wiped."""
        fields, _, plaintext, start = self.decrypt(record_id)
        value = str(memoryview(plaintext)[start:], "utf-8")
        wipe(plaintext)
        return Secret(fields.name, value)

    def decrypt(
        self, record_id: bytes, stored: bytes | None = None
    ) -> tuple[SecretFields, int, bytearray, int]:
        """Return fields, version, plaintext (the caller wipes it), offset of the value.

        `stored` is the record if it is not in the contents yet.
        """
        stored = stored or self.value(record_id)
        kind, version = RECORD_HEAD.unpack_from(stored)
        head, encrypted = stored[: RECORD_HEAD.size], stored[RECORD_HEAD.size :]
        data = record_data(self.keys.header, record_id, head)
        plaintext = self.keys.records.decrypt(encrypted, data)
        if kind != SECRET:
            damaged("a record cannot be read")
        fields, start = unpack_secret(plaintext)
        return fields, version, plaintext, start

    def entry(self, record_id: bytes) -> Entry:
        """Decrypt a secret and drop its value."""
        fields, version, plaintext, _ = self.decrypt(record_id)
        wipe(plaintext)
        return Entry(
            fields.name,
            version,
            fields.export,
            fields.created / 1000,
            fields.modified / 1000,
            record_id.hex(),
        )

    def install(
        self,
        manifest: Manifest,
        put: Iterable[tuple[bytes, bytes, str, bool]],
        removed: Iterable[bytes],
    ) -> None:
        """Take over what this kernel has written: id, stored record, name, exported."""
        for record_id in removed:
            self._drop(record_id)
        for record_id, value, name, exported in put:
            self.buckets[record_id[0]][record_id] = value
            if name:
                self._index(record_id, name, exported=exported)
            else:
                self.ring = record_id
        self.manifest = manifest

    def _read_manifest(self, reader: Reader) -> Manifest:
        return self.keys.unpack_manifest(reader.get(MANIFEST) or b"")

    def _replace_buckets(
        self, manifest: Manifest, fresh: dict[int, dict[bytes, bytes]]
    ) -> None:
        """Check buckets against the manifest, decrypt their names, take them over."""
        for bucket, records in fresh.items():
            wanted = manifest.buckets.get(bucket)
            if (bucket_hash(records) if records else None) != wanted:
                damaged("records are missing, out of date, or from another vault")
        names = self._decrypt_names(fresh)
        for bucket, records in fresh.items():
            for record_id in list(self.buckets[bucket]):
                self._drop(record_id)
            self.buckets[bucket] = records
        for record_id, name, exported in names:
            if name in self.ids:
                damaged("two records have the same name")
            self._index(record_id, name, exported=exported)
        if sum(map(len, self.buckets)) != manifest.count:
            damaged("it has more or fewer records than its manifest says")
        self.manifest = manifest

    def _decrypt_names(
        self, fresh: dict[int, dict[bytes, bytes]]
    ) -> list[tuple[bytes, str, bool]]:
        """Return ids, names and export flags of the secrets; also reads a ring."""
        names = []
        decrypt_into = self.keys.records.decryptor()
        prefix = record_data(self.keys.header, b"", b"")
        longest = max(
            (len(v) for each in fresh.values() for v in each.values()), default=0
        )
        scratch = bytearray(longest)
        view, size = memoryview(scratch), RECORD_HEAD.size
        try:
            for records in fresh.values():
                for record_id, stored in records.items():
                    if len(stored) < _LEAST:
                        damaged("a record cannot be read")
                    into = view[: len(stored) - _LEAST]
                    head = stored[:size]
                    decrypt_into(stored[size:], prefix + record_id + head, into)
                    if stored[0] == SECRET:
                        fields, _ = unpack_secret(into)
                        names.append((record_id, fields.name, fields.export))
                    elif stored[0] == RING:
                        self.keys.read_ring(bytearray(into))
                        self.ring = record_id
                    else:
                        damaged("a record has an unknown type")
        finally:
            wipe(scratch)
        return names

    def _index(self, record_id: bytes, name: str, *, exported: bool) -> None:
        self._names[record_id] = name
        self.ids[name] = record_id
        if exported:
            self.exported.add(name)
        else:
            self.exported.discard(name)

    def _drop(self, record_id: bytes) -> None:
        self.buckets[record_id[0]].pop(record_id, None)
        name = self._names.pop(record_id, None)
        if name is not None:
            del self.ids[name]
            self.exported.discard(name)
