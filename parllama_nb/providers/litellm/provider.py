"""Providers that litellm speaks to: Bedrock, and all that have no wire of ours.

litellm runs in a process of its own, started with the first question; what comes back
from there is plain values.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
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
from ...secret import Redactor
from ..accounting import note_sent
from ..address import base_url, hints
from ..base import Provider, ProviderContext
from ..http.endpoint import Endpoint, FailedCall
from ..http.network import network_fault
from ..http.stream_errors import SilentError
from ..keys import refused_hint
from ..messages import (
    ChatRequest,
    Finish,
    FinishReason,
    StreamEvent,
    ThinkingDelta,
    Usage,
)
from ..single_flight import Report, Shared
from ..spec import ModelInfo, Spec
from ..thinking import ThinkingSplitter
from ..token_counts import count_of
from ..wire_preview import WirePreview, wire_preview
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
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "AWS_PROFILE",
)

_BEYOND = 30.0
"""Seconds that litellm's own limit is longer than ours, so that ours ends first."""


class LiteLLMWire(Provider):
    """A provider that litellm speaks to.

    The spec `litellm` names models as litellm does, by provider and model; every other
    spec of this wire is one of litellm's providers, under the same name.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._process: LiteLLMProcess | None = None
        self._starts: Shared[LiteLLMProcess] = Shared()

    async def models(self) -> list[ModelInfo]:
        """Return Bedrock's models as AWS lists them; else those in litellm's table."""
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
        """Answer a request: deltas as they arrive, then exactly one `Finish`."""
        process = await self._started(report)
        call, access, model = await self._addressed(process, request)
        replies = process.ask("chat", **self._values(request, access, model))
        splitter, begun = ThinkingSplitter(), False
        async with aclosing(replies):
            while True:
                kind, value = await self._next(replies, call, begun=begun)
                if kind == "failure":
                    failure = self._failure(value, replace(call, begun=begun))
                    # A server may echo the key, and a traceback may show its locals.
                    value = None
                    raise failure
                if kind == "end":
                    break
                if kind == "sent":
                    note_sent(*value)
                    continue
                begun = True
                if kind == "thinking":
                    splitter.come_apart()
                    yield ThinkingDelta(value)
                else:
                    for event in splitter.feed(value):
                        yield event
        for event in splitter.end():
            yield event
        if value["reason"] is None:
            raise _broken_off(call, begun=begun)
        yield _finish(value)

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what litellm would send, recorded where it would send it.

        Starts litellm's process, if it does not run. What litellm would fetch over the
        network for the request, such as a token, is not fetched.

        Raises:
            ParllamaError: as of `stream`, before anything is sent.

        """
        process = await self._started(lambda _: None)
        call, access, model = await self._addressed(process, request)
        kind, value = await process.result(
            "preview", **self._values(request, access, model)
        )
        if kind == "failure":
            failure = mapped(value, call)
            value = None  # as in `stream`
            raise failure
        return _recorded(value, arguments_of(request, model), self.context.redact)

    async def _addressed(
        self, process: LiteLLMProcess, request: ChatRequest
    ) -> tuple[FailedCall, Access, str]:
        """Return what errors say of a request, how to reach its provider, its model."""
        await self.context.prices.warm()
        model = self._model(request.model)
        access, maker = await self._access(process, model)
        return self._call(request.model, access, maker), access, model

    def _values(
        self, request: ChatRequest, access: Access, model: str
    ) -> dict[str, object]:
        """Return what the child is sent of a request, its keys among it."""
        limits = self.options.timeouts
        return {
            "arguments": arguments_of(request, model) | access.reveal(),
            "limit": max(limits.first_token, limits.stall) + _BEYOND,
            "connect": limits.connect,
        }

    async def prepare(
        self,
        model: str,
        report: Callable[[Progress], None],
    ) -> None:
        """Load litellm, and check that there is a key; asks no server."""
        process = await self._started(report)
        await self.context.prices.warm()
        await self._access(process, self._model(model))

    async def load(self) -> None:
        """Load litellm if it lists the models; its own table is a file."""
        if self.spec.name == "bedrock":
            await self.warm()

    async def warm(self) -> None:
        """Load litellm."""
        with contextlib.suppress(ParllamaError):
            await self._started(lambda _: None)

    async def aclose(self) -> None:
        """End the process."""
        await self._starts.aclose()
        process, self._process = self._process, None
        if process is not None:
            await process.aclose()

    def _model(self, name: str) -> str:
        """Return litellm's name of a model."""
        if self.spec.name == "litellm":
            return name
        # For a model that is not in its table litellm would use an older API.
        unknown = self.context.prices.facts(self.spec.name, name) is None
        way = "converse/" if unknown and "/" not in name else ""
        return f"{self.spec.name}/{way}{name}"

    async def _started(self, report: Report) -> LiteLLMProcess:
        """Return the running process; many questions at once start it once."""
        if self._process is not None and self._process.alive:
            return self._process
        return await self._starts.run("litellm", self._start, report)

    async def _start(self, report: Report) -> LiteLLMProcess:
        report(Progress("Loading litellm"))
        self._process = await LiteLLMProcess.start(self.context.redact)
        return self._process

    async def _access(self, process: LiteLLMProcess, model: str) -> tuple[Access, str]:
        kind, value = await process.result("fields", model=model)
        if kind == "failure":
            raise mapped(value, self._call(model, Access({}, {}), ""))
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

    def _call(self, model: str, access: Access, maker: str) -> FailedCall:
        """Return what errors say of a request."""
        keys, found = tuple(access.secrets.values()), hints(self.spec)
        names: tuple[str, ...] = tuple(key.name for key in keys)
        if names or self.spec.name == "bedrock":
            found["authentication"] = refused_hint(
                names or _AWS_KEYS,
                self.context,
                self.spec.keys_url,
                sent=bool(names),
            )
        label = self._label(maker) if maker else self.spec.title
        return FailedCall(
            Endpoint(label, "", self.context.redact, keys, found), model=model
        )

    def _failure(self, value: Mapping[str, Any], call: FailedCall) -> ProviderError:
        """Return the error for a failure, which may be the environment's."""
        fault = None
        if not (call.begun or value.get("status")):
            fault = network_fault(call.endpoint.label, call.endpoint.redact)
        return fault or mapped(value, call)

    async def _next(
        self,
        replies: AsyncGenerator[tuple[str, Any]],
        call: FailedCall,
        *,
        begun: bool,
    ) -> tuple[str, Any]:
        limits = self.options.timeouts
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limits.stall if begun else limits.first_token):
                return await anext(replies)
        # Raised here, so that it has no context.
        text = SilentError.in_answer(limits, begun=begun).text
        hint = "It may be overloaded; try again."
        raise call.make(ProviderTimeoutError, text, hint=hint)

    async def _bedrock_models(self) -> list[ModelInfo]:
        process = await self._started(lambda _: None)
        access, maker = await self._access(process, self._model("converse/any"))
        # The user's setting is the address of all that Bedrock does.
        default = self.context.environ("AWS_ENDPOINT_URL_BEDROCK")
        endpoint = self._chosen_address() if self.options.base_url else default
        kind, value = await process.result(
            "bedrock models", arguments=access.reveal() | {"endpoint": endpoint}
        )
        if kind == "failure":
            failure = mapped(value, self._call("", access, maker))
            value = None  # as in `stream`
            raise failure
        return [ModelInfo(self.spec.name, name) for name in dict.fromkeys(value)]


def _recorded(
    value: dict[str, Any], arguments: Mapping[str, Any], redact: Redactor
) -> WirePreview:
    """Return what the child has recorded; litellm's arguments, if it has nothing."""
    if value.get("known"):
        body = base64.b64decode(value["body"])
        return wire_preview(
            value["method"], value["url"], value["headers"], body, redact
        )
    doubt = (
        "litellm fetches a token over the network before it writes its request; these "
        "are the arguments that it is given."
    )
    body = json.dumps(arguments, ensure_ascii=False).encode()
    return WirePreview("", "", (), body, doubt)


def _broken_off(call: FailedCall, *, begun: bool) -> ProviderError:
    """Return the error for a stream that did not end as an answer does."""
    if begun:
        text, hint = "the answer is not complete.", "What had arrived is kept."
        return call.make(StreamInterruptedError, text, hint=hint)
    text = "its server answered with something that is not an answer."
    return call.make(InvalidResponseError, text, hint="Check the address.")


def _finish(value: Mapping[str, Any]) -> Finish:
    reason = _REASONS.get(value.get("reason") or "", "stop")
    counts = value.get("usage") or {}
    # A count of 0 means that nothing was counted.
    counted = {name: n for name in counts if (n := count_of(counts[name]))}
    return Finish(reason, Usage(**counted))
