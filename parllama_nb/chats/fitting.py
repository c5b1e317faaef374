"""What of a conversation fits into the model's context window, and what is left out.

A server that gets more than its model reads refuses it, or drops some of it without a
word. So the earliest turns are left out until the rest fits, each as a whole; never the
system prompt, nor the question. What is left out is said before it is sent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..providers.base import Provider
from ..providers.messages import ChatRequest, Message
from ..providers.token_estimate import estimated_tokens_of
from .history.reading import Turn, earlier_messages
from .left_out import Fitting
from .question import Question
from .request import Built, build
from .services import ChatServices

__all__ = [
    "built_to_fit",
    "fit",
    "noted",
    "reserved_for_answer",
    "scale_of",
]

_NOTHING: Mapping[str, Any] = MappingProxyType({})

_ANSWER = 1024
"""Tokens that are kept for an answer whose length is not limited."""

_SMALLEST = 2048
"""Tokens that every model reads: for fewer, its window does not matter."""

_LEAST_SCALE = 0.4
"""How far an estimate is corrected at most; it is at most twice too high."""


def reserved_for_answer(request: ChatRequest, window: int) -> int:
    """Return how many tokens of a window are kept for the answer of a request.

    It is at most a half, so that some of a conversation is always sent.
    """
    wanted = _ANSWER if request.max_tokens is None else request.max_tokens
    return min(wanted + (request.reasoning_budget or 0), window // 2)


def fit(
    fixed: Iterable[Message],
    turns: Sequence[Sequence[Message]],
    window: int | None,
    reserved: int,
    scale: float = 1.0,
) -> Fitting:
    """Return which of the earlier turns fit.

    Args:
        fixed: the messages that are always sent: system prompt and question.
        turns: the messages of each earlier turn, in order.
        window: how many tokens the model reads.
        reserved: how many of them are kept for the answer.
        scale: what an estimate is multiplied by: see `scale_of`.

    """
    costs = [scale * estimated_tokens_of(messages) for messages in turns]
    needed, count = scale * estimated_tokens_of(fixed) + sum(costs), 0
    left_out = 0.0
    while (
        window is not None
        and count < len(costs)
        and math.ceil(needed) + reserved > window
    ):
        needed -= costs[count]
        left_out += costs[count]
        count += 1
    return Fitting(window, reserved, math.ceil(needed), count, round(left_out))


def scale_of(turns: Sequence[Turn], model: str) -> float:
    """Return by how much estimates are too high, by the last turn that was counted.

    It is 1 if none was, or not by this model. A turn that was not sent all before it
    says nothing.
    """
    for number in range(len(turns) - 1, -1, -1):
        turn = turns[number]
        counted = turn.usage.input_tokens
        if not counted or turn.model != model:
            continue
        if any(note.endswith("not sent") for note in turn.notes):
            break
        messages = (*turn.question, *earlier_messages(turns[:number]))
        return min(1.0, max(_LEAST_SCALE, counted / estimated_tokens_of(messages)))
    return 1.0


async def built_to_fit(  # noqa: PLR0913 - each is one source of what is sent
    question: Question,
    provider: Provider,
    model: str,
    services: ChatServices,
    *,
    options: Mapping[str, Any] = _NOTHING,
    turns: Sequence[Turn] | None = None,
    ask: bool = True,
) -> Built:
    """Return the request for a question, with as much of the conversation as fits.

    `options` and `turns` are those of the conversation, if it is in one. Without `ask`,
    the provider's server is not asked how much the model reads.
    """
    defaults = services.defaults(provider.spec)
    replaced = None if turns is None else question.replaced(turns)
    turns = turns or ()

    def built_with(some: Sequence[Turn]) -> Built:
        return build(
            question,
            model,
            spec=provider.spec,
            defaults=defaults,
            session_options=options,
            turns=some,
            replaced=replaced,
        )

    built = built_with(turns)
    request = built.request
    wanted = _ANSWER if request.max_tokens is None else request.max_tokens
    wanted += request.reasoning_budget or 0
    if estimated_tokens_of(request.messages) + wanted <= _SMALLEST:
        return built
    tokens = await services.window(provider, request, ask)
    before = _before(turns, replaced) if question.follows else []
    # A turn without an answer is not sent in any case.
    earlier = [turn for turn in before if turn.answer.text.strip()]
    fitting = fit(
        built_with(()).request.messages,
        [earlier_messages([turn]) for turn in earlier],
        tokens,
        0 if tokens is None else reserved_for_answer(request, tokens),
        scale_of(before, f"{provider.spec.name}/{request.model}"),
    )
    if fitting.left_out:
        dropped = {turn.id for turn in earlier[: fitting.left_out]}
        built = built_with([turn for turn in turns if turn.id not in dropped])
    return replace(built, fitting=fitting)


def noted(question: Question, built: Built) -> Question:
    """Return a question whose footer says what is left out of its request."""
    notes = filter(None, (*question.notes, *built.remarks, built.fitting.note))
    return replace(question, notes=tuple(notes))


def _before(turns: Sequence[Turn], replaced: Turn | None) -> list[Turn]:
    """Return the turns before the one that is replaced; all if none is."""
    ids = [turn.id for turn in turns]
    if replaced is None or replaced.id not in ids:
        return [*turns]
    return [*turns[: ids.index(replaced.id)]]
