"""The life of models against a hub on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from parllama_nb.local_models.embedded.models import EmbeddedModels
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.embedded import EmbeddedProvider
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.providers.spec import ProviderOptions, Timeouts
from parllama_nb.secret import Redactor, Secret
from tests.providers.embedded.model import cache_of_tests
from tests.servers.hub import FileStore, HubDouble

TOKEN = "hf_s3ntinel-0f-the-test"
FAST = RetryPolicy(retries=2, backoff=0.01)


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so; fail if it does not become so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def _servers() -> Iterator[HubDouble]:
    with FileStore() as store, HubDouble(store) as hub:
        yield hub


@pytest.fixture
def hub(_servers: HubDouble) -> Iterator[HubDouble]:
    _servers.reset()
    _servers.store.reset()
    yield _servers
    _servers.store.go_on.set()


@pytest.fixture
def store(hub: HubDouble) -> FileStore:
    return hub.store


@pytest.fixture
async def make(
    hub: HubDouble, home: Path
) -> AsyncIterator[Callable[..., EmbeddedModels]]:
    """Makes models of engines of their own, as two kernels have them."""
    made: list[tuple[EmbeddedModels, EmbeddedProvider]] = []

    def build(
        token: str = "",
        *,
        stall: float = 30.0,
        cache_dir: str = "",
        policy: RetryPolicy = FAST,
    ) -> EmbeddedModels:
        redact = Redactor()

        def secret(name: str) -> Secret | None:
            known = token and name == "HF_TOKEN"
            return redact.add(Secret(name, token)) if known else None

        context = ProviderContext(
            secret=secret,
            redact=redact,
            environ={**os.environ, "HF_ENDPOINT": hub.root}.get,
            cache_dir=lambda: cache_dir or cache_of_tests(),
            options=lambda _: ProviderOptions(timeouts=Timeouts(stall=stall)),
        )
        provider = EmbeddedProvider(SPECS["embedded"], context)
        models = EmbeddedModels(lambda: provider, policy)
        made.append((models, provider))
        return models

    yield build
    for models, provider in made:
        await models.aclose()
        await provider.aclose()


@pytest.fixture
def models(make: Callable[..., EmbeddedModels]) -> EmbeddedModels:
    return make()
