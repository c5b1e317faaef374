"""The log of a vault: what happened to it and when, never a name or a value.

Each entry is linked to the one before it by a MAC, and the manifest holds the link of
the last one at each write, unlock and lock: `verify` finds an entry that was edited,
removed, moved or cut off. A wrong password has no key to make a MAC with: its entry is
linked by a plain hash, and the MAC of the next unlock covers it. Until then somebody
can cut off such entries at the very end unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..errors import VaultDamagedError
from ..storage.protocol import Reader, Writer
from .crypto import Key
from .layout import AUDIT, ID_BYTES, LABEL, Header, Manifest, audit_key

__all__ = ["LogEntry", "append", "entries", "verify"]

_HASHED, _MACED = 0, 1
_LINK_BYTES = 32
_HEAD = 1 + ID_BYTES + _LINK_BYTES

# An entry lists at most so many ids; the others are only counted.
_LISTED = 64

Link = tuple[int, bytes]
"""An entry's number and link."""

START: Link = (0, bytes(_LINK_BYTES))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry. `at` is an ISO time in UTC; `kernel` is the process that wrote it.

    `ids` are those of the records it is about, `count` is how many these are. `sealed`
    is False for an entry without a MAC.
    """

    seq: int
    at: str
    event: str
    kernel: str
    ids: tuple[str, ...] = ()
    count: int = 0
    detail: str = ""
    sealed: bool = True


def append(  # noqa: PLR0913 - what an entry is made of
    writer: Writer,
    header: Header,
    event: str,
    *,
    key: Key | None = None,
    anchor: Link = START,
    ids: Sequence[bytes] = (),
) -> Link:
    """Append an entry about some records. Returns its number and link.

    Without a key, after a wrong password, it is linked by a hash. With a key, it
    follows the `anchor` if the log does not reach it or took another way there, so that
    what was cut off stays missing.
    """
    seq, before = START
    last = writer.last(AUDIT)
    if last is not None:
        seq, before = _number(last[0]), _link_of(last[1])
    if key is not None and anchor[0]:
        anchored = writer.get(audit_key(anchor[0])) or b""
        if _link_of(anchored) != anchor[1]:
            seq, before = max(seq, anchor[0]), anchor[1]
    head = bytes([_HASHED]) + bytes(ID_BYTES)
    if key is not None:
        head = bytes([_MACED]) + header.key_id
    text = _body(event, ids)
    link = _link(_bound(header, seq + 1, before) + head + text, key)
    writer.put([(audit_key(seq + 1), head + link + text)])
    return seq + 1, link


def entries(reader: Reader) -> list[LogEntry]:
    """Read all entries without a check, the oldest first.

    Raises:
        VaultDamagedError: an entry cannot be read.

    """
    return [_entry(_number(key), stored) for key, stored in reader.scan(AUDIT)]


def verify(
    reader: Reader,
    header: Header,
    manifest: Manifest,
    key_of: Callable[[bytes], Key | None],
) -> str:
    """Check the whole log. Returns what is wrong with it, "" if nothing is.

    Args:
        reader: the state of the storage that holds the log.
        header: the vault's.
        manifest: of the same state, checked already.
        key_of: returns the log's key that belongs to the data key of an id.

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
    """Check one entry. Returns what is wrong with it, "" if nothing is."""
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
        return "or the one before it was changed"
    return ""


def _link_of(stored: bytes) -> bytes:
    return stored[_HEAD - _LINK_BYTES : _HEAD]


def _bound(header: Header, seq: int, before: bytes) -> bytes:
    """Return what comes before the entry itself in the message of its link."""
    return LABEL + b"audit" + header.vault_id + seq.to_bytes(8) + before


def _link(message: bytes, key: Key | None) -> bytes:
    return hashlib.sha256(message).digest() if key is None else key.mac(message)


def _body(event: str, ids: Sequence[bytes]) -> bytes:
    """Write the text of an entry, with the present time and process."""
    body: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "kernel": f"pid {os.getpid()}",
    }
    if ids:
        listed = [record_id.hex() for record_id in ids[:_LISTED]]
        body |= {"ids": listed, "count": len(ids)}
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def _entry(seq: int, stored: bytes) -> LogEntry:
    try:
        body = json.loads(stored[_HEAD:])
        return LogEntry(
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
        pass
    message = f"Entry {seq} of the vault's log cannot be read."
    raise VaultDamagedError(message)


def _number(key: bytes) -> int:
    return int.from_bytes(key[len(AUDIT) :])
