"""The keys and contents of an unlocked vault, and how they are read and written.

A transaction first takes over what other kernels have written, so that no work is done
on an old state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .contents import Contents
from .errors import VaultConflictError, damaged, locked, missing_vault
from .format.crypto import Key
from .format.keys import Keys, slot_hash
from .format.layout import HEADER, SLOT, Header, Manifest, Slot, read_header
from .storage.protocol import Reader, Storage, Writer
from .transaction import Transaction

__all__ = ["Unlocked", "check_slot"]

T = TypeVar("T")


class Unlocked:
    """The keys and verified contents of a vault. Used under the vault's lock.

    Args:
        storage: where the vault is stored.
        contents: what was read from it.
        stamp: the storage's stamp when that was read.

    """

    __slots__ = ("_stamp", "_storage", "contents", "is_outdated")

    def __init__(self, storage: Storage, contents: Contents, stamp: object) -> None:
        self.contents = contents
        self.is_outdated = False
        """Whether the password or the keys were changed elsewhere; set by `refresh`."""
        self._storage = storage
        self._stamp = stamp

    @classmethod
    def load(
        cls, storage: Storage, header: Header, slot: Slot, data_key: Key
    ) -> Unlocked:
        """Read the vault with its data key.

        Raises:
            VaultConflictError: header or slot were changed in this moment.
            VaultDamagedError: it was changed by somebody who does not have the key.

        """
        keys = Keys(header, data_key)
        stamp = storage.stamp()

        def work(reader: Reader) -> Contents:
            if read_header(reader) != (header, slot):
                message = "The vault was changed elsewhere in this moment."
                raise VaultConflictError(message, hint="Try again.")
            contents = Contents(keys, reader)
            check_slot(contents.manifest, slot.pack())
            return contents

        try:
            return cls(storage, storage.read(work), stamp)
        except BaseException:
            keys.wipe()
            raise

    @classmethod
    def written(cls, storage: Storage, keys: Keys, writer: Writer) -> Unlocked:
        """Read what a transaction that is still open has written with these keys."""
        return cls(storage, Contents(keys, writer), storage.stamp())

    @property
    def keys(self) -> Keys:
        """The keys of the contents."""
        return self.contents.keys

    def is_stale(self) -> bool:
        """Whether another kernel has written since; False if that is not known yet."""
        stamp = self._storage.stamp()
        return stamp is not None and stamp != self._stamp

    def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` with a state of the storage that the contents agree with.

        Raises:
            VaultLockedError: password or keys were changed elsewhere.
            VaultMissingError: the vault is gone.

        """

        def refreshed(reader: Reader) -> T:
            self.refresh(reader)
            return work(reader)

        return self._storage.read(refreshed)

    def write(
        self, event: str, edit: Callable[[Transaction], None], *, patient: bool = True
    ) -> int:
        """Change the vault in one transaction, and log it. Returns the generation.

        `patient` is the storage's. Raises what `read` raises.
        """

        def work(writer: Writer) -> tuple[Transaction, Manifest]:
            transaction = Transaction(self.refresh(writer))
            edit(transaction)
            return transaction, transaction.write(writer, event)

        transaction, manifest = self._storage.write(work, patient=patient)
        transaction.install(manifest)
        return manifest.generation

    def refresh(self, reader: Reader) -> Contents:
        """Take over what others have written; call it inside a transaction.

        Raises what `read` raises.
        """
        stamp = self._storage.stamp()
        contents = self.contents
        header, slot = reader.get(HEADER), reader.get(SLOT) or b""
        if (
            header != self.keys.header.pack()
            or slot_hash(slot) != contents.manifest.slot_hash
        ):
            self.is_outdated = True
            raise missing_vault() if header is None else locked("changed elsewhere")
        contents.refresh(reader)
        check_slot(contents.manifest, slot)
        self._stamp = stamp
        return contents

    def wipe(self) -> None:
        """Overwrite the keys."""
        self.keys.wipe()


def check_slot(manifest: Manifest, slot: bytes) -> None:
    """Refuse a password record that the manifest does not know.

    Raises:
        VaultDamagedError: it is another one.

    """
    if manifest.slot_hash != slot_hash(slot):
        damaged("its password record does not belong to it")
