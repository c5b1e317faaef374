"""Turns and sessions as the chat view's wire types."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace

from ...chats.history.reading import Turn
from ...chats.live_answer import outcome
from ...chats.live_turn import LiveTurn
from ...chats.session import Session
from ...providers.messages import DocumentPart, ImagePart
from ...providers.spec import ModelInfo, Spec
from .._base import failure
from .._protocol import ProgressData
from .attach_protocol import TurnAttachment
from .protocol import ChatOptions, SessionData, TurnData

__all__ = ["opening_text", "page_of", "session_data", "turn_data"]

# Characters of a question that are sent unless `read` asks for all of it.
_QUESTION = 16_000

# How an answer ends that may go on.
_CUT = {"cancelled", "length", "error"}

# A page of turns is limited by number and by characters.
_TURNS = 30
_CHARACTERS = 200_000


def turn_data(
    turn: Turn, live: LiveTurn | None, redact: Callable[[str], str]
) -> TurnData:
    """Return a turn; `live` is its session's current turn, if there is one."""
    prompt = turn.prompt
    parts = [part for message in turn.question for part in message.parts]
    data = TurnData(
        id=turn.id,
        created=turn.created,
        state="unfinished",
        model=turn.model,
        question=prompt[:_QUESTION],
        question_length=len(prompt),
        attachments=[
            TurnAttachment(kind="image")
            if isinstance(part, ImagePart)
            else _document(part, redact)
            for part in parts
            if isinstance(part, ImagePart | DocumentPart)
        ],
        cell=turn.cell_id is not None,
        alternatives=list(turn.alternatives),
        edited=turn.edited is not None,
    )
    if live is not None and live.id == turn.id:
        now = live.answer
        progress = now.progress
        return data.model_copy(
            update={
                "state": now.state,
                "text": now.text,
                "thinking": now.thinking,
                "notice": now.notice,
                "progress": progress and ProgressData.of(progress),
            }
        )
    answer = turn.to_answer()
    if turn.finish_reason != "error":
        # The error is that of a later try, which gave nothing.
        answer = replace(answer, error=None)
    state = outcome(answer) if turn.state == "settled" else "unfinished"
    footer = turn.model if state == "unfinished" else answer.footer
    error = turn.error
    return data.model_copy(
        update={
            "state": state,
            "text": answer.text,
            "thinking": answer.thinking,
            "footer": footer,
            "error": None if error is None else failure(error, redact),
            "cut": bool(answer.text.strip())
            and (state == "unfinished" or turn.finish_reason in _CUT),
        }
    )


def _document(part: DocumentPart, redact: Callable[[str], str]) -> TurnAttachment:
    # What the question mentions is called what it calls it.
    name = part.id if part.id.startswith("@") else part.title or part.source
    return TurnAttachment(kind="document", name=redact(name or "document")[:200])


def page_of(turns: Sequence[TurnData]) -> list[TurnData]:
    """Return the last turns that fit into one message; at least one."""
    page: list[TurnData] = []
    size = 0
    for turn in reversed(turns[-_TURNS:]):
        size += len(turn.text) + len(turn.thinking) + len(turn.question)
        if page and size > _CHARACTERS:
            break
        page.append(turn)
    return page[::-1]


def opening_text(session: Session, notebook: str) -> str:
    """Return how to open a session's chat again; `notebook` as for `session_data`."""
    line = "%parllama chat"
    if session.name != notebook:
        # This is saved in the notebook, where no title of an encrypted one may be.
        name = session.handle or session.name
        line += f" --session {shlex.quote(name)}"
    return (
        f"The chat needs its kernel: {line} opens it again, and %parllama last shows "
        "the newest answers."
    )


def session_data(
    session: Session, spec: Spec | None, model: ModelInfo | None, notebook: str
) -> SessionData:
    """Return a session; `spec` is its model's provider, None if that is not known.

    `model` is what is known of its model, `notebook` is the name of the notebook's own
    conversation.
    """
    own = session.name == notebook
    known = ChatOptions.model_fields.keys() & session.options.keys()
    return SessionData(
        name=session.shown_name,
        option="-c" if own else f"--session {shlex.quote(session.shown_name)}",
        model=session.model,
        provider="" if spec is None else spec.title,
        takes=None if spec is None else sorted(spec.options),
        options=ChatOptions(**{name: session.options[name] for name in known}),
        encrypted=session.encrypted,
        locked=session.locked,
        answering=session.answering,
        turns=session.transcript.total,
        cost=session.transcript.cost,
        context_tokens=session.transcript.context_tokens,
        context_window=None if model is None else model.context_window,
    )
