"""Providers that litellm speaks to: Bedrock, and all that have no wire of ours.

litellm runs in a process of its own, started with the first question; what comes back
from there is plain values.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from ...errors import (
    InvalidResponseError,
    ParllamaError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ...events import Progress
from ..address import base_url, hints
from ..base import ModelInfo, Provider, ProviderContext, Spec
from ..messages import (
    ChatRequest,
    Finish,
    FinishReason,
    StreamEvent,
    ThinkingDelta,
    Usage,
)
from ..openai.stream import ThinkingSplitter
from .endpoint import Asked
from .errors import mapped
from .process import LiteLLMProcess
from .request import Access, access_to, arguments_of

__all__ = ["LiteLLMWire"]

_ENDPOINT = "aws_bedrock_runtime_endpoint"
"""litellm's argument for the address of Bedrock."""

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "content_filter": "content_filter",
    "guardrail_intervened": "content_filter",
}

_AWS_KEYS = (
    "Set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
    "AWS_PROFILE."
)

_BEYOND = 30.0
"""Seconds that litellm's own limit is longer than ours: ours speaks first."""


class LiteLLMWire(Provider):
    """A provider that litellm speaks to.

    `litellm` takes models as litellm names them, a provider and a model; every other
    spec of this wire is one of litellm's providers by its own name.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._process: LiteLLMProcess | None = None
        self._starting: asyncio.Task[LiteLLMProcess] | None = None

    async def models(self) -> list[ModelInfo]:
        """Bedrock's as AWS lists them; else the chat models in litellm's table."""
        if self.spec.name == "bedrock":
            return await self._bedrock_models()
        await self.context.prices.warm()
        return [
            ModelInfo(self.spec.name, facts.key)
            for facts in self.context.prices.models(self.spec.name)
        ]

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`."""
        process = await self._started(report)
        await self.context.prices.warm()
        model = self._model(request.model)
        access, maker = await self._access(process, model)
        asked = self._asked(request.model, access, maker)
        limits = self.options.timeouts
        said = process.ask(
            "chat",
            arguments=arguments_of(request, model) | access.reveal(),
            limit=max(limits.first_token, limits.stall) + _BEYOND,
            connect=limits.connect,
        )
        splitter, begun = ThinkingSplitter(), False
        async with aclosing(said):
            while True:
                kind, value = await self._next(said, begun=begun, label=asked.label)
                if kind == "failure":
                    failure = mapped(value, replace(asked, begun=begun))
                    # A server may echo the key, and a traceback may show its locals.
                    value = None
                    raise failure
                if kind == "end":
                    break
                begun = True
                if kind == "thinking":
                    yield ThinkingDelta(value)
                else:
                    for event in splitter.feed(value):
                        yield event
        for event in splitter.end():
            yield event
        if value["reason"] is None:
            raise _broken_off(asked.label, begun=begun)
        yield _finish(value)

    async def prepare(
        self,
        model: str,
        report: Callable[[Progress], None],
    ) -> None:
        """Load litellm, and see that there is a key; asks nothing of a server."""
        process = await self._started(report)
        await self.context.prices.warm()
        await self._access(process, self._model(model))

    async def load(self) -> None:
        """Load litellm for those whose models it asks for; its own table is a file."""
        if self.spec.name == "bedrock":
            await self.warm()

    async def warm(self) -> None:
        """Load litellm."""
        with contextlib.suppress(ParllamaError):
            await self._started(lambda _: None)

    async def aclose(self) -> None:
        """End the process."""
        starting, self._starting = self._starting, None
        if starting is not None:
            starting.cancel()
            await asyncio.wait([starting])
            if not starting.cancelled():
                starting.exception()
        process, self._process = self._process, None
        if process is not None:
            await process.aclose()

    def _model(self, name: str) -> str:
        """The model in litellm's words."""
        if self.spec.name == "litellm":
            return name
        # litellm would ask what it has never heard of in the old way of one maker.
        unheard = self.context.prices.facts(self.spec.name, name) is None
        way = "converse/" if unheard and "/" not in name else ""
        return f"{self.spec.name}/{way}{name}"

    async def _started(self, report: Callable[[Progress], None]) -> LiteLLMProcess:
        """The running process; many questions at once start it once."""
        if self._process is not None and self._process.alive:
            return self._process
        report(Progress("Loading litellm"))
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        # A question that is stopped meanwhile leaves it to the next one.
        return await asyncio.shield(self._starting)

    async def _start(self) -> LiteLLMProcess:
        try:
            self._process = await LiteLLMProcess.start(self.context.redact)
        finally:
            self._starting = None
        return self._process

    async def _access(self, process: LiteLLMProcess, model: str) -> tuple[Access, str]:
        kind, value = await process.result("fields", model=model)
        if kind == "failure":
            raise mapped(value, self._asked(model, Access({}, {}), ""))
        maker = value["provider"]
        access = access_to(
            value["fields"],
            self.context,
            self._label(maker),
            keys_url=self.spec.keys_url,
        )
        if self.options.base_url:
            plain = {**access.plain, _ENDPOINT: self._chosen_address()}
            access = replace(access, plain=plain)
        return access, maker

    def _chosen_address(self) -> str:
        return base_url(self.spec, self.context.environ, self.options.base_url)

    def _label(self, maker: str) -> str:
        return f"LiteLLM ({maker})" if self.spec.name == "litellm" else self.spec.title

    def _asked(self, model: str, access: Access, maker: str) -> Asked:
        given = hints(self.spec)
        names = " or ".join(secret.name for secret in access.secrets.values())
        if names:
            where = f" Keys: {self.spec.keys_url}" if self.spec.keys_url else ""
            given["authentication"] = f"Check {names}.{where}"
        elif self.spec.name == "bedrock":
            given["authentication"] = _AWS_KEYS
        return Asked(
            label=self._label(maker) if maker else self.spec.title,
            redact=self.context.redact,
            keys=tuple(access.secrets.values()),
            model=model,
            hints=given,
        )

    async def _next(
        self,
        said: AsyncGenerator[tuple[str, Any]],
        *,
        begun: bool,
        label: str,
    ) -> tuple[str, Any]:
        limits = self.options.timeouts
        seconds = limits.stall if begun else limits.first_token
        silent = False
        try:
            async with asyncio.timeout(seconds):
                return await anext(said)
        except TimeoutError:
            silent = True
        assert silent  # noqa: S101 - raised here, so that it has no context
        missing = "further token" if begun else "first token"
        message = f"{label}: no {missing} within {seconds:g} s."
        raise ProviderTimeoutError(message, hint="It may be overloaded; try again.")

    async def _bedrock_models(self) -> list[ModelInfo]:
        process = await self._started(lambda _: None)
        access, maker = await self._access(process, self._model("converse/any"))
        # What the user has chosen is the address of all that Bedrock does.
        usual = self.context.environ("AWS_ENDPOINT_URL_BEDROCK")
        endpoint = self._chosen_address() if self.options.base_url else usual
        kind, value = await process.result(
            "bedrock models", arguments=access.reveal() | {"endpoint": endpoint}
        )
        if kind == "failure":
            failure = mapped(value, self._asked("", access, maker))
            value = None  # as in `stream`
            raise failure
        return [ModelInfo(self.spec.name, name) for name in dict.fromkeys(value)]


def _broken_off(label: str, *, begun: bool) -> ProviderError:
    """An answer whose end the server did not tell."""
    if begun:
        message = f"{label}: the answer ended without an end."
        return StreamInterruptedError(message, hint="What had come is kept.")
    message = f"{label}: its server answered with what is no answer."
    return InvalidResponseError(message, hint="Check the address.")


def _finish(value: Mapping[str, Any]) -> Finish:
    reason = _REASONS.get(value.get("reason") or "", "stop")
    counts = value.get("usage") or {}
    # 0 tokens of a cache are none that were counted.
    counted = {name: n for name, n in counts.items() if isinstance(n, int) and n > 0}
    return Finish(reason, Usage(**counted))
