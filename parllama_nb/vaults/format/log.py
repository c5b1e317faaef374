"""The log of a vault: what happened to it and when, never a name or a value.

Each entry is linked to the one before it by a MAC, and the manifest holds the link of
the last one at each write, unlock and lock: `verify` finds an entry that was edited,
removed, moved or cut off. A wrong password has no key to make a MAC with: its entry is
linked by a plain hash, and the MAC of the next unlock covers it. Until then somebody
can cut off such entries at the very end unnoticed.

A pruned log has lost its oldest entries. Its base, after which the entries that are
kept begin, stands in an entry `pruned`, which has a MAC and is in the chain itself. So
nobody without the key can cut off the beginning, or move it. A version of this package
that cannot prune says of such a log that "entry 1 is missing", and opens the vault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from ..errors import damaged
from ..storage.protocol import Reader, Writer
from .crypto import Key
from .layout import AUDIT, ID_BYTES, LABEL, Header, Manifest, audit_key
from .log_entry import PRUNED, START, Link, LogEntry, body, pruned_base, read_entry

__all__ = ["append", "entries", "is_long", "prune", "verify"]

_HASHED, _MACED = 0, 1
_LINK_BYTES = 32
_HEAD = 1 + ID_BYTES + _LINK_BYTES

# Entries that are read at once: a log of wrong passwords may have a million of them.
_PAGE = 1_000

# What a log may have above the number that is kept, so that not each unlock prunes it.
_SLACK = 1.1


def append(  # noqa: PLR0913 - what an entry is made of
    writer: Writer,
    header: Header,
    event: str,
    *,
    key: Key | None = None,
    anchor: Link = START,
    ids: Sequence[bytes] = (),
    base: Link | None = None,
) -> Link:
    """Append an entry about some records. Returns its number and link.

    Without a key, after a wrong password, it is linked by a hash. With a key, it
    follows the `anchor` if the log does not reach it or took another way there, so that
    what was cut off stays missing. `base` is for `prune`.

    Raises:
        VaultDamagedError: without a key, if the last entry has no number.

    """
    seq, before = START
    last = writer.last(AUDIT)
    is_whole = last is None or _is_key(last[0])
    if last is not None and is_whole:
        seq, before = _number(last[0]), _link_of(last[1])
    if key is not None and anchor[0]:
        anchored = writer.get(audit_key(anchor[0])) or b""
        if not is_whole or _link_of(anchored) != anchor[1]:
            seq, before = max(seq, anchor[0]), anchor[1]
    elif not is_whole:
        damaged("an entry of its log has no number")
    head = bytes([_HASHED]) + bytes(ID_BYTES)
    if key is not None:
        head = bytes([_MACED]) + header.key_id
    text = body(event, ids, base)
    link = _link(_bound(header, seq + 1, before) + head + text, key)
    writer.put([(audit_key(seq + 1), head + link + text)])
    return seq + 1, link


def entries(reader: Reader) -> list[LogEntry]:
    """Read all entries without a check, the oldest first.

    Raises:
        VaultDamagedError: an entry cannot be read.

    """
    return [
        read_entry(_number(key), stored[_HEAD:], sealed=stored[:1] == bytes([_MACED]))
        for key, stored in _stored(reader)
    ]


def is_long(reader: Reader, kept: int) -> bool:
    """Whether it has so many more entries than are `kept` that it is pruned."""
    first, last = reader.scan(AUDIT, most=1), reader.last(AUDIT)
    if not first or last is None:
        return False
    return _number(last[0]) - _number(first[0][0]) >= kept * _SLACK


def prune(writer: Writer, header: Header, kept: int, *, key: Key, newest: Link) -> Link:
    """Remove the oldest entries, and append an entry that says where the others begin.

    Then the log has as many as are `kept`, this entry included. `newest` is the last
    one, and must have a MAC; the log was verified in the same transaction.

    Returns:
        number and link of the entry that was appended.

    """
    last = newest[0] + 1 - kept
    stored = writer.get(audit_key(last)) or b""
    base = last, _link_of(stored)
    link = append(writer, header, PRUNED, key=key, anchor=newest, base=base)
    old: list[bytes] = [b""]
    while old:
        page = writer.scan(AUDIT, most=_PAGE)
        old = [place for place, _ in page if place <= audit_key(last)]
        writer.delete(old)
    return link


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
    seq, link = base = START
    first: tuple[int, bytes] | None = None
    for place, stored in _stored(reader):
        seq = _number(place) if first is None else seq + 1
        if not _is_key(place) or _number(place) != seq:
            return f"entry {seq} is missing"
        problem = ""
        if first is None:
            # What it is linked to stands in an entry that is still to come.
            first = seq, stored
        else:
            problem = _problem(stored, _bound(header, seq, link), key_of)
        link, has_mac = _link_of(stored), stored[:1] == bytes([_MACED])
        if not problem and seq == manifest.audit_seq and link != manifest.audit_link:
            problem = "is not the one the vault knows"
        if not problem and seq > manifest.audit_seq and has_mac:
            problem = "is newer than the vault knows"
        if problem:
            return f"entry {seq} {problem}"
        if has_mac:
            base = pruned_base(stored[_HEAD:]) or base
    if seq < manifest.audit_seq:
        return f"the log was cut off after entry {seq}"
    return "" if first is None else _first_problem(header, *first, base, key_of)


def _first_problem(
    header: Header,
    seq: int,
    stored: bytes,
    base: Link,
    key_of: Callable[[bytes], Key | None],
) -> str:
    """Check the oldest entry against the base of the log, as `verify` does."""
    if seq > base[0] + 1:
        return f"entry {base[0] + 1} is missing"
    if seq <= base[0]:
        return f"entry {seq} was pruned, and is back"
    problem = _problem(stored, _bound(header, seq, base[1]), key_of)
    return problem and f"entry {seq} {problem}"


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


def _stored(reader: Reader) -> Iterator[tuple[bytes, bytes]]:
    """Yield all entries with their keys, the oldest first, from one page at a time."""
    after = b""
    while page := reader.scan(AUDIT, after=after, most=_PAGE):
        yield from page
        after = page[-1][0]


def _is_key(key: bytes) -> bool:
    """Whether it is the key of an entry, with a number that others can follow."""
    return len(key) == len(audit_key(0)) and key < audit_key(1 << 63)


def _number(key: bytes) -> int:
    return int.from_bytes(key[len(AUDIT) :])
