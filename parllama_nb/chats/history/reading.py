"""Sessions and turns as they are read back from the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...errors import ParllamaError
from ...providers.messages import (
    FinishReason,
    Message,
    Part,
    Usage,
    part_of,
)
from ..answer import Answer, Timing
from .encryption import Opener, chunk_context, in_turn, options_context

__all__ = [
    "SessionInfo",
    "StoredTurn",
    "earlier_messages",
    "read_sessions",
    "read_turns",
    "unsettled",
]


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as the database has it. `state` is "streaming" if it never settled.

    `created` is in seconds since the epoch. `cost` is in US dollars, None if no price
    is known. `error` is what broke the answer off. A `closed` turn is encrypted and
    could not be decrypted: it has no texts, and `error` says why.
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
    closed: bool = False

    @property
    def prompt(self) -> str:
        """The text of the question, without the system prompt."""
        return "".join(part.text for part in self.question if part.role == "user")

    def to_answer(self) -> Answer:
        """The answer, as whoever asked got it."""
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
        )


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session: its model and options, and the sums of what it used.

    `created` and `used` are in seconds since the epoch, `cost` is in US dollars (None
    if no price was known). The sums count every answer, deleted ones too. `sealed`: it
    is encrypted.
    """

    name: str
    created: float
    used: float
    turns: int
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    cost: float | None = None
    usage: Usage = field(default_factory=Usage)
    sealed: bool = False


def earlier_messages(
    turns: Iterable[StoredTurn], before: int | None = None
) -> list[Message]:
    """What is sent again of a conversation: its turns, or those before one of them.

    Left out are turns without an answer, question and all, system prompts, and what
    the model thought.
    """
    messages: list[Message] = []
    for turn in turns:
        if before is not None and turn.id >= before:
            break
        if turn.answer.text.strip():
            question = [each for each in turn.question if each.role != "system"]
            messages += [*question, Message.of("assistant", turn.answer.text)]
    return messages


def read_turns(
    connection: sqlite3.Connection,
    which: str,
    values: Sequence[str | int],
    opens: Opener,
    *,
    closed: bool = False,
) -> list[StoredTurn]:
    """The turns that a clause of SQL finds, in its order.

    With `closed`, turns that cannot be decrypted are given as `closed` ones.

    Raises:
        ParllamaError: what `opens` raises.

    """
    rows = connection.execute(
        f"""
        SELECT turn.id, state, turn.model, question, answer, finish_reason, cell_id,
            usage, timing, turn.cost, error, error_code, error_hint, notes,
            turn.created, CASE WHEN sealed THEN session.id END
        FROM turn JOIN session ON session.id = turn.session_id
        WHERE {which}
        """,  # noqa: S608 - a text of this package
        values,
    ).fetchall()
    return [_turn(connection, row, opens, closed=closed) for row in rows]


def read_sessions(
    connection: sqlite3.Connection,
    which: str,
    values: Sequence[str | int],
    opens: Opener | None = None,
) -> list[SessionInfo]:
    """The named sessions that a clause of SQL finds, in its order.

    Without `opens`, an encrypted one is given without its options.

    Raises:
        ParllamaError: what `opens` raises.

    """
    rows = connection.execute(
        f"""
        SELECT session.id, session.sealed, session.options, name, session.created,
            coalesce(max(turn.created), session.created) AS used, count(turn.id),
            session.model, session.cost, input_tokens, output_tokens
        FROM session LEFT JOIN turn ON turn.session_id = session.id
        WHERE name IS NOT NULL AND {which}
        """,  # noqa: S608 - a text of this package
        values,
    ).fetchall()
    infos = []
    for own_id, sealed, options, name, created, used, turns, model, *used_up in rows:
        cost, sent, received = used_up
        kept = options
        if sealed:
            kept = "{}" if opens is None else opens(options, options_context(own_id))
        info = SessionInfo(
            name=name,
            created=created,
            used=used,
            turns=turns,
            model=model,
            options=json.loads(kept),
            cost=cost,
            usage=Usage(sent, received),
            sealed=bool(sealed),
        )
        infos.append(info)
    return infos


def _turn(
    connection: sqlite3.Connection, row: Sequence[Any], opens: Opener, *, closed: bool
) -> StoredTurn:
    values: Iterator[Any] = iter(row)
    turn_id, state, model, question, answer, reason, cell_id = (
        next(values) for _ in range(7)
    )
    usage, timing, cost, error, code, hint, notes, created, sealed = values
    turn = StoredTurn(
        id=turn_id,
        state=state,
        model=model,
        question=(),
        answer=Message("assistant", ()),
        finish_reason=reason,
        cell_id=cell_id,
        usage=Usage(**json.loads(usage)) if usage else Usage(),
        timing=Timing(**json.loads(timing)) if timing else None,
        cost=cost,
        created=created,
    )
    try:
        if sealed is not None:
            own = in_turn(opens, sealed, turn_id)
            question, answer = own("question", question), own("answer", answer)
            error, hint = own("error", error), own("error_hint", hint)
            notes = own("notes", notes)
        message = (
            unsettled(connection, turn_id, sealed, opens)
            if answer is None
            else Message.from_dict(json.loads(answer))
        )
    except ParllamaError as failure:
        if not closed:
            raise
        return replace(turn, closed=True, error=failure)
    return replace(
        turn,
        question=tuple(map(Message.from_dict, json.loads(question or "[]"))),
        answer=message,
        error=None if error is None else _error(error, code, hint),
        notes=tuple(json.loads(notes)) if notes else (),
    )


def unsettled(
    connection: sqlite3.Connection, turn_id: int, sealed: str | None, opens: Opener
) -> Message:
    """What came of an answer that never settled.

    `sealed` is the id of its session if that is encrypted, else None.
    """
    rows = connection.execute(
        "SELECT n, kind, text FROM chunk WHERE turn_id = ? ORDER BY n", (turn_id,)
    ).fetchall()
    parts: list[Part] = []
    for n, kind, kept in rows:
        text = kept
        if sealed is not None:
            text = opens(kept, chunk_context(sealed, turn_id, n, kind))
        parts.append(part_of(kind, text))
    return Message("assistant", tuple(parts))


def _error(message: str, code: str | None, hint: str | None) -> ParllamaError:
    """The error of this code; of the base class where the code is not known here."""
    kinds: list[type[ParllamaError]] = [ParllamaError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    found = next((kind for kind in kinds if kind.code == code), ParllamaError)
    return found(message, hint=hint)
