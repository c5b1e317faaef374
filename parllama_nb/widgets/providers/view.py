"""The view of the providers: enabled or not, address, key, and a connection test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...commands import COMMANDS
from ...commands.provider_state import ProviderState, has_address, state_of
from ...errors import ParllamaError
from ...events import MODELS, SETTINGS, VAULT, Event
from ...model_catalog.listing import ModelList
from ...providers.spec import Spec
from ...settings.keys import default, lookup
from ...settings.model import Settings
from .._base import View, failure
from .._protocol import Failure
from .._requests import request
from ..settings.form import form
from ..settings.protocol import SetParams, SettingData, ValueData
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

# Seconds between two checks of what emits no events: the settings file that another
# kernel writes, and environment variables that a cell sets.
_LOOK = 2.0


class ProviderOptions(View[ProvidersSnapshot, ProvidersData]):
    """Shows the providers as they are, whatever changes them."""

    bundle_name = "providers"
    without_widgets = "%parllama providers lists the providers."

    def __init__(self, app: Parllama) -> None:
        self._tasks: list[asyncio.Task[Any]] = []
        self._sent: dict[str, ProviderData] = {}
        self._sent_problem: Failure | None = None
        self._sent_locked = False
        super().__init__(app)
        self._unlisten = [
            app.events.listen(source, self._hear)
            for source in (SETTINGS, MODELS, VAULT)
        ]

    def snapshot(self) -> ProvidersSnapshot:
        """Return all providers as they are now."""
        return ProvidersSnapshot(
            seq=self.seq,
            now=time.time(),
            providers=[*self._providers().values()],
            keys_belong=_keys_belong(),
            locked=self._locked(),
            problem=self._problem(),
        )

    def close(self) -> None:
        """Close the view and stop listening to what changes providers."""
        for remove in self._unlisten:
            remove()
        self._soon(self._stop)
        super().close()

    @request
    async def on_hello(self) -> ProvidersSnapshot:
        """Begin to watch the providers, and send everything."""
        # Also the lists that earlier and other kernels have saved.
        await self._app.model_lists.known(self._app.providers.enabled())
        if not self._tasks:
            works = (self._watch(), self._ask_local())
            self._tasks = [self._loop.create_task(work) for work in works]
        # What is new may be new to the pages that show this view already, too.
        self._tell_changes()
        return await super().on_hello()

    async def _ask_local(self) -> None:
        """List the models of local providers; others are only asked on request."""
        providers = self._app.providers
        local = [name for name in providers.enabled() if providers.spec(name).local]
        await self._app.model_lists.get(local)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if self._shown > 0:
                # Reading the file emits its changes.
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
        # After the keys were looked for, which unlocks a vault that needs nobody.
        locked = self._locked()
        changed = [each for name, each in found.items() if each != self._sent.get(name)]
        if changed or problem != self._sent_problem or locked != self._sent_locked:
            self._sent, self._sent_problem = found, problem
            self._sent_locked = locked
            data = ProvidersData(
                now=time.time(), changed=changed, locked=locked, problem=problem
            )
            self.tell(data)

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
            missing_key=next(iter(spec.key_env), "") if state.key.missing else "",
            keys_url=spec.keys_url,
            lacks=[LackData(**asdict(each)) for each in state.lacks],
            models=len(listed.models),
            listed=listed.fetched,
            failure=failed,
            settings=settings,
        )

    def _locked(self) -> bool:
        return self._app.keychain.standing()[0] == "locked"

    def _problem(self) -> Failure | None:
        state = self._app.settings.state
        if not state.problem:
            return None
        error = ParllamaError(state.problem, hint=state.remedy or None)
        return failure(error, self._app.redact)

    @request
    async def on_set(self, params: SetParams) -> ValueData:
        """Change a setting; it is in effect when the response comes."""
        update = self._app.settings.update
        # Writing may wait for the disk and for other kernels; the loop must not.
        await asyncio.to_thread(update, {params.key: params.value})
        return ValueData.model_validate({"value": self._app.settings.value(params.key)})

    @request
    async def on_test(self, params: ProviderNames) -> Tested:
        """Ask providers for their models; the response comes when all have answered."""
        begun = time.monotonic()
        await self._app.model_lists.get(params.providers, refresh=True)
        # An unchanged list emits nothing, but its age has changed.
        self._tell_changes()
        return Tested(seconds=round(time.monotonic() - begun, 1))


def _without(spec: Spec) -> Iterator[str]:
    """Yield the settings that are not in the form."""
    # The view has a switch for it.
    yield "enabled"
    if not has_address(spec):
        yield "base_url"
    if spec.local:
        yield "cache_hours"  # its list is never taken for new


def _key(state: ProviderState) -> str:
    """Return where a key comes from; never the key."""
    spec = state.spec
    if state.key.secret:
        return f"{state.key.name}, from the {state.key.source}"
    if spec.wire == "litellm" and not spec.key_env:
        return "Each of the services behind it has its own."
    return "Missing." if state.key.missing else "Not needed."


def _described(
    setting: SettingData, state: ProviderState, settings: Settings
) -> SettingData:
    """Return a setting whose description ends with its default."""
    spec, usual = state.spec, settings.timeouts
    holds = {
        "cache_hours": f"{spec.cache_hours:g}",
        "connect_timeout": f"{usual.connect:g}",
        "first_token_timeout": f"{usual.first_token:g}",
        "stall_timeout": f"{usual.stall:g}",
    }
    name = setting.key.rpartition(".")[2]
    # The general description of a default is replaced by this provider's.
    about = setting.description.partition(". ")[0].removesuffix(".")
    if name == "base_url":
        ways = [*spec.url_env, *filter(None, [spec.base_url])]
        holds[name] = ", else ".join(ways)
    return setting.model_copy(
        update={"description": f"{about}. Default: {holds[name]}."}
    )


def _keys_belong() -> str:
    """Return where keys are kept, in words."""
    if "vault" in COMMANDS:
        return "Keys are kept in the vault, or in the environment, which comes first."
    return "Keys are kept in the environment in which Jupyter is started."
