"""What conversations and comparisons need of the rest of the house, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..events import Events
from ..jobs import Job, JobRunner
from ..providers.base import Provider
from ..providers.spec import Spec
from .engine import Engine
from .history.rows import NewTurn
from .history.store import ChatStore
from .history.writing import TurnWriter

__all__ = ["ChatServices", "Choose", "Defaults"]

Choose = Callable[[str | None], Awaitable[tuple[Provider, str]]]
"""Gives the provider and its own name of a model, or of the default one for None."""

Defaults = Callable[[Spec], Mapping[str, Any]]
"""Gives the options that the user has set for all questions to a provider."""


@dataclass(frozen=True, slots=True)
class ChatServices:
    """The services that a question passes through.

    `choose` finds the model that answers, `defaults` gives the user's options,
    `store` keeps the turn, `engine` runs it.
    """

    store: ChatStore
    engine: Engine
    events: Events
    jobs: JobRunner
    choose: Choose
    defaults: Defaults

    def begin(self, turn: NewTurn, job: Job[Any]) -> TurnWriter:
        """Begin to write a turn. If that fails, the job says so and goes on."""
        return self.store.begin(
            turn, lambda error: job.notice(f"Not kept on disk: {error.message}")
        )
