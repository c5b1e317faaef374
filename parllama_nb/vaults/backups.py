"""The backups of a vault: made, compared with the vault, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from .access import Access
from .contents import Contents
from .errors import VaultDamagedError, VaultError, damaged
from .format import log
from .format.keys import Keys, open_slot
from .format.layout import HEADER, MANIFEST, SLOT, Manifest, read_header
from .storage import copies
from .storage.copies import Source, all_items
from .storage.protocol import Reader, Writer
from .unlocked import Unlocked, check_slot

__all__ = ["Backups", "Difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a backup would change, by the names of the secrets.

    `known` is False while the present vault is locked: then nothing is compared. `log`
    is what is wrong with the backup's log, "" if nothing is. `kept` is where the
    present file was put before it was replaced.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    known: bool = True
    log: str = ""
    kept: str = ""


class _Backup(NamedTuple):
    """A backup that was read and checked, still encrypted."""

    contents: Contents
    items: list[tuple[bytes, bytes]]
    log: str


class Backups:
    """The backups of one vault.

    Args:
        access: the vault's.
        directory: returns where automatic copies go; None makes none.

    """

    def __init__(
        self, access: Access, directory: Callable[[], Path] | None = None
    ) -> None:
        self._access = access
        self._directory = directory

    def make(self, path: Source | None = None) -> Path | None:
        """See `Vault.backup`."""
        if path is None:
            return self.rotate("backup")
        target = copies.expanded(path).absolute()
        with self._access.guard:
            copies.copy(self._access.storage, target, self._check_copy)
        return target

    def rotate(self, why: str) -> Path | None:
        """Make an automatic copy, delete the oldest. Returns None without a directory.

        Raises:
            VaultMissingError: there is no vault.
            VaultStorageError: it cannot be written.

        """
        if self._directory is None:
            return None
        with self._access.guard:
            return copies.rotate(
                self._access.storage, self._directory(), why, self._check_copy
            )

    def restore(
        self, source: Source, password: bytearray, *, apply: bool
    ) -> Difference:
        """See `Vault.restore`."""
        with copies.open_copy(source) as storage:
            header, slot = storage.read(read_header)
            data_key = open_slot(header, slot, password)
            keys = Keys(header, data_key)
            data_key.wipe()
            try:
                backup = storage.read(lambda reader: _checked(reader, keys))
                with self._access.guard:
                    difference = replace(self._compare(backup), log=backup.log)
                    if apply:
                        kept = self._put_back(backup)
                        difference = replace(difference, kept=kept)
            except BaseException:
                keys.wipe()
                raise
            if not apply:
                keys.wipe()
                return difference
        self._access.changed()
        return difference

    def _check_copy(self, reader: Reader) -> None:
        read_header(reader)
        if self._access.unlocked is not None:
            Contents(self._access.unlocked.keys, reader)
        elif reader.get(MANIFEST) is None:
            damaged("its manifest is missing")

    def _compare(self, backup: _Backup) -> Difference:
        theirs = backup.contents
        try:
            ours = self._access.current()
        except VaultError:
            return Difference(added=tuple(sorted(theirs.ids)), known=False)
        both = ours.ids.keys() & theirs.ids.keys()
        changed = {name for name in both if _value(ours, name) != _value(theirs, name)}
        return Difference(
            added=tuple(sorted(theirs.ids.keys() - ours.ids.keys())),
            removed=tuple(sorted(ours.ids.keys() - theirs.ids.keys())),
            changed=tuple(sorted(changed)),
            same=len(both) - len(changed),
        )

    def _put_back(self, backup: _Backup) -> str:
        """Replace the vault by a backup. Returns where the replaced one is, if any."""
        access, keys = self._access, backup.contents.keys
        try:
            present = access.storage.read(lambda reader: reader.get(HEADER))
            path = self.rotate("restore") if present else None
            kept = "" if path is None else str(path)
        except VaultDamagedError:
            # Not a database any more, or not a vault: a copy would be as bad.
            kept = access.storage.set_aside()
        seen, was = access.watermark.highest(keys), backup.contents.manifest

        def work(writer: Writer) -> Unlocked:
            generation = max(_generation(writer), was.generation, seen) + 1
            writer.delete([key for key, _ in all_items(writer)])
            writer.put(backup.items)
            seq, link = log.append(
                writer, keys.header, "restore", key=keys.audit, anchor=was.anchor
            )
            manifest = replace(
                was, generation=generation, audit_seq=seq, audit_link=link
            )
            writer.put([(MANIFEST, keys.pack_manifest(manifest))])
            return Unlocked.written(access.storage, keys, writer)

        unlocked = access.storage.write(work)
        access.exports.withdraw_all()
        access.set_unlocked(unlocked)
        access.sync_environment()
        return kept


def _checked(reader: Reader, keys: Keys) -> _Backup:
    contents = Contents(keys, reader)
    check_slot(contents.manifest, reader.get(SLOT) or b"")
    problem = log.verify(reader, keys.header, contents.manifest, keys.audit_key)
    return _Backup(contents, all_items(reader), problem)


def _generation(reader: Reader) -> int:
    """The generation of what is stored now, unchecked; 0 if it cannot be read."""
    try:
        return Manifest.unpack((reader.get(MANIFEST) or b"")[:-32]).generation
    except VaultError:
        return 0


def _value(contents: Contents, name: str) -> bytes:
    _, _, plaintext, start = contents.decrypt(contents.ids[name])
    return bytes(memoryview(plaintext)[start:])
