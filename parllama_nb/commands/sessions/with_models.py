"""What a model, or the prompt library, makes of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ...markdown.writing import code
from ...quoting import quoted
from ..report import Report
from .opening import readable_session

if TYPE_CHECKING:
    from ..table import Call
    from .params import SessionsParams

__all__ = ["name_by_model", "summarise", "to_prompt"]


async def name_by_model(params: SessionsParams, call: Call) -> Report:
    """Have a model name a conversation after what it is about."""
    sessions, old = call.app.sessions, params.words[0]
    session = await sessions.known(old)
    new = await sessions.named_by_model(session, call.job, params.model)
    redact = call.app.redact
    return Report(f"{escape(redact(old))} is now called **{escape(redact(new))}**.")


async def summarise(params: SessionsParams, call: Call) -> Report:
    """Go on from a summary: it becomes the first turn of a new branch."""
    from ...chats.summary import summarise as go_on  # noqa: PLC0415 - for this alone

    app = call.app
    session = await readable_session(params.words[0], call)
    answer = await go_on(session, app.chats, call.job, params.model)
    title = escape(app.redact(session.name))
    return Report(
        f"**{title}** goes on from this summary; what was asked before is a branch of "
        f"it.\n\n{app.redact(answer.text)}"
    )


async def to_prompt(params: SessionsParams, call: Call) -> Report:
    """Add a library prompt made of a conversation's questions."""
    from ...chats.as_prompt import add_prompt  # noqa: PLC0415 - for this alone

    app, (conversation, *prompt) = call.app, params.words
    session = await readable_session(conversation, call)
    # Its options, the system prompt among them, are on disk.
    await session.load()
    added = await add_prompt(
        app.chats,
        app.prompts,
        session,
        prompt[0] if prompt else "",
        answers=params.answers,
        submit=params.submit,
    )
    shown = app.redact(added.name)
    use = code(f"%%parllama -p {quoted(shown)}")
    return Report(f"**{escape(shown)}** is in the prompt library. Ask with it: {use}")
