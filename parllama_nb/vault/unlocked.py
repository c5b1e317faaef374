"""What there is of a vault while it is unlocked, and how it is read and written.

One lock guards it. The key derivation runs outside it, so that nobody who asks for a
secret waits for it. A write first takes over what others have written, in the same
transaction.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..secret import Secret
from .attempts import Attempts
from .contents import Contents
from .environment import Exports
from .format.crypto import wipe
from .format.keys import Keys, slot_hash
from .format.layout import HEADER, SLOT, Manifest, damaged
from .format.log import Happening, next_entry
from .policy import Policy
from .state import kernel, locked, missing_vault
from .storage.protocol import Reader, Storage, Writer
from .storage.watermark import NOT_SEEN, Watermark
from .timer import LockTimer
from .transaction import Transaction
from .unattended import Unattended

__all__ = ["Core", "Opened", "secret"]

T = TypeVar("T")

_vaults: weakref.WeakSet[Core] = weakref.WeakSet()


@dataclass(slots=True)
class Opened:
    """What there is while the vault is unlocked; `stamp` is the storage's as read."""

    keys: Keys
    contents: Contents
    stamp: object


class Core:
    """The state of one vault. May be used on any thread.

    Args:
        storage: where it is kept.
        policy: the rules it keeps.
        watermark: where the highest generation is remembered; None for nowhere.
        unattended: the password where nobody is there to type it.
        changed: called, on whatever thread did it, when it was locked or unlocked.

    """

    def __init__(
        self,
        storage: Storage,
        *,
        policy: Policy | None = None,
        watermark: Watermark | None = None,
        unattended: Unattended | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.storage = storage
        self.policy = policy or Policy()
        self.timer = LockTimer(self.policy.limits)
        self.why_locked = ""
        self.warning = ""
        self._watermark = watermark
        self._unattended = unattended
        self._changed = changed
        self._exports = Exports()
        self._opened: Opened | None = None
        self._throttle = Attempts()
        self._make_locks()
        _vaults.add(self)

    def _read(self, work: Callable[[Reader], T]) -> T:
        """`work` with a reader whose state the contents have. Under the lock."""

        def fresh(reader: Reader) -> T:
            self._renew(reader)
            return work(reader)

        return self._told(lambda: self.storage.read(fresh))

    def _write(
        self, event: str, edit: Callable[[Transaction], None], *, patient: bool = True
    ) -> int:
        """Change the vault in one transaction, log it; gives the generation.

        Call it under the lock, unlocked. `patient` is the storage's.
        """

        def work(writer: Writer) -> tuple[Transaction, Manifest]:
            contents = self._renew(writer)
            draft = Transaction(contents)
            edit(draft)
            keys = contents.keys
            what = Happening(event, kernel(), tuple(draft.changed))
            anchor = contents.manifest.anchor
            link, entry = next_entry(writer, keys.header, what, keys.audit, anchor)
            writer.put([entry])
            return draft, draft.write(writer, *link)

        draft, manifest = self._told(lambda: self.storage.write(work, patient=patient))
        draft.install(manifest)
        self._mark(draft.contents)
        self.timer.use()
        return manifest.generation

    def _have(self, keys: Keys, contents: Contents, stamp: object) -> None:
        """Be unlocked, with these contents, as read at this stamp. Under the lock."""
        before = self._opened
        self._opened = Opened(keys, contents, stamp)
        if before is not None:
            before.keys.wipe()
        self.why_locked = ""
        self.timer.start()
        self._mark(contents, anew=True)

    def _mark(self, contents: Contents, *, anew: bool = False) -> None:
        if self._watermark is not None:
            keys, generation = contents.keys, contents.manifest.generation
            self._watermark.note(keys.header, keys.watermark, generation, anew=anew)

    def _newest_seen(self, keys: Keys) -> int:
        """The highest generation seen of a vault, as far as it is known."""
        if self._watermark is None:
            return NOT_SEEN
        seen = self._watermark.seen(keys.header, keys.watermark)
        return NOT_SEEN if seen is None else seen

    def _export(self) -> None:
        """Have in the environment what is marked for it, with its value of now."""
        opened = self._opened
        if opened is not None:
            contents = opened.contents
            problem = self._exports.follow(
                contents.exported,
                contents.ids,
                lambda name: secret(contents, contents.ids[name]).reveal(),
            )
            self.warning = problem or self.warning

    def _renew(self, reader: Reader) -> Contents:
        """Take over what others have written. Inside a transaction, under the lock."""
        opened = self._opened
        if opened is None:
            raise locked(self.why_locked)
        stamp = self.storage.stamp()
        contents = opened.contents
        header, slot = reader.get(HEADER), reader.get(SLOT) or b""
        if (
            header != opened.keys.header.pack()
            or slot_hash(slot) != contents.manifest.slot_hash
        ):
            self._forget("changed elsewhere")
            raise missing_vault() if header is None else locked(self.why_locked)
        contents.refresh(reader)
        if contents.manifest.slot_hash != slot_hash(slot):
            damaged("the slot of its password is not its own")
        opened.stamp = stamp
        return contents

    def _told(self, work: Callable[[], T]) -> T:
        """`work`, and a word to whoever listens if it ended in a lock."""
        before = self._opened
        try:
            return work()
        finally:
            if before is not None and self._opened is None:
                self._changed()

    def _forget(self, why: str) -> None:
        opened, self._opened = self._opened, None
        self.why_locked = why
        self._exports.withdraw_all()
        if opened is not None:
            opened.keys.wipe()

    def _make_locks(self) -> None:
        self._lock = threading.RLock()
        self._unlocking = threading.Lock()

    def _forked(self) -> None:
        """In a forked child it is locked; what the parent exported stays inherited."""
        self._make_locks()
        opened, self._opened = self._opened, None
        self._exports = Exports()
        if opened is not None:
            opened.keys.wipe()
            self.why_locked = "fork"


def secret(contents: Contents, record_id: bytes) -> Secret:
    """A secret, opened. Its value is a `str`, which nobody can wipe."""
    fields, _, plaintext, start = contents.open(record_id)
    value = str(memoryview(plaintext)[start:], "utf-8")
    wipe(plaintext)
    return Secret(fields.name, value)


def _lock_children() -> None:
    for vault in list(_vaults):
        vault._forked()  # noqa: SLF001 - a part of the class that needs no object


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_lock_children)
