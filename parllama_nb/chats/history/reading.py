"""Reads sessions and turns back from the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...errors import ParllamaError
from ...prompting.library.rendering import PromptVersion
from ...providers.messages import (
    FinishReason,
    Message,
    Part,
    Usage,
    part_of,
)
from ...store.encryption import Decrypt
from ..answer import Answer, Timing
from .about import COLUMNS, about_of, tags_of
from .encryption import chunk_context, for_columns, options_context
from .spent import read_spent

__all__ = [
    "SessionInfo",
    "Turn",
    "earlier_messages",
    "read_sessions",
    "read_turns",
    "unsettled",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer in a conversation.

    `state` is "streaming" if the answer never settled. `created` is in seconds since
    the epoch. `cost` is in US dollars, None if no price is known. `error` is what broke
    the answer off. An `unreadable` turn is encrypted and could not be decrypted: it has
    no texts, and `error` says why. `library_prompt` is the one that asked, if any.
    `parent` is the turn that it follows, None for a first one. `alternatives` are all
    turns that follow that, itself among them, in order; () if it is alone. `edited` is
    when the user changed a text of it (seconds since the epoch).
    """

    id: int
    state: str
    model: str
    question: tuple[Message, ...]
    answer: Message
    finish_reason: str | None
    cell_id: str | None
    usage: Usage = field(default_factory=Usage)
    timing: Timing | None = None
    cost: float | None = None
    error: ParllamaError | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()
    created: float = field(default=0.0, compare=False)
    unreadable: bool = False
    library_prompt: PromptVersion | None = None
    parent: int | None = None
    alternatives: tuple[int, ...] = ()
    edited: float | None = None

    @property
    def prompt(self) -> str:
        """The text of the question, without what a library prompt put before it."""
        texts = [each.text for each in self.question if each.role == "user"]
        return texts[-1] if texts else ""

    def to_answer(self) -> Answer:
        """Return the answer as it was returned to whoever asked."""
        reason = self.finish_reason or "error"
        return Answer(
            parts=self.answer.parts,
            model=self.model,
            finish_reason=cast("FinishReason", reason),
            timing=self.timing or Timing(self.created, None, 0.0),
            usage=self.usage,
            cost=self.cost,
            error=self.error,
            notes=self.notes,
            library_prompt=self.library_prompt,
        )


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session: its model, its options, and the sums of what it used.

    `created` and `used` (the start of its last turn) are in seconds since the epoch,
    `cost` is in US dollars (None if no price was known). The sums count every answer,
    deleted ones too. The `handle` of an encrypted one finds it, too. One that is
    `locked` could not be decrypted: its name is its handle, and it has no texts.
    """

    name: str
    created: float
    used: float
    turns: int
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    cost: float | None = None
    usage: Usage = field(default_factory=Usage)
    encrypted: bool = False
    handle: str = ""
    locked: bool = False
    folder: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    id: str = ""


def earlier_messages(turns: Iterable[Turn], before: int | None = None) -> list[Message]:
    """Return the messages of a conversation that are sent along with a new question.

    These are its turns, or those before the turn `before`, without system prompts and
    thinking. A turn without an answer is left out, question and all.
    """
    messages: list[Message] = []
    for turn in turns:
        if before is not None and turn.id == before:
            break
        if turn.answer.text.strip():
            question = [each for each in turn.question if each.role != "system"]
            messages += [*question, Message.of("assistant", turn.answer.text)]
    return messages


def read_turns(
    connection: sqlite3.Connection,
    which: str,
    values: Sequence[str | int],
    decrypt: Decrypt,
    *,
    keep_unreadable: bool = False,
) -> list[Turn]:
    """Return the turns that an SQL clause selects, in its order.

    With `keep_unreadable`, turns that cannot be decrypted are returned `unreadable`.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    rows = connection.execute(
        f"""
        SELECT turn.id, state, turn.model, question, answer, finish_reason, cell_id,
            usage, timing, turn.cost, error, error_code, error_hint, notes,
            library_prompt, turn.created, parent, turn.edited, (
                SELECT group_concat(other.id) FROM turn AS other
                WHERE other.session_id = turn.session_id AND name IS NOT NULL
                    AND other.parent IS turn.parent
            ), session.id, sealed
        FROM turn JOIN session ON session.id = turn.session_id
        WHERE {which}
        """,  # noqa: S608 - a text of this package
        values,
    ).fetchall()
    return [
        _turn(connection, row, decrypt, keep_unreadable=keep_unreadable) for row in rows
    ]


def read_sessions(
    connection: sqlite3.Connection,
    which: str,
    values: Sequence[str | int],
    decrypt: Decrypt | None = None,
    *,
    keep_unreadable: bool = False,
) -> list[SessionInfo]:
    """Return the named sessions that an SQL clause selects, in its order.

    Without `decrypt`, an encrypted session is returned `locked`; with
    `keep_unreadable`, so is one that cannot be decrypted.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    rows = connection.execute(
        f"""
        SELECT {COLUMNS}, sealed, options, created, used, turns, model, pinned, cost,
            input_tokens, output_tokens
        FROM session WHERE name IS NOT NULL AND {which}
        """,  # noqa: S608 - a text of this package
        values,
    ).fetchall()
    infos = []
    for row in rows:
        try:
            infos.append(_session(connection, row, decrypt))
        except ParllamaError:
            if not keep_unreadable:
                raise
            infos.append(_session(connection, row, None))
    return infos


def _session(
    connection: sqlite3.Connection, row: Sequence[Any], decrypt: Decrypt | None
) -> SessionInfo:
    """Return a session; `locked` if it is encrypted and there is no `decrypt`."""
    session, name, folder, stored_tags, encrypted = row[:5]
    sealed, options, created, used, turns, model, pinned, cost, sent, received = row[5:]
    locked = bool(sealed) and decrypt is None
    handle, tags = "" if encrypted is None else name, tags_of(stored_tags)
    if locked:
        options, cost, sent, received = "{}", None, 0, 0
    elif sealed and decrypt is not None:
        about = about_of(row[:5], decrypt)
        name, folder, tags = about.title, about.folder, about.tags
        options = decrypt(options, options_context(session))
        if encrypted is not None:
            spent = read_spent(connection, session, decrypt)
            cost, sent = spent.cost, spent.input_tokens
            received = spent.output_tokens
    return SessionInfo(
        name=name,
        created=created,
        used=used,
        turns=turns,
        model=model,
        options={} if options == "{}" else json.loads(options),
        cost=cost,
        usage=Usage(sent, received),
        encrypted=bool(sealed),
        handle=handle,
        locked=locked,
        folder=folder,
        tags=tags,
        pinned=bool(pinned),
        id=session,
    )


def _turn(
    connection: sqlite3.Connection,
    row: Sequence[Any],
    decrypt: Decrypt,
    *,
    keep_unreadable: bool,
) -> Turn:
    values: Iterator[Any] = iter(row)
    turn_id, state, model, question, answer, reason, cell_id = (
        next(values) for _ in range(7)
    )
    usage, timing, cost, error, code, hint, notes, prompt, created = (
        next(values) for _ in range(9)
    )
    parent, edited, together, session, sealed = values
    encrypted = session if sealed else None
    alternatives = sorted(map(int, (together or "").split(","))) if together else []
    turn = Turn(
        id=turn_id,
        state=state,
        model=model,
        question=(),
        answer=Message("assistant", ()),
        finish_reason=reason,
        cell_id=cell_id,
        created=created,
        parent=parent,
        alternatives=tuple(alternatives) if len(alternatives) > 1 else (),
        edited=edited,
    )
    try:
        column = for_columns(decrypt, session, turn_id, sealed)
        question, answer = column("question", question), column("answer", answer)
        error, hint = column("error", error), column("error_hint", hint)
        notes, prompt = column("notes", notes), column("library_prompt", prompt)
        usage, timing = column("usage", usage), column("timing", timing)
        cost = column("cost", cost)
        message = (
            unsettled(connection, turn_id, encrypted, decrypt)
            if answer is None
            else Message.from_dict(json.loads(answer))
        )
    except ParllamaError as failure:
        if not keep_unreadable:
            raise
        return replace(turn, unreadable=True, error=failure)
    return replace(
        turn,
        question=tuple(map(Message.from_dict, json.loads(question or "[]"))),
        answer=message,
        usage=Usage(**json.loads(usage)) if usage else Usage(),
        timing=Timing(**json.loads(timing)) if timing else None,
        cost=None if cost is None else float(cost),
        error=None if error is None else _error(error, code, hint),
        notes=tuple(json.loads(notes)) if notes else (),
        library_prompt=PromptVersion(*json.loads(prompt)) if prompt else None,
    )


def unsettled(
    connection: sqlite3.Connection,
    turn_id: int,
    encrypted: str | None,
    decrypt: Decrypt,
) -> Message:
    """Return what has come of an answer that never settled.

    `encrypted` is the id of its session if that is encrypted, else None.
    """
    rows = connection.execute(
        "SELECT n, kind, text FROM chunk WHERE turn_id = ? ORDER BY n", (turn_id,)
    ).fetchall()
    parts: list[Part] = []
    for n, kind, stored in rows:
        text = stored
        if encrypted is not None:
            text = decrypt(stored, chunk_context(encrypted, turn_id, n, kind))
        parts.append(part_of(kind, text))
    return Message("assistant", tuple(parts))


def _error(message: str, code: str | None, hint: str | None) -> ParllamaError:
    """Return the error of this code; of the base class if the code is unknown."""
    kinds: list[type[ParllamaError]] = [ParllamaError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    error = next((kind for kind in kinds if kind.code == code), ParllamaError)
    return error(message, hint=hint)
