"""The request of one column of a comparison, to be sent or to be shown."""

from __future__ import annotations

from collections.abc import Sequence

from ..chats.preview import RequestPreview, RequestPreviews, preview_of
from ..chats.question import Question
from ..chats.request import Built, build
from ..chats.services import ChatServices
from ..chats.sessions import Sessions
from ..errors import ParllamaError
from ..providers.base import Provider

__all__ = ["built_for", "previews"]


async def built_for(
    question: Question,
    provider: Provider,
    model: str,
    services: ChatServices,
    sessions: Sessions,
) -> Built:
    """Build the request for a model.

    Raises:
        StoreError: the earlier turns cannot be read.
        UsageError: the model cannot read what is attached.

    """
    spec = provider.spec
    defaults = services.defaults(spec)
    if not question.follows or question.conversation is None:
        built = build(question, model, spec=spec, defaults=defaults)
        return await services.fitted(built, provider)
    session = await sessions.open(question.conversation)
    turns = await services.store.turns(question.conversation)
    built = build(
        question,
        model,
        spec=spec,
        defaults=defaults,
        session_options=session.options,
        turns=turns,
        replaced=question.replaced(turns),
    )
    return await services.fitted(built, provider)


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
            built = await built_for(question, provider, model, services, sessions)
            preview = await preview_of(provider, built.request, question.notes)
        except ParllamaError as error:
            found.append((named, error))
        else:
            found.append((preview.model, preview))
    return RequestPreviews(tuple(found))
