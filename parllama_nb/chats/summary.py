"""Summarises a conversation, so that it goes on from the summary.

The summary is the answer to a question that becomes the first turn of a new branch:
what comes after it knows the summary alone. The turns before stay in the branch that
they are in, and if there is no summary, that branch is shown again.

An answer that is under way is not summed up half finished: whoever asks has to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from ..errors import UsageError
from ..jobs import Job
from ..providers.messages import Message
from .answer import Answer
from .history.reading import Turn, earlier_messages
from .history.store import ChatStore
from .mentioned_parts import written_parts
from .question import Question
from .session import Session

__all__ = ["summarise", "summary_question"]

_TEXT = """\
Summarise our conversation so far, so that we can go on from your summary alone. Keep \
what I want, what was decided and found out, names, numbers, code that is still \
needed, and what is open. Write in the language of the conversation, and no more."""


def summary_question(turns: Sequence[Turn], model: str | None = None) -> Question:
    """Return the question whose answer sums up the turns that a conversation shows.

    Raises:
        UsageError: there is nothing to summarise.

    """
    messages = earlier_messages(turns)
    if not messages:
        message = "There is nothing to summarise yet."
        raise UsageError(message, hint="Ask something first.")
    first = turns[0]
    if first.answer.text.strip():
        # What was attached to the old first turn, the new one gets itself.
        own = sum(each.role != "system" for each in first.question)
        messages = [*map(_written, messages[:own]), *messages[own:]]
    return Question(_TEXT, model=model, before=tuple(messages), replaces=first.id)


async def summarise(
    session: Session, store: ChatStore, job: Job[Any], model: str | None = None
) -> Answer:
    """Summarise a conversation within a job, and go on from there. Returns the summary.

    Raises:
        UsageError: there is nothing to summarise, or the conversation is answering.
        ParllamaError: there is no summary; the conversation is as it was.

    """
    _, turns = await store.load(session.key)
    # It would wait, and then sum up what was there before it waited.
    session.turns.refuse()
    answer = await session.ask(summary_question(turns, model), job)
    if answer.text.strip():
        return answer
    _, now = await store.load(session.key)
    if now and now[0].prompt == _TEXT and not now[0].answer.text.strip():
        await session.turns.delete(now[0].id)
        # A question that waited is answered by now, and its branch is the one to show.
        with contextlib.suppress(UsageError):
            await session.turns.show(turns[-1].id)
    if answer.error is not None:
        raise answer.error
    if answer.finish_reason == "cancelled":
        raise asyncio.CancelledError
    message = f"{answer.model} answered no summary."
    raise UsageError(message, hint="Ask another model.")


def _written(message: Message) -> Message:
    return Message(message.role, written_parts(message.parts))
