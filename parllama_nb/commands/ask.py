"""ask: a question to a model, answered as it comes."""

from __future__ import annotations

import keyword
from typing import Annotated, Any

from pydantic import Field, field_validator

from ..chats.answer import Answer
from ..chats.fill import Filled, fill
from ..chats.live import Question
from ..chats.store import NewTurn
from ..providers.base import Provider
from ..providers.messages import ChatRequest, Message
from ._table import Argument, Call, Command, Notebook, Option, Params

__all__ = ["COMMAND", "AskParams"]


class AskParams(Params):
    """What a question may carry."""

    prompt: Annotated[
        str, Argument("TEXT", "The question, sent as written.", rest=True, cell=True)
    ]
    model: Annotated[
        str | None,
        Option(
            ("-m", "--model"), "Which model answers: provider/model.", "MODEL", "model"
        ),
    ] = None
    system: Annotated[
        str | None, Option(("-s", "--system"), "A system prompt.", "TEXT")
    ] = None
    output: Annotated[
        str | None,
        Option(
            ("-o", "--output"), "Set this variable to the Answer.", "VAR", cell=True
        ),
    ] = None
    temperature: Annotated[
        float | None,
        Field(ge=0, le=2),
        Option(("-t", "--temperature"), "0 is steady, 1 is lively.", "F"),
    ] = None
    max_tokens: Annotated[
        int | None,
        Field(ge=1),
        Option(("--max-tokens",), "Stop after this many tokens.", "N"),
    ] = None
    seed: Annotated[
        int | None,
        Option(("--seed",), "The same seed, the same answer, where supported.", "N"),
    ] = None
    follow: Annotated[
        bool,
        Option(
            ("-c", "--continue"),
            "Go on from this notebook's earlier -c cells.",
            cell=True,
        ),
    ] = False
    session: Annotated[
        str | None, Option(("--session",), "Continue the conversation NAME.", "NAME")
    ] = None
    background: Annotated[
        bool, Option(("--background",), "Answer while other cells run.", cell=True)
    ] = False
    notes: tuple[str, ...] = ()
    """Remarks for the footer."""

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if value.strip():
            return value
        message = "The prompt is empty"
        raise ValueError(message)

    @field_validator("output")
    @classmethod
    def _a_name(cls, value: str | None) -> str | None:
        if value is None or (value.isidentifier() and not keyword.iskeyword(value)):
            return value
        message = f"{value!r} cannot be a variable's name"
        raise ValueError(message)


def prepare(params: AskParams, notebook: Notebook) -> AskParams:
    """Fill `{{name}}` from the notebook and choose the conversation."""

    def filled(text: str) -> Filled:
        return fill(text, notebook.namespace, last_error=notebook.last_error)

    prompt, system = filled(params.prompt), filled(params.system or "")
    literal = tuple(dict.fromkeys((*system.literal, *prompt.literal)))
    notes = params.notes
    if literal:
        names = ", ".join(f"{{{{{name}}}}}" for name in literal[:3])
        more = "…" if len(literal) > len(literal[:3]) else ""
        notes = (*notes, f"sent literally: {names}{more}")
    session = params.session
    if session is None and params.follow:
        session = notebook.name
    return params.model_copy(
        update={
            "prompt": prompt.text,
            "system": system.text or None,
            "session": session,
            "notes": notes,
        }
    )


async def ask(params: AskParams, call: Call) -> Answer:
    """Ask, stream, settle. The answer holds its own error."""
    app, job = call.app, call.job
    named = {
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
        "seed": params.seed,
    }
    options: dict[str, Any] = {
        name: value for name, value in named.items() if value is not None
    }
    if params.session is not None:
        session = await app.sessions.open(params.session)
        question = Question(
            params.prompt,
            model=params.model,
            system=params.system,
            options=options,
            cell_id=call.notebook.cell_id,
            notes=params.notes,
        )
        return await session.ask(question, job)
    provider, model = await choose(params.model, call)
    messages = [Message.of("user", params.prompt)]
    if params.system:
        messages.insert(0, Message.of("system", params.system))
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


async def choose(model: str | None, call: Call) -> tuple[Provider, str]:
    """As `Parllama.choose`."""
    return await call.app.choose(model)


COMMAND = Command(
    name="ask",
    summary="Ask a model a question.",
    params=AskParams,
    run=ask,
    prepare=prepare,
    live=True,
    answers=True,
    examples=(
        "%parllama ask What is a monad?",
        "%%parllama embedded/smollm2 -t 0.2 -o answer",
    ),
)
