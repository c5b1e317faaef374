"""The request of one column of a comparison, to be sent or to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..chats.fitting import built_to_fit
from ..chats.history.reading import Turn
from ..chats.preview import RequestPreview, RequestPreviews, preview_of
from ..chats.question import Question
from ..chats.request import Built
from ..chats.services import ChatServices
from ..chats.sessions import Sessions
from ..errors import ParllamaError
from ..providers.base import Provider

__all__ = ["built_for", "previews"]


async def built_for(  # noqa: PLR0913 - whom it asks for what
    question: Question,
    provider: Provider,
    model: str,
    services: ChatServices,
    sessions: Sessions,
    *,
    ask: bool = True,
) -> Built:
    """Build the request for a model; without `ask`, no server is asked for it.

    Raises:
        StoreError: the earlier turns cannot be read.
        UsageError: the model cannot read what is attached.

    """
    options: Mapping[str, Any] = {}
    turns: list[Turn] | None = None
    if question.follows and question.conversation is not None:
        session = await sessions.open(question.conversation)
        options = session.options
        turns = await services.store.turns(question.conversation)
    built = await built_to_fit(
        question,
        provider,
        model,
        services,
        options=options,
        turns=turns,
        ask=ask,
    )
    return await services.readable(built, provider, ask=ask)


async def previews(
    question: Question,
    models: Sequence[str],
    services: ChatServices,
    sessions: Sessions,
) -> RequestPreviews:
    """Return what each model would be sent, or why it cannot be asked."""
    found: list[tuple[str, RequestPreview | ParllamaError]] = []
    for named in models:
        try:
            provider, model = await services.choose(named)
            built = await built_for(
                question, provider, model, services, sessions, ask=False
            )
            preview = await preview_of(provider, built, question.notes)
        except ParllamaError as error:
            found.append((named, error))
        else:
            found.append((preview.model, preview))
    return RequestPreviews(tuple(found))
