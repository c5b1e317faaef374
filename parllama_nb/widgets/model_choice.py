"""Which models a view can offer, sent as their providers answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ParllamaError
from ..model_catalog.listing import ModelList
from ..providers.spec import ModelInfo, Spec
from .chat.protocol import ModelEntry, ModelGroup

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["ModelChoice"]


class ModelChoice:
    """Asks each provider by itself, so that a slow or dead one delays no other.

    Only local providers and those that have their key are asked. `tell` is called with
    each group once it is known. On the service loop.
    """

    def __init__(self, app: Parllama, tell: Callable[[ModelGroup], None]) -> None:
        self._app = app
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def groups(self, *, refresh: bool = False) -> list[ModelGroup]:
        """Return what is known now, and ask for the rest; with `refresh`, for all."""
        registry, known = self._app.providers, self._known()
        found = []
        for name in registry.enabled():
            if not self._usable(registry.spec(name)):
                continue
            if (refresh or name not in known) and name not in self._tasks:
                self._ask(name, refresh=refresh)
            found.append(self._group(name, known.get(name)))
        return found

    def info(self, model: str | None) -> ModelInfo | None:
        """Return a model as its provider lists it, or None if it is not known."""
        if model is None or "/" not in model:
            return None
        found = self._known().get(model.partition("/")[0])
        models = found.models if found is not None else ()
        return next((each for each in models if each.id == model), None)

    def spec(self, model: str | None) -> Spec | None:
        """Return the provider of a model, or None if there is none of that name."""
        if model is None or "/" not in model:
            return None
        try:
            return self._app.providers.spec(model.partition("/")[0])
        except ParllamaError:
            return None

    def learn(self, model: str) -> None:
        """Ask the provider of a model for its models, unless they are known."""
        name = model.partition("/")[0]
        if name not in self._known() and name not in self._tasks:
            self._ask(name)

    def close(self) -> None:
        """Cancel what is still being asked."""
        for task in [*self._tasks.values()]:
            task.cancel()

    def _known(self) -> dict[str, ModelList]:
        return {each.provider: each for each in self._app.model_lists.at_hand()}

    def _ask(self, name: str, *, refresh: bool = False) -> None:
        task = asyncio.ensure_future(self._listed(name, refresh=refresh))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _listed(self, name: str, *, refresh: bool) -> None:
        found, problem = None, ""
        try:
            (found,) = await self._app.model_lists.get([name], refresh=refresh)
        except ParllamaError as error:
            problem = self._app.redact(error.message)
        group = self._group(name, found)
        problem = problem or group.problem
        if not problem and not group.models:
            problem = "It has no models."
        self._tell(group.model_copy(update={"listing": False, "problem": problem}))

    def _group(self, name: str, found: ModelList | None) -> ModelGroup:
        spec = self._app.providers.spec(name)
        return ModelGroup(
            provider=spec.name,
            title=spec.title,
            local=spec.local,
            listing=spec.name in self._tasks,
            problem=self._app.redact(found.missing or found.failure) if found else "",
            models=[
                ModelEntry(
                    id=model.id,
                    sent_to=str(model.extra.get("remote_host") or "") or None,
                    context_window=model.context_window,
                    capabilities=sorted(model.capabilities or ()),
                )
                for model in (found.models if found else ())
            ],
        )

    def _usable(self, spec: Spec) -> bool:
        if spec.key != "required":
            # A remote provider that needs no key is asked if it has an address.
            return spec.local or any(
                map(self._app.providers.context.environ, spec.url_env)
            )
        return not self._app.providers.key(spec.name).missing
