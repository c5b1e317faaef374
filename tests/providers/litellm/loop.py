"""litellm for tests: on one loop, for it takes seconds to load."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable
from typing import Any, TypeVar

from parllama_nb.errors import ParllamaError
from parllama_nb.providers.base import Provider
from parllama_nb.providers.messages import ChatRequest, Message, StreamEvent
from parllama_nb.runtime import Runtime
from parllama_nb.testing import ProviderConformance

__all__ = ["OneLoop", "events_of", "failure_of", "locals_of"]

T = TypeVar("T")


class OneLoop(ProviderConformance):
    """The suite, for a provider on the loop `runtime`, where its litellm runs."""

    runtime: Runtime

    def run(self, provider: Provider, awaitable: Awaitable[T]) -> T:
        async def scenario() -> T:
            async with asyncio.timeout(self.patience):
                return await awaitable

        return self.runtime.run(scenario())


async def events_of(
    provider: Provider, model: str, text: str = "One two three.", **options: Any
) -> list[StreamEvent]:
    """All events of an answer."""
    request = ChatRequest(model, (Message.of("user", text),), **options)
    return [event async for event in provider.stream(request, lambda _: None)]


async def failure_of(provider: Provider, model: str, **options: Any) -> ParllamaError:
    """The error of a request that fails."""
    try:
        events = await events_of(provider, model, **options)
    except ParllamaError as error:
        return error
    message = f"the request did not fail: {events}"
    raise AssertionError(message)


def locals_of(error: BaseException) -> str:
    """All that a traceback with locals would show of an error."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return "".join(repr(value) for frame in frames for value in frame.f_locals.values())
