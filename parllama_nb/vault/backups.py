"""A vault's backups: made, compared with what there is, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .contents import Contents
from .entrance import Entrance
from .errors import VaultDamagedError, VaultError
from .format.crypto import password_bytes, wipe
from .format.keys import Keys, open_slot, slot_hash
from .format.layout import HEADER, MANIFEST, SLOT, Manifest, damaged
from .format.log import Happening, next_entry, verify
from .state import Password, kernel, read_header
from .storage import copies
from .storage.copies import Source, all_items
from .storage.protocol import Reader, Writer
from .transaction import sealed_manifest

__all__ = ["Difference", "Recovery"]


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


class Recovery(Entrance):
    """Its backups. `backups` is where copies go that are made by themselves."""

    backups: Callable[[], Path] | None = None

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
            copies.copy(self.storage, target, self._check_copy)
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
            with copies.opened(source) as storage:
                header, slot = storage.read(read_header)
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
        read_header(reader)
        if self._opened is not None:
            Contents(self._opened.keys, reader)
        elif reader.get(MANIFEST) is None:
            damaged("its manifest is gone")

    def _kept(self, why: str) -> Path | None:
        if self.backups is None:
            return None
        with self._lock:
            return copies.rotated(self.storage, self.backups(), why, self._check_copy)

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
