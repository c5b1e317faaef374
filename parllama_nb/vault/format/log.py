"""The log of a vault: what happened to it and when, never a name or a value.

Each entry is linked to the one before it by a MAC, and the manifest holds the link of
the last one at each write, unlock and lock: an entry that was edited, taken out, moved
or cut off is found. A wrong password has no key to make a MAC with: its entry is
linked by a plain hash, and the next unlock's MAC covers it. Until then such entries at
the very end can be cut off, and nobody sees it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..errors import VaultDamagedError
from ..storage.protocol import Reader
from .crypto import Key
from .layout import AUDIT, ID_BYTES, LABEL, Header, Manifest, audit_key

__all__ = ["AuditEntry", "Happening", "Link", "audit_entries", "next_entry", "verify"]

_HASHED, _MACED = 0, 1
_LINK_BYTES = 32
_HEAD = 1 + ID_BYTES + _LINK_BYTES

# Ids beyond these are counted and not listed.
_LISTED = 64

Link = tuple[int, bytes]
"""An entry's number and link."""

START: Link = (0, bytes(_LINK_BYTES))


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. `at` is UTC; `ids` are records', `count` how many.

    `kernel` is the process that did it. `sealed` is false for an entry without a MAC.
    """

    seq: int
    at: str
    event: str
    kernel: str
    ids: tuple[str, ...] = ()
    count: int = 0
    detail: str = ""
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class Happening:
    """What an entry is to say. `ids` are the records it was about."""

    event: str
    kernel: str
    ids: tuple[bytes, ...] = ()
    detail: str = ""

    def to_json(self) -> bytes:
        """The text of the entry, with the time of now."""
        body: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": self.event,
            "kernel": self.kernel,
        }
        if self.ids:
            listed = [record_id.hex() for record_id in self.ids[:_LISTED]]
            body |= {"ids": listed, "count": len(self.ids)}
        if self.detail:
            body["detail"] = self.detail
        return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def next_entry(
    reader: Reader,
    header: Header,
    what: Happening,
    key: Key | None = None,
    anchor: Link = START,
) -> tuple[Link, tuple[bytes, bytes]]:
    """The entry after the last one: its link, and what is to be stored where.

    Without a key, where a password was wrong, it is linked by a hash. With one, it
    goes on from the `anchor` where the log does not reach it, or went another way: so
    that what was cut off stays missing.
    """
    seq, before = START
    last = reader.last(AUDIT)
    if last is not None:
        seq, before = _number(last[0]), _link_of(last[1])
    if key is not None and anchor[0]:
        anchored = reader.get(audit_key(anchor[0])) or b""
        if _link_of(anchored) != anchor[1]:
            seq, before = max(seq, anchor[0]), anchor[1]
    head = bytes([_HASHED]) + bytes(ID_BYTES)
    if key is not None:
        head = bytes([_MACED]) + header.key_id
    text = what.to_json()
    link = _link(_bound(header, seq + 1, before) + head + text, key)
    return (seq + 1, link), (audit_key(seq + 1), head + link + text)


def audit_entries(reader: Reader) -> list[AuditEntry]:
    """All entries as they stand there, unchecked, the oldest first.

    Raises:
        VaultDamagedError: an entry that cannot be read.

    """
    return [_entry(_number(key), stored) for key, stored in reader.scan(AUDIT)]


def verify(
    reader: Reader,
    header: Header,
    manifest: Manifest,
    key_of: Callable[[bytes], Key | None],
) -> str:
    """What is wrong with the log; "" where nothing is.

    Args:
        reader: where it is.
        header: the vault's.
        manifest: checked, of the same state.
        key_of: the log's key under the data key of an id.

    """
    seq, link = START
    for place, stored in reader.scan(AUDIT):
        seq += 1
        if _number(place) != seq:
            return f"entry {seq} is missing"
        problem = _problem(stored, _bound(header, seq, link), key_of)
        link = _link_of(stored)
        if not problem and seq == manifest.audit_seq and link != manifest.audit_link:
            problem = "is not the one the vault knows"
        if not problem and seq > manifest.audit_seq and stored[0] == _MACED:
            problem = "is newer than the vault knows"
        if problem:
            return f"entry {seq} {problem}"
    if seq < manifest.audit_seq:
        return f"the log was cut off after entry {seq}"
    return ""


def _problem(stored: bytes, bound: bytes, key_of: Callable[[bytes], Key | None]) -> str:
    """What is wrong with one entry; "" where nothing is."""
    if len(stored) < _HEAD or stored[0] not in (_HASHED, _MACED):
        return "cannot be read"
    head, text = stored[: _HEAD - _LINK_BYTES], stored[_HEAD:]
    key = None
    if stored[0] == _MACED:
        key = key_of(head[1:])
        if key is None:
            return "was not written by this vault"
    wanted = _link(bound + head + text, key)
    if wanted != _link_of(stored):
        return "was changed, or the one before it"
    return ""


def _link_of(stored: bytes) -> bytes:
    return stored[_HEAD - _LINK_BYTES : _HEAD]


def _bound(header: Header, seq: int, before: bytes) -> bytes:
    """What an entry's link is made over, before the entry itself."""
    return LABEL + b"audit" + header.vault_id + seq.to_bytes(8) + before


def _link(message: bytes, key: Key | None) -> bytes:
    return hashlib.sha256(message).digest() if key is None else key.mac(message)


def _entry(seq: int, stored: bytes) -> AuditEntry:
    try:
        body = json.loads(stored[_HEAD:])
        return AuditEntry(
            seq=seq,
            at=str(body["at"]),
            event=str(body["event"]),
            kernel=str(body["kernel"]),
            ids=tuple(map(str, body.get("ids", ()))),
            count=int(body.get("count", 0)),
            detail=str(body.get("detail", "")),
            sealed=stored[0] == _MACED,
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ):
        readable = False
    if not readable:
        message = f"Entry {seq} of the vault's log cannot be read."
        raise VaultDamagedError(message)
    raise AssertionError


def _number(key: bytes) -> int:
    return int.from_bytes(key[len(AUDIT) :])
