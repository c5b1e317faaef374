"""ask: a question to one model or several, with streaming answers."""

from __future__ import annotations

import asyncio

from ..chats.answer import Answer
from ..chats.preview import RequestPreview, RequestPreviews
from ..chats.question import Question
from ..comparisons.result import ComparisonResult
from ..events import ComparisonBegun
from ..prompting.images import image_part
from .library_prompt import rendered
from .prepare import prepare
from .question import AskParams, options_of
from .table import Call, Command

__all__ = ["COMMAND", "ask"]


async def ask(
    params: AskParams, call: Call
) -> Answer | ComparisonResult | RequestPreview | RequestPreviews:
    """Ask and stream. Returns one answer or several, each with its own error.

    With `dry_run` nothing is asked: returns what would be sent.
    """
    # Images from Python functions are read only here, and may be large.
    images = await asyncio.to_thread(lambda: tuple(map(image_part, params.image)))
    prompt = await rendered(
        call.app,
        params.library_prompt,
        params.variables,
        params.prompt,
        call.notebook.namespace,
    )
    several = len(params.model) > 1
    conversation = params.session
    if several and conversation is None:
        # The conversation that a picked answer goes to.
        conversation = call.notebook.name
    question = Question(
        params.prompt,
        model=params.model[0] if len(params.model) == 1 else None,
        system=params.system,
        options=options_of(params),
        schema=params.output_schema,
        library_prompt=prompt,
        before=params.before,
        attached=images,
        conversation=conversation,
        follows=params.session is not None,
        cell_id=call.notebook.cell_id,
        notes=params.notes,
    )
    app = call.app
    if params.dry_run and several:
        return await app.comparisons.preview(question, params.model)
    if params.dry_run:
        return await app.sessions.preview(question)
    if not several:
        return await app.sessions.ask(question, call.job)
    begun = app.comparisons.begin(question, params.model, listed=False)
    app.events.emit(ComparisonBegun(call.job.id, begun.id))
    return await begun.outcome(call.job)


COMMAND = Command(
    name="ask",
    group="Ask",
    summary="Ask one model, or several side by side.",
    params=AskParams,
    run=ask,
    prepare=prepare,
    live=lambda params: not params.dry_run,
    answers=True,
    examples=(
        "%parllama ask What is a monad?",
        "%%parllama embedded/smollm2 -t 0.2 -o answer",
        "%%parllama ollama/llama3.2 openai/gpt-5-mini -o answers",
        "%%parllama -p summarize --set lang=en",
        "%%parllama openai/gpt-5-mini --dry-run",
    ),
)
