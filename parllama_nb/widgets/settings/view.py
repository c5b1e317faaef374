"""The view of the settings: a form that takes effect as it is filled in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import ParllamaError
from ...events import SETTINGS, Event, SettingsChanged
from ...settings.keys import default, lookup
from ...settings.model import Settings
from .._base import View, failure
from .._protocol import Failure
from .._requests import request
from ..chat.protocol import ModelGroup, ModelGroups, ModelsParams
from ..model_choice import ModelChoice
from .form import form
from .protocol import (
    ResetParams,
    SetParams,
    SettingsData,
    SettingsGroup,
    SettingsSnapshot,
    ValueData,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["SettingsView"]

# Seconds between two checks of the file while a page shows the form.
_LOOK = 2.0


class SettingsView(View[SettingsSnapshot, SettingsData | ModelGroup]):
    """Shows the user's settings, also when commands or other kernels change them."""

    bundle_name = "settings"
    without_widgets = "%parllama settings lists the settings."

    def __init__(self, app: Parllama) -> None:
        self._watching: asyncio.Task[None] | None = None
        self._models = ModelChoice(app, self.tell)
        super().__init__(app)
        self._unlisten = app.events.listen(SETTINGS, self._hear)

    def snapshot(self) -> SettingsSnapshot:
        """Return all settings as they are now."""
        path = self._app.settings.state.path
        return SettingsSnapshot(
            seq=self.seq,
            groups=self._groups(),
            path=str(path) if path else "",
            problem=self._problem(),
        )

    def close(self) -> None:
        """Close the view and stop listening to the settings."""
        self._unlisten()
        self._soon(self._stop_watching)
        self._models.close()
        super().close()

    @request
    async def on_hello(self) -> SettingsSnapshot:
        """Begin to watch the file, and send everything."""
        if self._watching is None:
            self._watching = self._loop.create_task(self._watch())
        return await super().on_hello()

    async def _watch(self) -> None:
        """Read the file now and then, which emits what other kernels have changed."""
        while True:
            await asyncio.sleep(_LOOK)
            if self._shown > 0:
                await asyncio.to_thread(lambda: self._app.settings.current)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def _groups(self) -> list[SettingsGroup]:
        settings = self._app.settings.current
        # The settings of providers are in the providers' view.
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
            self.tell(SettingsData(values=values, problem=self._problem()))

    @request
    async def on_set(self, params: SetParams) -> ValueData:
        """Change a setting; it is in effect when the response comes."""
        update = self._app.settings.update
        await self._written(lambda: update({params.key: params.value}))
        return ValueData.model_validate({"value": self._app.settings.value(params.key)})

    @request
    async def on_reset(self, params: ResetParams) -> None:
        """Give settings their defaults back."""
        await self._written(lambda: self._app.settings.reset(*params.keys))

    @request
    async def on_models(self, params: ModelsParams) -> ModelGroups:
        """List the models that can be the default, as far as they are known."""
        return ModelGroups(groups=self._models.groups(refresh=params.refresh))

    async def _written(self, change: Callable[[], object]) -> None:
        # Writing may wait for the disk and for other kernels; the loop must not.
        await asyncio.get_running_loop().run_in_executor(None, change)
