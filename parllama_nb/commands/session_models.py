"""What a model, or the prompt library, makes of a conversation, for its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..markdown.sanitize import escape
from ..markdown.writing import code
from ..quoting import quoted
from .report import Report

if TYPE_CHECKING:
    from .table import Call

__all__ = ["name_session", "session_to_prompt", "summarise_session"]


async def name_session(call: Call, name: str, model: str | None = None) -> Report:
    """Have a model name a conversation after what it is about.

    Raises:
        UsageError: there is no such conversation, it is encrypted or has no answer, or
            the model gave no name.
        ParllamaError: there is no answer of the model.

    """
    sessions = call.app.sessions
    session = await sessions.known(name)
    new = await sessions.named_by_model(session, call.job, model)
    redact = call.app.redact
    return Report(f"{escape(redact(name))} is now called **{escape(redact(new))}**.")


async def session_to_prompt(
    call: Call,
    name: str,
    prompt: str = "",
    *,
    answers: bool = False,
    submit: bool = False,
) -> Report:
    """Add a library prompt made of a conversation's questions.

    Raises:
        UsageError: there is no such conversation, or nothing was asked in it.
        FieldError: the name of the prompt is invalid, or taken.

    """
    from ..chats.as_prompt import add_prompt  # noqa: PLC0415 - when it is needed

    app = call.app
    session = await app.sessions.known(name)
    # Its options, the system prompt among them, are on disk.
    await session.load()
    added = await add_prompt(
        app.chats, app.prompts, session, prompt, answers=answers, submit=submit
    )
    shown = app.redact(added.name)
    use = code(f"%%parllama -p {quoted(shown)}")
    return Report(f"**{escape(shown)}** is in the prompt library. Ask with it: {use}")


async def summarise_session(call: Call, name: str, model: str | None = None) -> Report:
    """Go on from a summary: it becomes the first turn of a new branch.

    Raises:
        UsageError: there is no such conversation, or nothing to summarise.
        ParllamaError: there is no summary; the conversation is as it was.

    """
    from ..chats.summary import summarise  # noqa: PLC0415 - when it is needed

    app = call.app
    session = await app.sessions.known(name)
    answer = await summarise(session, app.chats, call.job, model)
    title = escape(app.redact(session.name))
    return Report(
        f"**{title}** goes on from this summary; what was asked before is a branch of "
        f"it.\n\n{app.redact(answer.text)}"
    )
