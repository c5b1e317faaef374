"""chat: a conversation in a view of its own."""

from __future__ import annotations

from typing import Annotated

from .table import Call, Command, Opening, Option, Params

__all__ = ["COMMAND", "ChatParams"]


_TEXT = (
    "The chat is a view, which only Jupyter shows. %parllama ask --session NAME TEXT "
    "asks in a conversation without it."
)


class ChatParams(Params):
    """Which conversation to open."""

    session: Annotated[
        str | None,
        Option(
            ("--session",),
            "Open the conversation of this name, not this notebook's own (that of -c).",
            "NAME",
        ),
    ] = None


async def chat(params: ChatParams, call: Call) -> Opening:
    """Open a conversation, which may be new."""
    session = await call.app.sessions.open(params.session or call.notebook.name)
    return Opening("chat", session, _TEXT)


COMMAND = Command(
    name="chat",
    group="Conversations",
    summary="Chat in a view: this notebook's conversation.",
    params=ChatParams,
    run=chat,
    examples=("%parllama chat", "%parllama chat --session ideas"),
)
