"""Lists of models: three of twelve providers are mute; one is off; one list is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from parllama_nb.errors import ProviderDisabledError
from parllama_nb.events import Events
from parllama_nb.model_catalog.cache import written
from parllama_nb.model_catalog.lists import ModelLists
from parllama_nb.plugins import PROVIDERS, Plugins
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.spec import ModelInfo, ProviderOptions, Spec
from parllama_nb.secret import Redactor, Secret
from parllama_nb.store.database import Store

from ..servers.openai_sse import OpenAIDouble
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_LIMIT = 5.0
"""Seconds a provider may take: the default of the setting."""

_ALL, _MUTE = 12, 3

_LONG = 400
"""Models of one list; OpenRouter has about as many."""

# What a kernel does that has just begun: no client is imported, no file is open.
_FRESH = """
import asyncio, json, sys, time
from pathlib import Path
from parllama_nb.application import Parllama
from parllama_nb.plugins import PROVIDERS
app = Parllama()
app.plugins.ignore_installed(PROVIDERS)
async def known():
    began = time.perf_counter()
    (found,) = await app.model_lists.known(["openrouter"])
    assert len(found.models) == 400, found
    return 1000 * (time.perf_counter() - began)
first = app.runtime.run(known())
again = [app.runtime.run(known()) for _ in range(20)]
# As a kernel does that has used the database for something else.
app.model_lists._lists.clear()
opened = app.runtime.run(known())
clients = len({"openai", "httpx", "pandas", "litellm"} & {*sys.modules})
print(json.dumps([first, opened, sorted(again)[10], clients]))
app.close()
"""


def measure(rig: Rig) -> Iterator[Figure]:
    with OpenAIDouble() as double:
        walls, floors, mute, off = [], [], 0, 0
        for number in rig.times(3, 1):
            path = rig.directory / f"lists-{number}.db"
            wall, floor, failed = asyncio.run(_refresh(double, path))
            walls.append(wall)
            floors.append(floor)
            mute = failed
            double.reset()
            asyncio.run(_refresh(double, path, enabled=False))
            off += len(double.requests)
    yield Figure(
        "12 providers, 3 of them mute: wall",
        "s",
        walls,
        {"one timeout": [_LIMIT], "9 that answer": floors},
        target=1.1 * _LIMIT,
        note=f"{mute} were given up.",
    )
    yield Figure("requests to providers that are off", "", [off], target=0)
    first, opened, again, clients = zip(*_kept(rig), strict=True)
    yield Figure(
        f"a kept list of {_LONG} models",
        "ms",
        opened,
        {"in memory": again, "the kernel's first, opening the file": first},
        target=5,
    )
    yield Figure("client libraries imported for it", "", clients, target=0)


async def _refresh(
    double: OpenAIDouble, path: Path, *, enabled: bool = True
) -> tuple[float, float, int]:
    """Seconds for all, seconds for those that answer, and how many did not."""
    names = [f"p{number}" for number in range(_ALL)]
    plugins = Plugins()
    plugins.ignore_installed(PROVIDERS)
    for name in names:
        spec = Spec(name, name, "openai", double.url, key_env=("K",))
        plugins.provide(PROVIDERS, name, spec)
    mute = dict.fromkeys(names[:_MUTE], double.mute)
    context = ProviderContext(
        secret=lambda name: Secret(name, "k-bench"),
        redact=Redactor(),
        environ=lambda _: None,
        cache_dir=lambda: str(path.parent),
        options=lambda name: ProviderOptions(
            enabled=enabled and name in names, base_url=mute.get(name, "")
        ),
    )
    store = Store(lambda: path)
    registry = Registry(context, plugins)
    lists = ModelLists(registry, store, Events(), limit=lambda: _LIMIT)
    try:
        if not enabled:
            assert await lists.get(refresh=True) == []
            for name in names:
                with contextlib.suppress(ProviderDisabledError):
                    await lists.get([name], refresh=True)
            return 0.0, 0.0, 0
        began = time.perf_counter()
        await lists.get(names[_MUTE:], refresh=True)
        answered = time.perf_counter() - began
        began = time.perf_counter()
        found = await lists.get(names, refresh=True)
        wall = time.perf_counter() - began
        return wall, answered, sum(bool(each.failure) for each in found)
    finally:
        await registry.aclose()
        store.close()


def _kept(rig: Rig) -> Iterator[list[float]]:
    """Milliseconds to a kept list in kernels that have just begun."""

    models = [
        ModelInfo(
            "openrouter",
            f"maker-{number % 40}/model-{number}-instruct",
            context_window=128_000,
            modified="2026-01-02T03:04:05+00:00",
            capabilities=frozenset({"tools", "vision"}),
            input_price=0.25,
            output_price=1.25,
        )
        for number in range(_LONG)
    ]
    url = "https://openrouter.ai/api/v1"
    row = ("openrouter", url, time.time(), written(models))
    for _ in rig.times(7, 3):
        environment = rig.environment()
        data = Path(environment["PARLLAMA_NB_HOME"]) / "data"
        data.mkdir(parents=True)
        store = Store(lambda data=data: data / "parllama.db")
        store.call(
            lambda c: c.execute("INSERT INTO model_list VALUES (?, ?, ?, ?)", row)
        ).result()
        store.close()
        done = subprocess.run(
            [sys.executable, "-c", _FRESH],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        yield json.loads(done.stdout)
