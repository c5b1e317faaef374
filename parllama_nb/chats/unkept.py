"""Asks a model something that no conversation keeps, such as a name for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..jobs import Job
from ..providers.accounting import occasion
from ..providers.messages import DeltaKind, Message
from .answer import Answer
from .question import Question
from .request import build
from .services import ChatServices

__all__ = ["ask_unkept", "text_unkept"]


class _Unkept:
    """A record of the engine that writes nothing, and stops an answer that is too long.

    `turn` is what is stopped as soon as the text has more than `longest` characters.
    """

    def __init__(self, longest: int) -> None:
        self.turn: asyncio.Task[Answer] | None = None
        self._left = longest

    @property
    def is_too_long(self) -> bool:
        """Whether the answer was stopped."""
        return self._left < 0

    def append(self, kind: DeltaKind, text: str) -> None:
        """Count a piece of the answer."""
        if kind == "text":
            self._left -= len(text)
        if self.is_too_long and self.turn is not None:
            self.turn.cancel()

    def recast(self, thinking: str) -> None:
        """Count the pieces no more: they were no text."""
        self._left += len(thinking)

    async def settle(self, answer: Answer) -> Answer:
        """Return the answer as it is."""
        return answer


async def ask_unkept(
    services: ChatServices,
    purpose: str,
    question: Question,
    job: Job[Any],
    longest: int,
) -> Answer:
    """Return a model's answer, within a job that goes on after it.

    `purpose` is what the ledger calls it.
    An answer of more than `longest` characters is stopped, because small models often
    come to no end; its `finish_reason` is then "length". Options that the provider does
    not know are left out, because nobody chose them.

    Raises:
        CancelledError: the job was stopped.
        ParllamaError: there is no model, or the answer broke off.

    """
    provider, model = await services.choose(question.model)
    spec = provider.spec
    known = {k: v for k, v in question.options.items() if k in spec.options}
    asked = replace(question, options=known)
    built = build(asked, model, spec=spec, defaults={})
    record = _Unkept(longest)
    with occasion(purpose, notice=job.notice):
        record.turn = asyncio.ensure_future(
            services.engine.turn(provider, built.request, job, record, asked)
        )
    # A job that is stopped meanwhile stops the turn, which still returns its answer.
    answer = await record.turn
    if record.is_too_long:
        job.state = "running"
        return replace(answer, finish_reason="length", error=None)
    if answer.finish_reason == "cancelled":
        raise asyncio.CancelledError
    if answer.error is not None:
        raise answer.error
    return answer


async def text_unkept(  # noqa: PLR0913, PLR0917 - the first are bound by the app
    services: ChatServices,
    purpose: str,
    model: Callable[[], str | None],
    messages: Sequence[Message],
    longest: int,
    job: Job[Any],
) -> tuple[str, str, bool]:
    """Return what a model answers, which model it was, and whether that is all of it.

    `messages` are a system prompt, examples and a question. See `ask_unkept`.
    """
    system, *examples, asked = messages
    question = Question(
        asked.text,
        model=model(),
        system=system.text,
        before=tuple(examples),
        # Room for a model that thinks first.
        options={"temperature": 0.0, "max_tokens": 4_096 + longest},
    )
    answer = await ask_unkept(services, purpose, question, job, longest)
    return answer.text, answer.model, answer.finish_reason == "stop"
