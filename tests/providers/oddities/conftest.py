"""Asks a real server what a script is the answer to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

import pytest

from parllama_nb.errors import ProviderError
from parllama_nb.plugins import Plugins
from parllama_nb.providers.base import Provider
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    Message,
    TextDelta,
    ThinkingDelta,
)
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.spec import Timeouts
from parllama_nb.testing import context
from tests.servers.scripted import Script, ScriptedDouble

from ..conftest import KEY
from .dialects import DIALECTS


@dataclass
class Got:
    """What came of a question."""

    text: str = ""
    thinking: str = ""
    finish: Finish | None = None
    error: ProviderError | None = None

    @property
    def counted(self) -> tuple[int | None, int | None]:
        """Its tokens, in and out."""
        assert self.finish, self.error
        return self.finish.usage.input_tokens, self.finish.usage.output_tokens


class Ask(Protocol):
    """Asks the provider of a dialect, streamed or `whole`; the script is the answer."""

    async def __call__(
        self,
        name: str,
        script: Script,
        *,
        timeouts: Timeouts | None = None,
        whole: bool = False,
    ) -> Got: ...


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedDouble]:
    with ScriptedDouble() as double:
        yield double


Connect = Callable[[str, Timeouts | None], Provider]


@pytest.fixture
async def connect(server: ScriptedDouble) -> AsyncIterator[Connect]:
    """Makes providers that are closed at the end."""
    server.reset()
    made: list[Provider] = []

    def make(name: str, timeouts: Timeouts | None) -> Provider:
        home = DIALECTS[name]
        given = context(
            {f"{home.provider.upper()}_API_KEY": KEY, "AZURE_OPENAI_API_KEY": KEY},
            {variable: server.root + path for variable, path in home.environ.items()},
            timeouts=timeouts,
        )
        made.append(Registry(given, Plugins()).get(home.provider))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


@pytest.fixture
def ask(server: ScriptedDouble, connect: Connect) -> Ask:
    """See `Ask`."""

    async def asked(
        name: str,
        script: Script,
        *,
        timeouts: Timeouts | None = None,
        whole: bool = False,
    ) -> Got:
        server.script = script
        provider = connect(name, timeouts)
        request = ChatRequest("m", (Message.of("user", "Hello?"),))
        got = Got()
        try:
            if whole:
                answer = await provider.complete(request)
                got.text, got.thinking = answer.text, answer.thinking
                got.finish = Finish(answer.reason, answer.usage)
                return got
            async with aclosing(provider.stream(request, lambda _: None)) as events:
                async for event in events:
                    if isinstance(event, Finish):
                        got.finish = event
                    elif isinstance(event, ThinkingDelta):
                        got.thinking += event.text
                    elif isinstance(event, TextDelta):
                        got.text += event.text
        except ProviderError as error:
            got.error = error
        return got

    return asked
