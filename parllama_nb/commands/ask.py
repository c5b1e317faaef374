"""ask: a question to one model or several, with streaming answers."""

from __future__ import annotations

from collections.abc import Iterable

from ..attachments.attachment import Attachment, parts_to_send
from ..chats.answer import Answer
from ..chats.preview import RequestPreview, RequestPreviews
from ..chats.question import Question
from ..comparisons.result import ComparisonResult
from ..events import ComparisonBegun
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
    app, attachments = call.app, await _attachments(params, call)
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
        attached=parts_to_send(attachments),
        conversation=conversation,
        follows=params.session is not None,
        cell_id=call.notebook.cell_id,
        notes=(*params.notes, *_notes(attachments)),
    )
    if params.dry_run and several:
        return await app.comparisons.preview(question, params.model)
    if params.dry_run:
        return await app.sessions.preview(question)
    if not several:
        return await app.sessions.ask(question, call.job)
    begun = app.comparisons.begin(question, params.model, listed=False)
    app.events.emit(ComparisonBegun(call.job.id, begun.id))
    return await begun.outcome(call.job)


async def _attachments(params: AskParams, call: Call) -> tuple[Attachment, ...]:
    """Read what is sent with the question, if anything."""
    if not (params.image or params.files):
        return ()
    reader = call.app.attachments
    return await reader.read_all(params.files, call.job.report, images=params.image)


def _notes(attachments: Iterable[Attachment]) -> tuple[str, ...]:
    """Return what the footer says of attachments that are not sent whole."""
    return tuple(
        f"{each.name}: {note}"
        for each in attachments
        for note in each.notes
        if each.kind != "image"
    )


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
