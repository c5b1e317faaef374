"""ask: a question to a model, or to several, answered as it comes."""

from __future__ import annotations

import asyncio
from typing import Any

from ..chats.answer import Answer
from ..chats.history.store import NewTurn
from ..chats.live import Question
from ..comparisons.asked import Asked
from ..comparisons.result import ComparisonResult
from ..events import ComparisonBegun
from ..prompts.images import image_part
from ..providers.base import Provider
from ..providers.messages import ChatRequest, ImagePart, Message, TextPart
from ._table import Call, Command
from .question import AskParams, options_of, prepare

__all__ = ["COMMAND", "ask", "choose"]


async def ask(params: AskParams, call: Call) -> Answer | ComparisonResult:
    """Ask, stream, settle. The answer holds its own error; so does each of several."""
    app, job = call.app, call.job
    options = options_of(params)
    # Pictures of the functions of the package are read only now, and may be large.
    pictures = await asyncio.to_thread(lambda: tuple(map(image_part, params.image)))
    if len(params.model) > 1:
        return await _side_by_side(params, options, pictures, call)
    (asked_model,) = params.model or (None,)
    if params.session is not None:
        session = await app.sessions.open(params.session)
        question = Question(
            params.prompt,
            model=asked_model,
            system=params.system,
            options=options,
            pictures=pictures,
            cell_id=call.notebook.cell_id,
            notes=params.notes,
        )
        return await session.ask(question, job)
    provider, model = await choose(asked_model, call)
    options = {**app.defaults(provider), **options}
    usual = options.pop("system", None)
    messages = [Message("user", (*pictures, TextPart(params.prompt)))]
    if system := params.system or usual:
        messages.insert(0, Message.of("system", system))
    request = ChatRequest(model=model, messages=tuple(messages), **options)
    turn = NewTurn(
        f"{provider.spec.name}/{model}",
        request,
        tuple(messages),
        cell_id=call.notebook.cell_id,
    )
    record = app.chats.begin(
        turn, lambda error: job.notice(f"Not kept on disk: {error.message}")
    )
    return await app.engine.turn(provider, request, job, record, params.notes)


async def _side_by_side(
    params: AskParams,
    options: dict[str, Any],
    pictures: tuple[ImagePart, ...],
    call: Call,
) -> ComparisonResult:
    """Ask several models at once; a conversation is sent along and stays as it is."""
    asked = Asked(
        params.prompt,
        params.session or call.notebook.name,
        system=params.system,
        options=options,
        pictures=pictures,
        follows=params.session is not None,
        cell_id=call.notebook.cell_id,
        notes=params.notes,
    )
    begun = call.app.comparisons.begin(asked, params.model, listed=False)
    call.app.events.emit(ComparisonBegun(call.job.id, begun.id))
    return await begun.outcome(call.job)


async def choose(model: str | None, call: Call) -> tuple[Provider, str]:
    """As `Parllama.choose`."""
    return await call.app.choose(model)


COMMAND = Command(
    name="ask",
    summary="Ask a model a question, or several models the same one.",
    params=AskParams,
    run=ask,
    prepare=prepare,
    live=True,
    answers=True,
    examples=(
        "%parllama ask What is a monad?",
        "%%parllama embedded/smollm2 -t 0.2 -o answer",
        "%%parllama ollama/llama3.2 openai/gpt-5-mini -o answers",
    ),
)
