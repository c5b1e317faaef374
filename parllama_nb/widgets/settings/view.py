"""The view of the settings: a form that takes effect as it is filled in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import ParllamaError
from ...events import SETTINGS, Event, SettingsChanged
from ...settings.keys import default, lookup
from ...settings.model import Settings
from .._base import Method, View, failure
from .._protocol import Failure
from .form import form
from .protocol import (
    ResetParams,
    SetParams,
    SettingsData,
    SettingsGroup,
    SettingsSnapshot,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["SettingsView"]

# Seconds between two looks at the file while somebody sees the form.
_LOOK = 2.0


class SettingsView(View):
    """Shows the user's settings, those changed by commands and other kernels too."""

    bundle_name = "settings"
    without_widgets = "The settings are listed by %parllama settings."

    def __init__(self, app: Parllama) -> None:
        self._watching: asyncio.Task[None] | None = None
        super().__init__(app)
        self._deafen = app.events.listen(SETTINGS, self._hear)

    def methods(self) -> dict[str, Method]:
        """As of every view, and what changes settings."""
        return {**super().methods(), "set": self._set, "reset": self._reset}

    def snapshot(self) -> SettingsSnapshot:
        """All settings as they are now."""
        path = self._app.settings.state.path
        return SettingsSnapshot(
            seq=self.seq,
            groups=self._groups(),
            path=str(path) if path else "",
            problem=self._problem(),
        )

    def close(self) -> None:
        """Close it, and hear no more of the settings."""
        self._deafen()
        self._soon(self._stop_watching)
        super().close()

    async def _hello(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._watching is None:
            self._watching = self._loop.create_task(self._watch())
        return await super()._hello(params)

    async def _watch(self) -> None:
        """Notice what other kernels change; looking at the file tells of it."""
        while True:
            await asyncio.sleep(_LOOK)
            if self._shown > 0:
                await asyncio.to_thread(lambda: self._app.settings.current)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def _groups(self) -> list[SettingsGroup]:
        settings = self._app.settings.current
        # Those of the providers are where the providers are.
        return form(
            Settings.model_json_schema(),
            {},
            lambda key: lookup(settings, key),
            default,
        )

    def _problem(self) -> Failure | None:
        state = self._app.settings.state
        if not state.problem:
            return None
        error = ParllamaError(state.problem, hint=state.remedy or None)
        return failure(error, self._app.redact)

    def _hear(self, event: Event) -> None:
        if isinstance(event, SettingsChanged):
            settings = self._app.settings.current
            values: dict[str, Any] = {key: lookup(settings, key) for key in event.keys}
            self.tell("settings", SettingsData(values=values, problem=self._problem()))

    async def _set(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = SetParams.model_validate(params)
        update = self._app.settings.update
        await self._written(lambda: update({wanted.key: wanted.value}))
        return {"value": self._app.settings.value(wanted.key)}

    async def _reset(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = ResetParams.model_validate(params)
        await self._written(lambda: self._app.settings.reset(*wanted.keys))
        return {}

    async def _written(self, change: Callable[[], object]) -> None:
        # It waits for the disk, and for other kernels that write; the loop does not.
        await asyncio.get_running_loop().run_in_executor(None, change)
