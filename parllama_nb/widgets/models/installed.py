"""The rows of the models that are installed, and how they change."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...errors import ParllamaError
from ...events import MODELS, Event, ModelsListed
from ...local_models import EMBEDDED, OLLAMA
from ...model_catalog.listing import ModelList
from .protocol import ListState, ModelRow, ModelsData
from .wire import list_state, model_row

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["LOCAL", "Installed"]

LOCAL = (OLLAMA, EMBEDDED)
"""The providers whose models live on this machine."""


class Installed:
    """Knows what was told of the lists, and tells what has changed since.

    On the service loop.
    """

    def __init__(self, app: Parllama, tell: Callable[[ModelsData], None]) -> None:
        self._app = app
        self._tell = tell
        self._told: dict[str, ModelRow] = {}
        self._told_lists: list[ListState] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unlisten = app.events.listen(MODELS, self._hear)

    def now(self) -> tuple[list[ModelRow], list[ListState]]:
        """Return all rows, and how the lists stand."""
        at_hand = {each.provider: each for each in self._app.model_lists.at_hand()}
        lists = [at_hand.get(name) or ModelList(name) for name in self._enabled()]
        rows = [model_row(info) for each in lists for info in each.models]
        states = [
            list_state(
                self._app.providers.spec(each.provider).title,
                each,
                self._app.redact,
                listing=each.provider in self._tasks,
            )
            for each in lists
        ]
        return rows, states

    def ask(self, *providers: str) -> None:
        """List the models of these providers anew, or of all local ones."""
        for name in providers or self._enabled():
            if name not in self._tasks and name in self._enabled():
                task = asyncio.ensure_future(self._list(name))
                self._tasks[name] = task
                task.add_done_callback(partial(self._listed, name))
        self.tell_changes()

    async def known(self) -> None:
        """Read the lists that earlier and other kernels have saved."""
        await self._app.model_lists.known(self._enabled())

    def tell_changes(self) -> None:
        """Tell what is not as it was told."""
        rows, lists = self.now()
        found = {row.id: row for row in rows}
        changed = [row for row in rows if row != self._told.get(row.id)]
        gone = [each for each in self._told if each not in found]
        if changed or gone or lists != self._told_lists:
            self._told, self._told_lists = found, lists
            data = ModelsData(now=time.time(), changed=changed, gone=gone, lists=lists)
            self._tell(data)

    def close(self) -> None:
        """Stop listening and asking."""
        self._unlisten()
        for task in [*self._tasks.values()]:
            task.cancel()

    async def _list(self, name: str) -> None:
        # It may be switched off in the meantime.
        with contextlib.suppress(ParllamaError):
            await self._app.model_lists.get([name], refresh=True)

    def _listed(self, name: str, task: asyncio.Task[None]) -> None:
        del task
        self._tasks.pop(name, None)
        self.tell_changes()

    def _enabled(self) -> list[str]:
        enabled = self._app.providers.enabled()
        return [name for name in LOCAL if name in enabled]

    def _hear(self, event: Event) -> None:
        if isinstance(event, ModelsListed) and event.provider in LOCAL:
            self.tell_changes()
