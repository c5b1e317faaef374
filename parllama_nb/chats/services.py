"""The services that conversations and comparisons use, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..events import Events
from ..jobs import JobRunner
from ..providers.base import Provider
from ..providers.messages import ChatRequest
from ..providers.spec import Spec
from .engine import Engine
from .history.store import ChatStore
from .readable import NameSeeing, readable
from .request import Built

__all__ = ["ChatServices", "Choose", "Defaults", "Window"]

Choose = Callable[[str | None], Awaitable[tuple[Provider, str]]]
"""Returns the provider and its own name of a model; for None, of the default model."""

Defaults = Callable[[Spec], Mapping[str, Any]]
"""Returns the options that the user has set for all questions to a provider."""


Window = Callable[[Provider, ChatRequest, bool], Awaitable[int | None]]
"""Returns how many tokens a model reads with a request; None if that is not known.

The last argument is whether the provider's server may be asked.
"""


async def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ChatServices:
    """The services that a question passes through.

    `choose` finds the model that answers, `defaults` returns the user's options,
    `window` how many tokens the model reads, `store` writes the turn, `engine` runs it.
    `name_seeing` names a model that sees images, for a question to one that does not.
    `memory` returns what a new conversation has to remember, "" for nothing. `naming`
    returns the model that names new conversations: "" for the conversation's own, None
    if they are named by their questions.
    """

    store: ChatStore
    engine: Engine
    events: Events
    jobs: JobRunner
    choose: Choose
    defaults: Defaults
    window: Window
    name_seeing: NameSeeing = lambda _: None
    memory: Callable[[], Awaitable[str]] = _nothing
    naming: Callable[[], str | None] = lambda: None

    async def readable(
        self, built: Built, provider: Provider, *, ask: bool = True
    ) -> Built:
        """Return what was built with a request that its model can read.

        Without `ask`, no server is asked what that is.

        Raises:
            ParllamaError: there is none, or the attachments cannot be read.

        """
        return await readable(
            built, provider, self.name_seeing, self.store.filled, ask=ask
        )
