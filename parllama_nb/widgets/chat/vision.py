"""Whether a chat's model can be shown images, which a server may have to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import ParllamaError

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["Vision"]


class Vision:
    """Finds out whether models see images. On the service loop.

    `tell` is called when more is known.
    """

    def __init__(self, app: Parllama, tell: Callable[[], None]) -> None:
        self._app = app
        self._tell = tell
        self._known: dict[str, bool | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def sees(self, model: str | None) -> bool | None:
        """Return whether a model sees; None if that is not known, or not yet."""
        if model is None:
            return None
        if model not in self._known:
            self._known[model] = None
            task = asyncio.get_running_loop().create_task(self._find(model))
            # The loop itself keeps no task alive.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._known[model]

    async def _find(self, model: str) -> None:
        try:
            abilities = await self._app.abilities(model)
        except ParllamaError:
            # It is looked for again with the next image.
            del self._known[model]
            return
        self._known[model] = abilities.get("vision")
        if self._known[model] is not None:
            self._tell()
