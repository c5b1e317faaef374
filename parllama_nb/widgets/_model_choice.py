"""Which models a view can offer, told as their providers answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ParllamaError
from ..providers.base import Spec
from ._protocol_chat import ModelEntry, ModelGroup

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["ModelChoice"]

# Seconds after which a provider that does not answer is not waited for any more.
_PATIENCE = 20.0


class ModelChoice:
    """Asks each provider on its own, so that a slow or dead one holds up no other.

    Only those are asked that could answer: local ones, and those that have their key.
    `tell` gets each group when it is known. On the service loop.
    """

    def __init__(self, app: Parllama, tell: Callable[[ModelGroup], None]) -> None:
        self._app = app
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def groups(self, *, refresh: bool = False) -> list[ModelGroup]:
        """What is known now; the rest is asked for, or all of it with `refresh`."""
        registry = self._app.providers
        found = []
        for name in registry.names():
            spec = registry.spec(name)
            if not self._usable(spec):
                continue
            if (refresh or name not in registry.listed) and name not in self._tasks:
                self._ask(name)
            found.append(self._group(spec))
        return found

    def window(self, model: str | None) -> int | None:
        """The context of a model in tokens, where its provider has told it."""
        if model is None or "/" not in model:
            return None
        models = self._app.providers.listed.get(model.partition("/")[0], [])
        return next((each.context_window for each in models if each.id == model), None)

    def learn(self, model: str) -> None:
        """Ask the provider of a model, once, for what it knows of it."""
        name = model.partition("/")[0]
        if name not in self._app.providers.listed and name not in self._tasks:
            self._ask(name)

    def close(self) -> None:
        """Wait for nobody any more."""
        for task in [*self._tasks.values()]:
            task.cancel()

    def _ask(self, name: str) -> None:
        task = asyncio.ensure_future(self._listed(name))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _listed(self, name: str) -> None:
        registry = self._app.providers
        problem = ""
        try:
            async with asyncio.timeout(_PATIENCE):
                await registry.list_models(name)
        except TimeoutError:
            problem = "It does not answer."
        except ParllamaError as error:
            problem = self._app.redact(error.message)
        if name not in registry.listed:
            problem = problem or "It cannot be reached."
        group = self._group(registry.spec(name))
        self._tell(group.model_copy(update={"listing": False, "problem": problem}))

    def _group(self, spec: Spec) -> ModelGroup:
        models = self._app.providers.listed.get(spec.name, [])
        return ModelGroup(
            provider=spec.name,
            title=spec.title,
            local=spec.local,
            listing=spec.name in self._tasks,
            models=[
                ModelEntry(
                    id=model.id,
                    context_window=model.context_window,
                    capabilities=sorted(model.capabilities or ()),
                )
                for model in models
            ],
        )

    def _usable(self, spec: Spec) -> bool:
        if spec.key != "required":
            # A provider elsewhere that wants no key is asked where it has an address.
            return spec.local or any(
                map(self._app.providers.context.environ, spec.url_env)
            )
        return any(self._app.secret(name) is not None for name in spec.key_env)
