"""The view of the providers: who is on, where, with whose key, and whether it works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...commands import COMMANDS
from ...commands.provider_state import NO_KEY, ProviderState, has_address, state_of
from ...errors import ParllamaError
from ...events import MODELS, SETTINGS, Event
from ...model_catalog.listing import ModelList
from ...providers.base import Spec
from ...settings.keys import default, lookup
from ...settings.model import Settings
from .._base import Method, View, failure
from .._protocol import Failure
from ..settings.form import form
from ..settings.protocol import SetParams, SettingData
from .protocol import (
    LackData,
    ProviderData,
    ProviderNames,
    ProvidersData,
    ProvidersSnapshot,
    Tested,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["ProviderOptions"]

# Seconds between two looks at what nobody tells of: the file of the settings that
# another kernel writes, and variables that a cell sets.
_LOOK = 2.0


class ProviderOptions(View):
    """Shows the providers as they are, whoever changes them."""

    bundle_name = "providers"
    without_widgets = "The providers are listed by %parllama providers."

    def __init__(self, app: Parllama) -> None:
        self._tasks: list[asyncio.Task[Any]] = []
        self._told: dict[str, ProviderData] = {}
        self._told_problem: Failure | None = None
        super().__init__(app)
        self._deafen = [
            app.events.listen(source, self._hear) for source in (SETTINGS, MODELS)
        ]

    def methods(self) -> dict[str, Method]:
        """As of every view, and what changes and tests providers."""
        return {**super().methods(), "set": self._set, "test": self._test}

    def snapshot(self) -> ProvidersSnapshot:
        """All providers as they are now."""
        return ProvidersSnapshot(
            seq=self.seq,
            now=time.time(),
            providers=[*self._providers().values()],
            keys_belong=_keys_belong(),
            problem=self._problem(),
        )

    def close(self) -> None:
        """Close it, and hear no more of settings and models."""
        for remove in self._deafen:
            remove()
        self._soon(self._stop)
        super().close()

    async def _hello(self, params: dict[str, Any]) -> dict[str, Any]:
        # The lists of earlier kernels, and of others.
        await self._app.model_lists.known(self._app.providers.enabled())
        if not self._tasks:
            doings = (self._watch(), self._ask_local())
            self._tasks = [self._loop.create_task(doing) for doing in doings]
        # What is new to this page may be new to one that was here before.
        self._tell_changes()
        return await super()._hello(params)

    async def _ask_local(self) -> None:
        """See who runs on this machine; nobody else is asked unbidden."""
        providers = self._app.providers
        local = [name for name in providers.enabled() if providers.spec(name).local]
        await self._app.model_lists.get(local)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if self._shown > 0:
                # Looking at the file tells of its changes.
                await asyncio.to_thread(lambda: self._app.settings.current)
                self._tell_changes()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _hear(self, event: Event) -> None:
        del event
        self._tell_changes()

    def _tell_changes(self) -> None:
        found, problem = self._providers(), self._problem()
        changed = [each for name, each in found.items() if each != self._told.get(name)]
        if changed or problem != self._told_problem:
            self._told, self._told_problem = found, problem
            data = ProvidersData(now=time.time(), changed=changed, problem=problem)
            self.tell("providers", data)

    def _providers(self) -> dict[str, ProviderData]:
        app = self._app
        names, settings = app.providers.names(), app.settings.current
        lists = {each.provider: each for each in app.model_lists.at_hand()}
        states = {name: state_of(app, name) for name in names}
        groups = form(
            Settings.model_json_schema(),
            {name: state.spec.title for name, state in states.items()},
            lambda key: lookup(settings, key),
            default,
            without={
                f"providers.{name}.{field}"
                for name, state in states.items()
                for field in _without(state.spec)
            },
        )
        own = {group.name: group.settings for group in groups}
        return {
            name: self._data(
                state,
                lists.get(name) or ModelList(name),
                [
                    _described(each, state, settings)
                    for each in own[f"providers.{name}"]
                ],
            )
            for name, state in states.items()
        }

    def _data(
        self, state: ProviderState, listed: ModelList, settings: list[SettingData]
    ) -> ProviderData:
        spec, redact = state.spec, self._app.redact
        failed: Failure | None = None
        if listed.failure and not state.lacks:
            hint = redact(listed.hint) or None
            failed = Failure(
                code=listed.code, message=redact(listed.failure), hint=hint
            )
        return ProviderData(
            name=spec.name,
            title=spec.title,
            local=spec.local,
            enabled=state.enabled,
            address=state.address,
            source=state.source,
            key=_key(state),
            key_names=[] if spec.key == "none" else [*spec.key_env],
            keys_url=spec.keys_url,
            lacks=[LackData(**asdict(each)) for each in state.lacks],
            models=len(listed.models),
            listed=listed.fetched,
            failure=failed,
            settings=settings,
        )

    def _problem(self) -> Failure | None:
        state = self._app.settings.state
        if not state.problem:
            return None
        error = ParllamaError(state.problem, hint=state.remedy or None)
        return failure(error, self._app.redact)

    async def _set(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = SetParams.model_validate(params)
        update = self._app.settings.update
        # It waits for the disk, and for other kernels that write; the loop does not.
        await asyncio.to_thread(update, {wanted.key: wanted.value})
        return {"value": self._app.settings.value(wanted.key)}

    async def _test(self, params: dict[str, Any]) -> dict[str, Any]:
        names = ProviderNames.model_validate(params).providers
        begun = time.monotonic()
        await self._app.model_lists.get(names, refresh=True)
        # A list that is as it was is no event that changes anything but its age.
        self._tell_changes()
        return Tested(seconds=round(time.monotonic() - begun, 1)).model_dump()


def _without(spec: Spec) -> Iterator[str]:
    """The settings that stand in no form: whether it is on is a switch of its own."""
    yield "enabled"
    if not has_address(spec):
        yield "base_url"
    if spec.local:
        yield "cache_hours"  # its list is never taken for new


def _key(state: ProviderState) -> str:
    """Where a key is from; never the key."""
    spec = state.spec
    if state.key_name:
        return f"{state.key_name}, from the {state.key_source}"
    if spec.key == "none" or not spec.key_env:
        return (
            "It makes its own." if spec.wire == "embedded" else "Those of its models."
        )
    lacks = any(lack.what == NO_KEY for lack in state.lacks)
    return "None." if lacks else "None, and none is needed."


def _described(
    setting: SettingData, state: ProviderState, settings: Settings
) -> SettingData:
    """A setting that says what holds where nothing is chosen."""
    spec, usual = state.spec, settings.timeouts
    holds = {
        "cache_hours": f"{spec.cache_hours:g}",
        "connect_timeout": f"{usual.connect:g}",
        "first_token_timeout": f"{usual.first_token:g}",
        "stall_timeout": f"{usual.stall:g}",
    }
    name = setting.key.rpartition(".")[2]
    about = setting.description.partition(" Empty:")[0]
    if name == "base_url":
        names = " or ".join(spec.url_env)
        holds[name] = f"from {names}" if names else ""
        holds[name] += f", else {spec.base_url}" if spec.base_url else ""
    return setting.model_copy(
        update={"description": f"{about} Empty: {holds[name].removeprefix(', else ')}."}
    )


def _keys_belong() -> str:
    """Where a key is to be put."""
    if "vault" in COMMANDS:
        return "Keys belong in the vault (%parllama vault set NAME) or the environment."
    return "Keys belong in the environment that Jupyter is started in."
