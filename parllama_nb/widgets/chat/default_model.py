"""Which model answers in a chat where none is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import ParllamaError
from .._base import failure
from .protocol import DefaultModel

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["DefaultFinder"]


class DefaultFinder:
    """Finds the default model, for which a server may have to be asked.

    Used on the service loop. `found` is what `tell` has sent, None at first.
    """

    def __init__(self, app: Parllama, tell: Callable[[DefaultModel], None]) -> None:
        self.found: DefaultModel | None = None
        self._app = app
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    @property
    def model(self) -> str | None:
        """The model, as far as it is known."""
        return None if self.found is None else self.found.model

    def find(self) -> None:
        """Find it, unless that is under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._find())

    async def _find(self) -> None:
        try:
            provider, model = await self._app.choose(None)
            found = DefaultModel(model=f"{provider.spec.name}/{model}")
        except ParllamaError as error:
            found = DefaultModel(error=failure(error, self._app.redact))
        if found != self.found:
            self.found = found
            self._tell(found)
