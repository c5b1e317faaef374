"""An app of a test's own, with providers that answer from scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, cast

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Call, Notebook
from parllama_nb.plugins import PROVIDERS
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.spec import Spec
from parllama_nb.testing import FakeProvider, Script

__all__ = ["own_app", "result_of", "scripted"]


@contextlib.contextmanager
def own_app() -> Iterator[Parllama]:
    """An app that is closed in the end, and knows no plugin of the machine."""
    app = Parllama()
    app.plugins.ignore_installed(PROVIDERS)
    try:
        yield app
    finally:
        app.close()


def scripted(
    app: Parllama,
    script: Script = ("Hello", " from", " a script."),
    *,
    name: str = "fake",
    models: Iterable[str] = ("scripted",),
    local: bool = False,
    kind: type[FakeProvider] = FakeProvider,
) -> FakeProvider:
    """Bring a scripted provider as a plugin would; gives the one the app uses."""
    names = tuple(models)

    class Brought(kind):  # type: ignore[valid-type, misc]
        spec = Spec(name, name.title(), "fake", key="none", local=local)

        def __init__(self, spec: Spec, context: ProviderContext) -> None:
            super().__init__(script, models=names, spec=spec, context=context)

    app.plugins.provide(PROVIDERS, name, Brought)
    return cast("FakeProvider", app.providers.get(name))


def result_of(
    app: Parllama,
    name: str,
    /,
    notebook: Notebook | None = None,
    listener: Any = None,
    **values: object,
) -> Any:
    """What a command gives, run as a job as the magics do."""
    command = COMMANDS[name]
    params = command.validated(values)
    job = app.jobs.start(
        name,
        lambda job: command.run(params, Call(app, notebook or Notebook("nb"), job)),
        listener=listener,
        listed=command.is_live(params),
    )
    return job.result()
