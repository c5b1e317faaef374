"""The bytes of images and documents, which stay out of the rows of turns.

A part of a stored question has a reference where it had a `data:` URL: its type, and
the id of a row in `attachment`. So whoever shows turns never reads the bytes; who sends
them again gets them by `filled`. A session has the same bytes once, as long as it is
not encrypted: then nothing tells that two of them are the same.

A turn has links to its attachments; what no turn of a session has is deleted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...providers.messages import DocumentPart, ImagePart, Message, Part, TextPart
from ...store.encryption import Decrypt, Encryptor

__all__ = [
    "KeptAttachment",
    "attachment_context",
    "bring_back",
    "drop_unused",
    "filled",
    "is_reference",
    "kept",
    "link_only",
    "named_by_content",
    "references_in",
    "rewrite_attachments",
    "taken_along",
]

_DATA_URL = re.compile(r"(data:[\w.+-]+/[\w.+-]+);base64,", re.IGNORECASE)
_REFERENCE = re.compile(r"(data:[\w.+-]+/[\w.+-]+);attachment,([0-9a-f]{32})")

_GONE = "[An image that is no longer there.]"


def attachment_context(session: str, attachment: str) -> str:
    """Return what the bytes of an attachment are bound to."""
    return f"chat {session} attachment {attachment}"


def is_reference(url: str) -> bool:
    """Whether a URL of a part stands for bytes in the database."""
    return _REFERENCE.fullmatch(url) is not None


def references_in(messages: Iterable[Message]) -> list[str]:
    """Return the ids of the attachments that messages refer to, each once."""
    urls = (_url(part) for message in messages for part in message.parts)
    found = (_REFERENCE.fullmatch(url) for url in urls if url)
    return list(dict.fromkeys(match[2] for match in found if match))


def kept(  # noqa: PLR0913 - where it is written, and how
    connection: sqlite3.Connection,
    session: str,
    turn: int,
    messages: Sequence[Message],
    *,
    encryptor: Encryptor | None,
    decrypt: Decrypt,
) -> tuple[Message, ...]:
    """Write the attachments of messages; returns the messages with references.

    The turn gets links to all of them, and keeps those that it has. A reference to
    another session's attachment becomes one to a copy.

    Args:
        connection: the database.
        session: the id of the session that the turn is in.
        turn: the turn's id.
        messages: its question.
        encryptor: encrypts what is written; None if the session is not encrypted.
        decrypt: decrypts the attachments of other sessions.

    Raises:
        ParllamaError: `decrypt` raised it.

    """

    def keep(url: str) -> str:
        match = _REFERENCE.fullmatch(url)
        if match is not None:
            row = _row(connection, match[2])
            if row is None or row.session == session:
                return url
            return _reference(match[1], write(row.content(decrypt)))
        media_type, data = _data_of(url)
        return url if data is None else _reference(media_type, write(data))

    def write(data: bytes) -> str:
        digest = None
        if encryptor is None:
            digest = hashlib.sha256(data).digest()
            known = connection.execute(
                "SELECT id FROM attachment WHERE session_id = ? AND digest = ?",
                (session, digest),
            ).fetchone()
            if known is not None:
                return str(known[0])
        new_id = uuid.uuid4().hex
        stored: bytes | str = data
        if encryptor is not None:
            text = base64.b64encode(data).decode()
            stored = encryptor(text, attachment_context(session, new_id))
        connection.execute(
            "INSERT INTO attachment (id, session_id, digest, data) VALUES (?, ?, ?, ?)",
            (new_id, session, digest, stored),
        )
        return new_id

    changed = _changed(messages, keep)
    _link(connection, turn, references_in(changed))
    return changed


def link_only(
    connection: sqlite3.Connection, session: str, turn: int, messages: Sequence[Message]
) -> None:
    """Have a turn linked to the attachments of its question alone."""
    linked = references_in(messages)
    marks = ", ".join("?" * len(linked))
    others = f"turn_id = ? AND attachment_id NOT IN ({marks})"
    connection.execute(
        f"DELETE FROM turn_attachment WHERE {others}",  # noqa: S608 - marks
        (turn, *linked),
    )
    _link(connection, turn, linked)
    drop_unused(connection, session)


def drop_unused(connection: sqlite3.Connection, session: str) -> None:
    """Delete the attachments of a session that no turn is linked to."""
    connection.execute(
        """
        DELETE FROM attachment WHERE session_id = ? AND NOT EXISTS (
            SELECT 1 FROM turn_attachment WHERE attachment_id = attachment.id
        )
        """,
        (session,),
    )


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    """An attachment of a deleted turn, as it was stored."""

    id: str
    digest: bytes | None
    data: bytes | str


def taken_along(connection: sqlite3.Connection, turn: int) -> list[KeptAttachment]:
    """Return the attachments of a turn that is being deleted, for `bring_back`."""
    rows = connection.execute(
        """
        SELECT id, digest, data FROM attachment
            JOIN turn_attachment ON attachment_id = attachment.id WHERE turn_id = ?
        """,
        (turn,),
    )
    return [KeptAttachment(*row) for row in rows]


def bring_back(
    connection: sqlite3.Connection,
    session: str,
    turn: int,
    attachments: Iterable[KeptAttachment],
) -> None:
    """Give a turn that is put back its attachments again."""
    for each in attachments:
        if _row(connection, each.id) is None:
            # The same bytes may have come again meanwhile, under another id.
            taken = connection.execute(
                "SELECT 1 FROM attachment WHERE session_id = ? AND digest = ?",
                (session, each.digest),
            ).fetchone()
            connection.execute(
                "INSERT INTO attachment (id, session_id, digest, data) "
                "VALUES (?, ?, ?, ?)",
                (each.id, session, None if taken else each.digest, each.data),
            )
        _link(connection, turn, [each.id])


def filled(
    connection: sqlite3.Connection, messages: Sequence[Message], decrypt: Decrypt
) -> tuple[Message, ...]:
    """Return messages with the bytes that their references stand for.

    An attachment that is no longer there is named by a text; a document still has its
    own.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    read: dict[str, str] = {}

    def fill(url: str) -> str:
        match = _REFERENCE.fullmatch(url)
        if match is None:
            return url
        if match[2] not in read:
            row = _row(connection, match[2])
            content = None if row is None else row.content(decrypt)
            read[match[2]] = (
                ""
                if content is None
                else f"{match[1]};base64,{base64.b64encode(content).decode()}"
            )
        return read[match[2]]

    return _changed(messages, fill)


def named_by_content(
    connection: sqlite3.Connection, messages: Sequence[Message]
) -> tuple[Message, ...]:
    """Return messages with a hash in place of all bytes, stored or in a `data:` URL.

    So two questions are equal if what they hold is, wherever the bytes are. None of the
    messages may be of an encrypted session.
    """

    def name(url: str) -> str:
        match = _REFERENCE.fullmatch(url)
        if match is None:
            media_type, data = _data_of(url)
            digest = None
        else:
            # The bytes are read only of a row without a digest.
            media_type = match[1]
            digest, data = connection.execute(
                "SELECT digest, CASE WHEN digest IS NULL THEN data END "
                "FROM attachment WHERE id = ?",
                (match[2],),
            ).fetchone() or (None, None)
        if data is not None:
            digest = hashlib.sha256(data).digest()
        if digest is None:
            return url
        return f"{media_type.lower()};{digest.hex()}"

    return _changed(messages, name)


def rewrite_attachments(
    connection: sqlite3.Connection,
    session: str,
    change: Callable[[str, str], str],
    *,
    encrypted: bool,
) -> None:
    """Encrypt, or decrypt, all attachments of a session by `change`."""
    rows = connection.execute(
        "SELECT id FROM attachment WHERE session_id = ?", (session,)
    ).fetchall()
    # One at a time: together they may be larger than the memory.
    for (own_id,) in rows:
        (data,) = connection.execute(
            "SELECT data FROM attachment WHERE id = ?", (own_id,)
        ).fetchone()
        context = attachment_context(session, own_id)
        digest, stored = None, data
        if encrypted:
            stored = change(base64.b64encode(data).decode(), context)
        else:
            stored = base64.b64decode(change(data, context))
            digest = _free_digest(connection, session, stored)
        connection.execute(
            "UPDATE attachment SET data = ?, digest = ? WHERE id = ?",
            (stored, digest, own_id),
        )


def _free_digest(
    connection: sqlite3.Connection, session: str, data: bytes
) -> bytes | None:
    """Return the digest of some bytes, None if the session has them already."""
    digest = hashlib.sha256(data).digest()
    row = connection.execute(
        "SELECT 1 FROM attachment WHERE session_id = ? AND digest = ?",
        (session, digest),
    )
    return digest if row.fetchone() is None else None


@dataclass(frozen=True, slots=True)
class _Row:
    """An attachment as it is stored: bytes, or a text if it is encrypted."""

    id: str
    session: str
    data: bytes | str

    def content(self, decrypt: Decrypt) -> bytes:
        if isinstance(self.data, bytes):
            return self.data
        context = attachment_context(self.session, self.id)
        return base64.b64decode(decrypt(self.data, context))


def _data_of(url: str) -> tuple[str, bytes | None]:
    """Return the type and the bytes of a `data:` URL; None for one that has none."""
    match = _DATA_URL.match(url)
    if match is None:
        return "", None  # an address
    try:
        return match[1], base64.b64decode(url[match.end() :], validate=True)
    except binascii.Error:
        return "", None


def _row(connection: sqlite3.Connection, attachment: str) -> _Row | None:
    row = connection.execute(
        "SELECT id, session_id, data FROM attachment WHERE id = ?", (attachment,)
    ).fetchone()
    return None if row is None else _Row(*row)


def _link(connection: sqlite3.Connection, turn: int, attachments: list[str]) -> None:
    connection.executemany(
        """
        INSERT OR IGNORE INTO turn_attachment (turn_id, attachment_id)
        SELECT ?, id FROM attachment WHERE id = ?
        """,
        [(turn, each) for each in attachments],
    )


def _reference(media_type: str, attachment: str) -> str:
    return f"{media_type.lower()};attachment,{attachment}"


def _url(part: Part) -> str:
    if isinstance(part, ImagePart):
        return part.url
    return part.data if isinstance(part, DocumentPart) else ""


def _changed(
    messages: Sequence[Message], change: Callable[[str], str]
) -> tuple[Message, ...]:
    """Return messages with other URLs; those without any are the same objects."""

    def parts(message: Message) -> Iterator[Part]:
        for part in message.parts:
            url = _url(part)
            new = change(url) if url else url
            if new == url:
                yield part
            elif isinstance(part, DocumentPart):
                yield replace(part, data=new)
            else:
                yield ImagePart(new) if new else TextPart(_GONE)

    return tuple(
        replace(message, parts=tuple(parts(message)))
        if any(map(_url, message.parts))
        else message
        for message in messages
    )
