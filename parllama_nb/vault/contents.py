"""What is in an unlocked vault: the records as they are stored, and where names are.

All that is kept in memory was checked against the manifest. A value is opened when it
is asked for and not before; the names are opened with the vault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import RollbackError, SecretMissingError
from .format.crypto import NONCE_BYTES, TAG_BYTES, wipe
from .format.keys import Keys
from .format.layout import BUCKETS, MANIFEST, RECORD, Manifest, bucket_hash, damaged
from .format.records import (
    RECORD_HEAD,
    RING,
    SECRET,
    SecretFields,
    record_data,
    unpack_secret,
)
from .storage.protocol import Reader

__all__ = ["Contents", "Entry", "missing"]

_MAC_BYTES = 32
_LEAST = RECORD_HEAD.size + NONCE_BYTES + TAG_BYTES
_ID = slice(len(RECORD), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a secret without its value.

    `version` is the vault's generation when it was last written; two writes never have
    the same. `created` and `modified` are in seconds since the epoch. `export` says
    whether it is put into the environment of the kernel while the vault is unlocked.
    """

    name: str
    version: int
    export: bool
    created: float
    modified: float
    id: str


class Contents:
    """The records of a vault, verified. Used under the vault's lock."""

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
                damaged("a record")
            by_bucket[record_id[0]][record_id] = value
        self._take(self.manifest, dict(enumerate(by_bucket)))

    def refresh(self, reader: Reader) -> None:
        """Take over what others have written since.

        Raises:
            VaultDamagedError: what is there now is not what they wrote.

        """
        now = self._read_manifest(reader)
        before = self.manifest
        if now == before:
            return
        if now.generation <= before.generation:
            message = "The vault went back to an earlier state of itself."
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
        self._take(now, fresh)

    def value(self, record_id: bytes) -> bytes:
        """A record as it is stored."""
        return self.buckets[record_id[0]][record_id]

    def find(self, name: str) -> bytes:
        """The id of a secret.

        Raises:
            SecretMissingError: there is none of this name.

        """
        found = self.ids.get(name)
        if found is None:
            raise missing(name)
        return found

    def open(
        self, record_id: bytes, stored: bytes | None = None
    ) -> tuple[SecretFields, int, bytearray, int]:
        """Fields, version, plaintext (the caller wipes it), start of the value in it.

        `stored` is the record where it is not yet in the contents.
        """
        stored = stored or self.value(record_id)
        kind, version = RECORD_HEAD.unpack_from(stored)
        head, sealed = stored[: RECORD_HEAD.size], stored[RECORD_HEAD.size :]
        data = record_data(self.keys.header, record_id, head)
        plaintext = self.keys.records.open(sealed, data)
        if kind != SECRET:
            damaged("a record")
        fields, start = unpack_secret(plaintext)
        return fields, version, plaintext, start

    def entry(self, record_id: bytes) -> Entry:
        """What is known of a secret without its value."""
        fields, version, plaintext, _ = self.open(record_id)
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
        """Take over what this vault has itself written: id, value, name, exported."""
        for record_id in removed:
            self._drop(record_id)
        for record_id, value, name, exported in put:
            self.buckets[record_id[0]][record_id] = value
            if name:
                self._name(record_id, name, exported=exported)
            else:
                self.ring = record_id
        self.manifest = manifest

    def _read_manifest(self, reader: Reader) -> Manifest:
        blob = reader.get(MANIFEST) or b""
        packed, mac = blob[:-_MAC_BYTES], blob[-_MAC_BYTES:]
        if not self.keys.manifest.check(Manifest.data(self.keys.header) + packed, mac):
            damaged("its manifest")
        return Manifest.unpack(packed)

    def _take(self, manifest: Manifest, fresh: dict[int, dict[bytes, bytes]]) -> None:
        """Check buckets against the manifest, open their names, and have them."""
        for bucket, records in fresh.items():
            wanted = manifest.buckets.get(bucket)
            if (bucket_hash(records) if records else None) != wanted:
                damaged("records are missing, old, or not its own")
        opened = self._opened(fresh)
        for bucket, records in fresh.items():
            for record_id in list(self.buckets[bucket]):
                self._drop(record_id)
            self.buckets[bucket] = records
        for record_id, name, exported in opened:
            if name in self.ids:
                damaged("two records have one name")
            self._name(record_id, name, exported=exported)
        if sum(map(len, self.buckets)) != manifest.count:
            damaged("the number of its records")
        self.manifest = manifest

    def _opened(
        self, fresh: dict[int, dict[bytes, bytes]]
    ) -> list[tuple[bytes, str, bool]]:
        """Ids, names and export flags of the secrets; a ring is read on the way."""
        opened = []
        open_into = self.keys.records.opener()
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
                        damaged("a record")
                    into = view[: len(stored) - _LEAST]
                    head = stored[:size]
                    open_into(stored[size:], prefix + record_id + head, into)
                    if stored[0] == SECRET:
                        fields, _ = unpack_secret(into)
                        opened.append((record_id, fields.name, fields.export))
                    elif stored[0] == RING:
                        self.keys.read_ring(bytearray(into))
                        self.ring = record_id
                    else:
                        damaged("a record of no known type")
        finally:
            wipe(scratch)
        return opened

    def _name(self, record_id: bytes, name: str, *, exported: bool) -> None:
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


def missing(name: str) -> SecretMissingError:
    """That there is no secret of a name."""
    return SecretMissingError(
        f"There is no secret {name!r} in the vault.",
        hint="%parllama vault list shows their names.",
    )
