"""What is seldom done to a vault: another password, other keys, backups, clearing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from . import backup
from .audit import Happening, next_entry, verify
from .backup import Source, all_items
from .contents import Contents
from .crypto import Key, password_bytes, wipe
from .draft import sealed_manifest, sealed_record
from .entrance import Entrance
from .errors import VaultDamagedError, VaultError, VaultExistsError
from .format import (
    BUCKETS,
    HEADER,
    MANIFEST,
    RECORD,
    SLOT,
    Header,
    Manifest,
    bucket_hash,
    damaged,
    record_key,
)
from .keys import Keys, new_id, new_slot, open_slot, slot_hash
from .records import RING, SECRET
from .state import Password, heads, kernel
from .storage import Reader, Writer
from .strength import check

__all__ = ["Difference", "Upkeep"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a backup would change, by the names of the secrets.

    `known` is false where the present vault is locked, so that nobody can say. `log`
    is what is wrong with the backup's log, "" where nothing is. `kept` is where the
    present file was put before it was replaced.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    known: bool = True
    log: str = ""
    kept: str = ""


class Upkeep(Entrance):
    """The rare operations. `backups` is where copies go that are made by themselves."""

    backups: Callable[[], Path] | None = None

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

    def backup(self, path: Source | None = None) -> Path | None:
        """Copy the vault into a file and check the copy; None where nothing is kept.

        An unlocked vault's copy is checked with its keys, a locked one's as far as
        that goes. Without a path it is one of five that take turns.

        Raises:
            VaultMissingError: there is no vault.
            VaultStorageError: there is a file already, or it cannot be written.

        """
        if path is None:
            return self._kept("backup")
        target = Path(path).expanduser().absolute()
        with self._lock:
            backup.copy(self.storage, target, self._check_copy)
        return target

    def restore(
        self, source: Source, password: Password, *, apply: bool = False
    ) -> Difference:
        """What a backup would change; with `apply`, change it.

        The present file is kept: as a backup, or put aside where it is damaged. The
        vault is unlocked then, with the backup's password.

        Raises:
            WrongPasswordError: that is not the backup's password.
            VaultDamagedError: it is no backup, or was tampered with.

        """
        raw = password_bytes(password)
        del password
        try:
            with backup.opened(source) as storage:
                header, slot = storage.read(heads)
                data_key = open_slot(header, slot, raw)
                keys = Keys(header, data_key)
                data_key.wipe()
                try:
                    contents, items, log = storage.read(lambda r: _checked(r, keys))
                    with self._lock:
                        found = replace(self._difference(contents), log=log)
                        if not apply:
                            keys.wipe()
                            return found
                        kept = self._replace(contents, items)
                except BaseException:
                    keys.wipe()
                    raise
        finally:
            wipe(raw)
        self._changed()
        return replace(found, kept=kept)

    def _check_copy(self, reader: Reader) -> None:
        heads(reader)
        if self._opened is not None:
            Contents(self._opened.keys, reader)
        elif reader.get(MANIFEST) is None:
            damaged("its manifest is gone")

    def _kept(self, why: str) -> Path | None:
        if self.backups is None:
            return None
        with self._lock:
            return backup.rotated(self.storage, self.backups(), why, self._check_copy)

    def _difference(self, theirs: Contents) -> Difference:
        try:
            ours = self._current()
        except VaultError:
            return Difference(added=tuple(sorted(theirs.ids)), known=False)
        both = ours.ids.keys() & theirs.ids.keys()
        changed = {name for name in both if _text(ours, name) != _text(theirs, name)}
        return Difference(
            added=tuple(sorted(theirs.ids.keys() - ours.ids.keys())),
            removed=tuple(sorted(ours.ids.keys() - theirs.ids.keys())),
            changed=tuple(sorted(changed)),
            same=len(both) - len(changed),
        )

    def _replace(self, contents: Contents, items: list[tuple[bytes, bytes]]) -> str:
        """Put a backup in the place of what is there; gives where that is kept."""
        try:
            present = self.storage.read(lambda reader: reader.get(HEADER))
            kept = self._kept("restore") if present else None
            where = "" if kept is None else str(kept)
        except VaultDamagedError:
            # No database any more, or no vault's: the copy would be as bad.
            where = self.storage.set_aside()
        keys = contents.keys
        seen = self._newest_seen(keys)

        def work(writer: Writer) -> tuple[Contents, object]:
            generation = max(_generation(writer), contents.manifest.generation, seen)
            writer.delete([key for key, _ in all_items(writer)])
            writer.put(items)
            what, anchor = Happening("restore", kernel()), contents.manifest.anchor
            link, entry = next_entry(writer, keys.header, what, keys.audit, anchor)
            manifest = replace(
                contents.manifest,
                generation=generation + 1,
                audit_seq=link[0],
                audit_link=link[1],
            )
            writer.put([entry, (MANIFEST, sealed_manifest(keys, manifest))])
            return Contents(keys, writer), self.storage.stamp()

        fresh, stamp = self.storage.write(work)
        self._exports.withdraw_all()
        self._have(keys, fresh, stamp)
        self._export()
        return where


def _checked(
    reader: Reader, keys: Keys
) -> tuple[Contents, list[tuple[bytes, bytes]], str]:
    """A backup's contents and items, and what is wrong with its log."""
    contents = Contents(keys, reader)
    if contents.manifest.slot_hash != slot_hash(reader.get(SLOT) or b""):
        damaged("the slot of its password is not its own")
    log = verify(reader, keys.header, contents.manifest, keys.audit_key)
    return contents, all_items(reader), log


def _generation(reader: Reader) -> int:
    """The generation of whatever is there, unchecked; 0 if nobody can say."""
    try:
        return Manifest.unpack((reader.get(MANIFEST) or b"")[:-32]).generation
    except VaultError:
        return 0


def _text(contents: Contents, name: str) -> bytes:
    _, _, plaintext, start = contents.open(contents.ids[name])
    return bytes(memoryview(plaintext)[start:])


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
